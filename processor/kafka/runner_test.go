package kafka_test

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor/kafka"
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
			c := cluster(t)
			p := producer(t, c.ListenAddrs())
			produce(t, p, events(0, 1000)...)
			cfg := config(c.ListenAddrs())
			cfg.Delivery, _ = kafka.ParseDelivery(delivery)
			r := start(t, cfg)
			produce(t, p, events(1000, 1000)...)
			onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(2000), 2000)
			eventually(t, "billing is counted", func() bool { return r.value("verdict_published_total", "route=billing") == 2000 })
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
	c := cluster(t)
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
