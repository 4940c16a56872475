package kafka_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
	"verdict/processor/kafka/wire"
)

// limits makes topics take small batches.
func limits(bytes int) kfake.Opt {
	return kfake.BrokerConfigs(map[string]string{"message.max.bytes": fmt.Sprint(bytes)})
}

func header(r *kgo.Record, key string) string {
	for _, h := range r.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

func TestAnOutputThatIsTooLargeBecomesADeadLetter(t *testing.T) {
	for _, compression := range []wire.Compression{wire.CompressionNone, wire.CompressionZstd} {
		t.Run(compression.String(), func(t *testing.T) {
			c := newCluster(t)
			cfg := config(c.ListenAddrs())
			cfg.Compression = compression
			r := start(t, cfg)
			produce(t, producer(t, c.ListenAddrs()), raw(1, "small approved"), raw(1, "large approved 2000000"),
				raw(1, "after approved"))
			decisions, letters := 2, 1
			if compression == wire.CompressionZstd {
				decisions, letters = 3, 0 // two million times the same letter
			}
			collect(t, c.ListenAddrs(), "decisions").until(decisions)
			for _, d := range collect(t, c.ListenAddrs(), "deadletter").until(letters) {
				if header(d, processor.HeaderReason) != "too_large" || string(d.Value) != "large approved 2000000" {
					t.Errorf("%s: %s", header(d, processor.HeaderReason), d.Value)
				}
			}
			if billed := r.value("verdict_published_total", "route=billing"); billed != float64(decisions) {
				t.Errorf("%v billing events", billed)
			}
			if n := r.value("verdict_transactions_total", "result=aborted"); n != 0 {
				t.Errorf("%v transactions were aborted", n)
			}
		})
	}
}

func TestADeadLetterThatIsTooLargeIsShrunk(t *testing.T) {
	c := newCluster(t, limits(3000))
	start(t, config(c.ListenAddrs()))
	// Compressed, the raw topic takes it; the dead letter does not.
	p := producer(t, c.ListenAddrs(), kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	produce(t, p, raw(2, "broken "+strings.Repeat("x", 100_000)), raw(2, "after approved"))
	d := collect(t, c.ListenAddrs(), "deadletter").until(1)[0]
	if header(d, processor.HeaderReason) != "malformed_json" || header(d, processor.HeaderValueBytes) != "100007" {
		t.Errorf("%v", d.Headers)
	}
	collect(t, c.ListenAddrs(), "decisions").until(1)
}

// A broker may refuse what its topic's configuration allows: nothing is aborted for ever.
func TestABrokerRefusesBatchesAsTooLarge(t *testing.T) {
	c := newCluster(t)
	refuseAbove(c, "decisions", 1500)
	r := start(t, config(c.ListenAddrs()))
	p := producer(t, c.ListenAddrs())
	var list []*kgo.Record
	for i := range 30 {
		list = append(list, raw(1, fmt.Sprintf("v-%d approved %d", i, rand.IntN(100))))
	}
	list = append(list, raw(1, "large approved 2000"), raw(1, "after approved"))
	produce(t, p, list...)
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(31), 31)
	d := collect(t, c.ListenAddrs(), "deadletter").until(1)[0]
	if header(d, processor.HeaderReason) != "too_large" || !strings.HasPrefix(string(d.Value), "large") {
		t.Errorf("%v %s", d.Headers, d.Value)
	}
	if n := r.value("verdict_dead_letters_total", "reason=too_large"); n != 1 {
		t.Errorf("%v dead letters are counted", n)
	}
}
