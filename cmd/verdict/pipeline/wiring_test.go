package pipeline

import (
	"slices"
	"testing"

	"verdict/cmd/verdict/config"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
)

// TestDefaultsAreTheRunners: the table repeats the runner's defaults, so that they can be read without it.
func TestDefaultsAreTheRunners(t *testing.T) {
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	have, err := KafkaConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	want := kafka.Config{}.WithDefaults()
	for name, pair := range map[string][2]any{
		"kafka.client_id":           {have.ClientID, want.ClientID},
		"kafka.session_timeout":     {have.SessionTimeout, want.SessionTimeout},
		"kafka.heartbeat_interval":  {have.HeartbeatInterval, want.HeartbeatInterval},
		"kafka.rebalance_timeout":   {have.RebalanceTimeout, want.RebalanceTimeout},
		"kafka.transaction_timeout": {have.TransactionTimeout, want.TransactionTimeout},
		"kafka.request_timeout":     {have.RequestTimeout, want.RequestTimeout},
		"kafka.silent_timeout":      {have.SilentClusterTimeout, want.SilentClusterTimeout},
		"batch.commit_interval":     {have.WithDefaults().CommitInterval, want.CommitInterval},
		"batch.max_records":         {have.MaxBatchRecords, want.MaxBatchRecords},
		"batch.max_bytes":           {have.MaxBatchBytes, want.MaxBatchBytes},
		"shutdown_timeout":          {have.ShutdownTimeout, want.ShutdownTimeout},
		"delivery":                  {have.Delivery, want.Delivery},
		"state.retention":           {have.State.Retention, want.State.Retention},
		"state.on_growth":           {have.State.Growth, want.State.Growth},
		"kafka.compression":         {have.Compression, want.Compression},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v here, %v in the runner", name, pair[0], pair[1])
		}
	}
}

// What a raw topic says of its events reaches the decoder.
func TestRawTopicsOfTheDecoder(t *testing.T) {
	cfg, err := config.Load(config.Sources{Set: []string{"topics.raw=a,b:fourthline:identity_verification:api:acme,c:auto::sdk:acme"}})
	if err != nil {
		t.Fatal(err)
	}
	d := codec.NewDecoder(decoderOptions(cfg, BuiltIn(), nil))
	for topic, want := range map[string]processor.Integration{
		"b": processor.IntegrationAPI, "c": processor.IntegrationSDK,
	} {
		r := &processor.Record{Topic: topic, Value: []byte(`{"verificationId":"v-1","status":"new"}`)}
		if topic == "c" {
			r.Headers = []processor.Header{{Key: codec.HeaderProduct, Value: []byte("identity_verification")}}
		}
		var e processor.Event
		if err := d.Decode(r, &e); err != nil || e.Integration != want || e.OutsideAccount != "acme" || e.Product != "identity_verification" {
			t.Errorf("%s: %s, %s, %s, %v", topic, e.Product, e.Integration, e.OutsideAccount, err)
		}
	}
}

// What is not published is known to the processor and to the runner alike.
func TestRoutesThatAreOff(t *testing.T) {
	for set, want := range map[string][]processor.Route{
		"state.enabled=true":     {processor.RouteBilling},
		"delivery=at_least_once": {processor.RouteBilling, processor.RouteVerification, processor.RouteOverdue},
	} {
		cfg, err := config.Load(config.Sources{Set: []string{"topics.billing=", "state.repeats=publish", set}})
		if err != nil {
			t.Fatal(err)
		}
		options := processorOptions(cfg, "test")
		k, err := KafkaConfig(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range processor.Routes() {
			off := slices.Contains(want, route)
			if options.Off[route] != off || (k.Topics[route] == "") != off {
				t.Errorf("%s: the route %s is off: %v, topic %q", set, route, options.Off[route], k.Topics[route])
			}
		}
		if k.State.Enabled != cfg.StateOn() || !options.PublishRepeats || options.Retention != cfg.State.Retention {
			t.Errorf("%s: %+v, %+v", set, k.State, options)
		}
	}
}
