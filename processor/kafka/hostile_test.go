package kafka_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A storm of records that cannot be decided: each becomes one dead letter, and no partition is held back.
func TestAStormOfRecordsThatCannotBeDecided(t *testing.T) {
	const n = 40_000
	c := newCluster(t)
	p := producer(t, c.ListenAddrs(), kgo.MaxBufferedRecords(n))
	var storm []*kgo.Record
	for i := range n {
		r := raw(int32(i%partitions), "broken")
		r.Key = fmt.Appendf(nil, "v-%d", i)
		storm = append(storm, r)
	}
	produce(t, p, storm...)
	begin := time.Now()
	r := start(t, config(c.ListenAddrs()))
	onceEach(t, collect(t, c.ListenAddrs(), "deadletter").until(n), n)
	t.Logf("%d dead letters in %s", n, time.Since(begin).Round(time.Millisecond))
	eventually(t, "all are counted", func() bool { return r.value("verdict_dead_letters_total", "reason=malformed_json") == n })
	if held := r.value("verdict_errors_total", "class=process"); held != 0 {
		t.Errorf("partitions were held back %v times", held)
	}
	produce(t, p, events(0, 4)...)
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(4), 4)
}

// Producers may stamp records with anything. Each is decided; outputs carry the time of writing, and metrics stay finite.
func TestAbsurdTimestamps(t *testing.T) {
	c := newCluster(t)
	p := producer(t, c.ListenAddrs())
	begin := time.Now().Add(-time.Second)
	stamps := []int64{0, -1, -2, 1, math.MinInt32, time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), begin.Add(48 * time.Hour).UnixMilli()}
	for i, millis := range stamps {
		e := raw(0, fmt.Sprintf("v-%d approved", i))
		e.Timestamp = time.UnixMilli(millis)
		produce(t, p, e) // a batch for each: within one, they would be relative to each other
	}
	r := start(t, config(c.ListenAddrs()))
	decisions := collect(t, c.ListenAddrs(), "decisions").until(len(stamps))
	onceEach(t, decisions, len(stamps))
	for _, d := range decisions {
		if d.Timestamp.Before(begin) || d.Timestamp.After(time.Now().Add(time.Second)) {
			t.Errorf("%s is stamped %s", d.Key, d.Timestamp)
		}
	}
	eventually(t, "all are counted", func() bool { return r.value("verdict_events_total") == float64(len(stamps)) })
}

// A key that is not the verification's: the partition's order counts, outputs go by the verification, and the anomaly is counted.
func TestAKeyThatIsNotTheVerification(t *testing.T) {
	c := newCluster(t)
	p := producer(t, c.ListenAddrs())
	var list []*kgo.Record
	for i := range 200 {
		e := raw(2, "v approved")
		e.Key = fmt.Appendf(nil, "other-%d", i)
		if i%3 == 0 {
			e.Key = nil
		}
		list = append(list, e)
	}
	produce(t, p, list...)
	r := start(t, config(c.ListenAddrs()))
	decisions := collect(t, c.ListenAddrs(), "decisions").until(200)
	for i, d := range decisions {
		if want := fmt.Sprintf("raw/2/%d v", i); string(d.Key) != "v" || !strings.HasPrefix(string(d.Value), want) || d.Partition != decisions[0].Partition {
			t.Fatalf("decision %d has key %s and value %s in partition %d, want %s", i, d.Key, d.Value, d.Partition, want)
		}
	}
	eventually(t, "the anomaly is counted", func() bool { return r.value("verdict_anomalies_total", "anomaly=key_mismatch") == 200 })
}

// What a topic does not take for a while (too few replicas, a full disk) is sent again; readiness says so, and says when it is over.
func TestReadinessTellsOfTransactionsThatDoNotEnd(t *testing.T) {
	c := newCluster(t)
	r := start(t, config(c.ListenAddrs()))
	p := producer(t, c.ListenAddrs())
	produce(t, p, events(0, 4)...)
	collect(t, c.ListenAddrs(), "decisions").until(4)
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	broken := make(chan struct{})
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		select {
		case <-broken:
			return nil, nil, false
		default:
		}
		if ofTheTest(kreq) {
			return nil, nil, false
		}
		return withCode(kreq, kerr.NotEnoughReplicas.Code), nil, true
	})
	produce(t, p, events(4, 4)...)
	eventually(t, "readiness says so", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), "transactions do not come to their end: Produce, ") && strings.Contains(err.Error(), "error 19")
	})
	if r.value("verdict_errors_total", "class=retry") == 0 || r.value("verdict_units_stalled") == 0 {
		t.Error("the metrics do not tell")
	}
	close(broken)
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(8), 8)
	eventually(t, "it is ready again", func() bool { return r.Ready() == nil && r.value("verdict_units_stalled") == 0 })
}

// A broker that does not get through with large requests before the transaction times out (a quota, a slow line): the same again
// would never come to an end, so transactions become smaller until they do.
func TestTransactionsThatTakeTooLongBecomeSmaller(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if ofTheTest(kreq) || len(kreq.AppendTo(nil)) < 100_000 {
			return nil, nil, false
		}
		return withCode(kreq, kerr.RequestTimedOut.Code), nil, true
	})
	p := producer(t, c.ListenAddrs())
	produce(t, p, events(0, 2000)...)
	cfg := config(c.ListenAddrs())
	cfg.Units, cfg.MaxBatchRecords, cfg.TransactionTimeout = 1, 2000, time.Second
	start(t, cfg)
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(2000), 2000)
}
