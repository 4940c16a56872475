package kafka_test

import (
	"context"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
	"verdict/rules"
)

// onceEach checks that each of n verifications was decided once.
func onceEach(t *testing.T, records []*kgo.Record, n int) {
	t.Helper()
	seen := map[string]int{}
	for _, r := range records {
		seen[string(r.Key)]++
	}
	if len(seen) != n || len(records) != n {
		t.Errorf("%d records of %d verifications, want %d of each", len(records), len(seen), n)
	}
}

func TestEachEventComesOutOnce(t *testing.T) {
	for _, delivery := range kafka.Deliveries() {
		t.Run(delivery, func(t *testing.T) {
			c := newCluster(t)
			p := producer(t, c.ListenAddrs())
			produce(t, p, events(0, 1000)...)
			cfg := config(c.ListenAddrs())
			cfg.Delivery, _ = kafka.ParseDelivery(delivery)
			r := start(t, cfg)
			produce(t, p, events(1000, 1000)...)
			onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(2000), 2000)
			eventually(t, "billing is counted",
				func() bool { return r.value("verdict_published_total", "route=billing") == 2000 })
			eventually(t, "no lag", func() bool { return r.value("verdict_lag_records") == 0 })
			if err := r.Ready(); err != nil {
				t.Error("not ready:", err)
			}
			if err := r.end(); err != nil {
				t.Error(err)
			}
			if got := r.value("verdict_lag_records"); got != 0 {
				t.Error("lag is reported after the end:", got)
			}
		})
	}
}

func TestDeadLetterIsTheOriginal(t *testing.T) {
	c := newCluster(t)
	start(t, config(c.ListenAddrs()))
	original := raw(1, "broken as it is")
	original.Headers = []kgo.RecordHeader{{Key: "a", Value: []byte{0, 255}}, {Key: "a", Value: nil}}
	produce(t, producer(t, c.ListenAddrs()), original)
	got := collect(t, c.ListenAddrs(), "deadletter").until(1)[0]
	if string(got.Value) != "broken as it is" || string(got.Key) != "broken" {
		t.Errorf("key %q, value %q", got.Key, got.Value)
	}
	if string(got.Headers[0].Value) != "\x00\xff" || got.Headers[1].Value != nil {
		t.Errorf("headers %v", got.Headers)
	}
	var reason string
	for _, h := range got.Headers {
		if strings.HasSuffix(h.Key, "-reason") {
			reason = string(h.Value)
		}
	}
	if reason != "malformed_json" {
		t.Errorf("reason %q", reason)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	c := newCluster(t)
	p := producer(t, c.ListenAddrs())
	produce(t, p, events(0, 100)...)
	before := goleak.IgnoreCurrent()
	codec := new(plain)
	proc := processor.New(rules.Embedded(), codec, codec, processor.Options{})
	r, err := kafka.NewRunner(config(c.ListenAddrs()), proc, kafka.NewMetrics(prometheus.NewRegistry(), nil),
		testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	c.Close()
	goleak.VerifyNone(t, before)
}

func TestConfigNamesEachMistake(t *testing.T) {
	_, err := kafka.NewRunner(kafka.Config{RawTopics: []string{"a"},
		Topics:     [processor.NumRoutes]string{processor.RouteRisk: "a"},
		Connection: cluster.Connection{SASL: &cluster.SASL{Mechanism: "MAGIC"}}}, nil, nil, nil)
	for _, want := range []string{"Brokers", "Group", "route decision", "a is both read and written (route risk)",
		"SCRAM-SHA-512"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, name := range kafka.Deliveries() {
		if d, err := kafka.ParseDelivery(name); err != nil || d.String() != name {
			t.Error(name, d, err)
		}
	}
	for _, name := range wire.Compressions() {
		if c, err := wire.ParseCompression(name); err != nil || c.String() != name {
			t.Error(name, c, err)
		}
	}
	if _, err := wire.ParseCompression("unspecified"); err == nil {
		t.Error("unspecified is taken")
	}
}

func TestCountersBeginAtZero(t *testing.T) {
	reg := prometheus.NewRegistry()
	kafka.NewMetrics(reg, []string{"v"})
	series := seriesOf(t, reg)
	for name, want := range map[string]int{
		"verdict_decisions_total":    0,
		"verdict_dead_letters_total": len(processor.RejectionReasons()),
		"verdict_anomalies_total":    len(processor.Anomalies()),
		"verdict_charges_total":      len(processor.BillingFlagNames()),
		"verdict_overdue_total":      1, "verdict_consecutive_aborts": 1,
		"verdict_published_total": len(processor.Routes()), "verdict_transactions_total": 2,
	} {
		if series[name] != want {
			t.Errorf("%s has %d series, want %d", name, series[name], want)
		}
	}
}

// seriesOf counts the series of each metric.
func seriesOf(t *testing.T, from prometheus.Gatherer) map[string]int {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	series := map[string]int{}
	for _, f := range families {
		series[f.GetName()] = len(f.Metric)
	}
	return series
}
