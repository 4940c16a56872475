package pipeline

import (
	"testing"

	"verdict/cmd/verdict/config"
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
		"kafka.compression":         {have.Compression, want.Compression},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v here, %v in the runner", name, pair[0], pair[1])
		}
	}
}
