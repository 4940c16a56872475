package kafka_test

import (
	"maps"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
)

// described notes the names of all that is registered.
type described struct {
	*prometheus.Registry
	names map[string]bool
}

var fullName = regexp.MustCompile(`fqName: "(\w+)"`)

func (d described) MustRegister(all ...prometheus.Collector) {
	d.Registry.MustRegister(all...)
	for _, c := range all {
		descs := make(chan *prometheus.Desc, 10)
		go func() { c.Describe(descs); close(descs) }()
		for desc := range descs {
			d.names[fullName.FindStringSubmatch(desc.String())[1]] = true
		}
	}
}

// What is not there from the start is so on purpose: decisions would be more than a thousand series, and the others
// are of partitions.
func TestMetricsAreThereFromTheStart(t *testing.T) {
	reg := described{prometheus.NewRegistry(), map[string]bool{}}
	p := processor.New(rules.Embedded(), new(plain), new(plain), processor.Options{})
	if _, err := kafka.NewRunner(config([]string{"127.0.0.1:1"}), p, kafka.NewMetrics(reg, p.Vocabularies()),
		zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	there := seriesOf(t, reg)
	missing := slices.DeleteFunc(slices.Sorted(maps.Keys(reg.names)), func(name string) bool { return there[name] > 0 })
	want := []string{"verdict_decisions_total", "verdict_lag_records", "verdict_state_bytes",
		"verdict_state_verifications"}
	if !slices.Equal(missing, want) {
		t.Errorf("%v are not there at the start, want %v", missing, want)
	}
}

// Transactions that fail one after the other are counted until one commits, by vocabulary is counted what it had.
func TestAbortsInARow(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	r := start(t, config(c.ListenAddrs()))
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	var well atomic.Bool
	c.ControlKey(int16(kmsg.EndTxn), func(request kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return withCode(request, kerr.InvalidProducerEpoch.Code), nil, !well.Load()
	})
	produce(t, producer(t, c.ListenAddrs()), raw(1, "v approved"))
	eventually(t, "three fail", func() bool { return r.value("verdict_consecutive_aborts") >= 3 })
	if n := r.value("verdict_charges_total"); n != 0 {
		t.Errorf("%g charges are counted, and none is committed", n)
	}
	well.Store(true)
	eventually(t, "one commits", func() bool { return r.value("verdict_consecutive_aborts") == 0 })
	eventually(t, "it is counted", func() bool {
		return r.value("verdict_decisions_total", "vocabulary=yousign-video") == 1 &&
			r.value("verdict_charges_total", "vocabulary=yousign-video") == 1
	})
}
