package kafka_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
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
	eventually(t, "all are counted", func() bool {
		return r.value("verdict_dead_letters_total",
			"reason=malformed_json") == n
	})
	if held := r.value("verdict_errors_total", "class=process"); held != 0 {
		t.Errorf("partitions were held back %v times", held)
	}
	produce(t, p, events(0, 4)...)
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(4), 4)
}

// Producers may stamp records with anything. Each is decided; outputs carry the time of writing, and metrics stay
// finite.
func TestAbsurdTimestamps(t *testing.T) {
	c := newCluster(t)
	p := producer(t, c.ListenAddrs())
	begin := time.Now().Add(-time.Second)
	stamps := []int64{0, -1, -2, 1, math.MinInt32, time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(),
		begin.Add(48 * time.Hour).UnixMilli()}
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

// A key that is not the verification's: the partition's order counts, outputs go by the verification, and the anomaly
// is counted.
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
		if want := fmt.Sprintf("raw/2/%d v", i); string(d.Key) != "v" || !strings.HasPrefix(string(d.Value), want) ||
			d.Partition != decisions[0].Partition {
			t.Fatalf("decision %d has key %s and value %s in partition %d, want %s", i, d.Key, d.Value, d.Partition,
				want)
		}
	}
	eventually(t, "the anomaly is counted", func() bool {
		return r.value("verdict_anomalies_total", "vocabulary=yousign-video", "anomaly=key_mismatch") == 200
	})
}

// A record with a field that looks misspelt is counted, whether it is decided or not; others are not.
func TestUnreadFieldsAreCounted(t *testing.T) {
	c := newCluster(t)
	produce(t, producer(t, c.ListenAddrs()), raw(0, "v-0 approved"), raw(0, "v-1 approved riskCode?"),
		raw(0, "broken riskCode?"))
	r := start(t, config(c.ListenAddrs()))
	eventually(t, "all are counted", func() bool { return r.value("verdict_events_total", "topic="+rawTopic) == 3 })
	if n := r.value("verdict_unread_fields_total", "topic="+rawTopic); n != 2 {
		t.Errorf("%v records with unread fields, want 2", n)
	}
}
