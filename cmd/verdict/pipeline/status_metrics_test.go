package pipeline

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"verdict/cmd/verdict/config"
	"verdict/processor/kafka"
)

// patience is how many seconds may pass between a time and a look at it.
const patience = 30

// Each partition that is assigned has an age, also one that has nothing to wait for, is held or is being restored: what
// is gone is an alert.
func TestMetricsOfAStatus(t *testing.T) {
	now := time.Now()
	at := func(ago time.Duration) *time.Time { then := now.Add(-ago); return &then }
	status := kafka.Status{}
	reg := prometheus.NewRegistry()
	reg.MustRegister(newStatusMetrics(func() kafka.Status { return status }))
	hold := func(want map[string]float64) {
		t.Helper()
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				name := f.GetName()
				for _, l := range m.GetLabel() {
					name += " " + l.GetValue()
				}
				got[name] = m.GetGauge().GetValue()
			}
		}
		for name, value := range want {
			if v, there := got[name]; !there || v < value || v > value+patience {
				t.Errorf("%s is %g (there: %t), want %g", name, v, there, value)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d series, want %d: %s", len(got), len(want), fmt.Sprint(got))
		}
	}
	hold(map[string]float64{"verdict_ready": 0, "verdict_last_commit_timestamp_seconds": 0,
		"verdict_partitions_restoring": 0})
	status = kafka.Status{Ready: true, LastCommit: at(time.Hour), Partitions: []kafka.PartitionStatus{
		{Topic: "raw", Partition: 0, State: kafka.StateDeciding},
		{Topic: "raw", Partition: 1, State: kafka.StateHeld, OldestUndecided: at(time.Minute)},
		{Topic: "raw", Partition: 2, State: kafka.StateRestoring, OldestUndecided: at(time.Hour)},
		{Topic: "raw", Partition: 3, State: kafka.StateRestoring, OldestUndecided: at(-time.Hour)}, // by a clock ahead
	}}
	hold(map[string]float64{"verdict_ready": 1, "verdict_partitions_restoring": 2,
		"verdict_last_commit_timestamp_seconds":  float64(now.Add(-time.Hour).Unix()),
		"verdict_oldest_undecided_seconds 0 raw": 0, "verdict_oldest_undecided_seconds 1 raw": 60,
		"verdict_oldest_undecided_seconds 2 raw": 3600, "verdict_oldest_undecided_seconds 3 raw": 0})
}

// What the alerts read is there before the registry has answered, and as long as it does not.
func TestMetricsBeforeTheRegistryAnswers(t *testing.T) {
	cfg, err := config.Load(config.Sources{Set: []string{"registry.url=http://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(cfg, "test", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	families, err := p.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range families {
		there[f.GetName()] = true
	}
	for _, name := range []string{"verdict_ready", "verdict_partitions_held", "verdict_partitions_restoring",
		"verdict_consecutive_aborts", "verdict_rebalances_total", "verdict_dead_letters_total"} {
		if !there[name] {
			t.Errorf("%s is not there", name)
		}
	}
}
