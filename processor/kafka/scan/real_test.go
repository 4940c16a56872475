package scan_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
)

// realTopic makes a topic of its own on a real broker.
func realTopic(t *testing.T, partitions int32, configs ...string) (brokers []string, topic string) {
	t.Helper()
	brokers = []string{realBroker(t)}
	topic = fmt.Sprintf("test-scan-%08x", rand.Uint32())
	createTopic(t, brokers, topic, partitions, configs...)
	return brokers, topic
}

// readBoth reads a topic until the broker's cleaner has changed nothing meanwhile.
func readBoth(t *testing.T, brokers []string, topic string, to scan.Place) ([]string, scan.Result) {
	t.Helper()
	other := reader(t, brokers)
	var got []string
	var result scan.Result
	all := func() (lines []string) {
		for _, p := range result.Partitions {
			lines = append(lines, independent(t, other, topic, p.Partition, p.Start, p.End)...)
		}
		return lines
	}
	eventually(t, "the log stays as it is", func() bool {
		before := all()
		var err error
		got, result, err = readAll(t, brokers, topic, scan.Earliest(), to, scan.Options{})
		complete(t, result, err)
		return slices.Equal(before, all())
	})
	same(t, other, got, result)
	return got, result
}

func TestRealKafkaScanOfACompactedTopic(t *testing.T) {
	brokers, topic := realTopic(t, 3, "cleanup.policy", "compact", "segment.ms", "200",
		"min.cleanable.dirty.ratio", "0.001", "min.compaction.lag.ms", "0", "delete.retention.ms", "0")
	plain, one := producer(t, brokers), producer(t, brokers, kgo.TransactionalID(topic+"-1"))
	two := producer(t, brokers, kgo.TransactionalID(topic+"-2"))
	keyed := func(partition int32, word string, n int) []*kgo.Record {
		list := records(partition, word, n)
		for i, r := range list {
			r.Topic, r.Key = topic, fmt.Appendf(nil, "k%d", i)
		}
		return list
	}
	tick := time.NewTicker(250 * time.Millisecond) // a segment each
	defer tick.Stop()
	for round := range 4 {
		word := fmt.Sprintf("round-%d", round)
		for p := range int32(2) {
			produce(t, plain, keyed(p, word+"-plain", 30)...)
			transaction(t, one, kgo.TryAbort, keyed(p, word+"-aborted", 40)...)
			open(t, one, keyed(p, word+"-gone", 5)...)
			transaction(t, two, kgo.TryCommit, keyed(p, word+"-committed", 20)...)
			if err := one.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
				t.Fatal(err)
			}
		}
		<-tick.C
	}
	// Partition 0 ends with a record in a segment of its own, 1 with the markers of an aborted transaction, 2 stays
	// empty.
	produce(t, plain, keyed(0, "last", 1)...)
	transaction(t, two, kgo.TryAbort, keyed(1, "aborted", 3)...)
	const written = 4 * 50
	eventually(t, "the log is compacted", func() bool {
		got, _, err := readAll(t, brokers, topic, scan.Earliest(), scan.HighWatermark(), scan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := [3]int{}
		for _, l := range got {
			n[l[len(topic)+1]-'0']++
		}
		return n[0] <= written/2 && n[1] <= written/2
	})
	for _, end := range []scan.Place{scan.HighWatermark(), scan.LastStable()} {
		got, result := readBoth(t, brokers, topic, end)
		t.Logf("%d records of %d, %+v", len(got), 2*written+1, result.Partitions)
	}
}

func TestRealKafkaScanOfRandomHistories(t *testing.T) {
	brokers, topic := realTopic(t, historyPartitions)
	h := newHistory(t, brokers, topic)
	client, independent := connect(t, brokers, topic), reader(t, brokers)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		if n++; n > 40 { // each takes a while
			return
		}
		before := highOf(t, client, topic)
		for range rapid.IntRange(10, 30).Draw(t, "steps") {
			h.step(t, topic)
		}
		// Markers come after the answer to a commit.
		eventually(t, "what is decided is stable", func() bool { return h.settled(t, client, topic) })
		checkHistory(t, h, client, independent, topic, before)
		for _, w := range h.writers {
			if w.open {
				h.end(t, w, false)
			}
		}
	})
}

// settled says that only what the writers have open is unstable.
func (h *history) settled(t fataler, client *cluster.Client, topic string) bool {
	for i, high := range highOf(t, client, topic) {
		if endOf(t, client, topic, int32(i), 1) != h.stable(int32(i), high) {
			return false
		}
	}
	return true
}

func TestRealKafkaScanOfEdges(t *testing.T) {
	brokers, topic := realTopic(t, 1)
	plain, p := producer(t, brokers), producer(t, brokers, kgo.TransactionalID(topic))
	began := time.UnixMilli(time.Now().UnixMilli()).Add(-time.Minute)
	of := func(word string, n int) []*kgo.Record {
		list := records(0, word, n)
		for _, r := range list {
			r.Topic = topic
		}
		return list
	}
	for i, r := range of("r", 10) {
		r.Timestamp = began.Add(time.Duration(i) * time.Second)
		produce(t, plain, r)
	}
	got, result, err := readAll(t, brokers, topic, scan.Time(began.Add(3*time.Second)),
		scan.Time(began.Add(6*time.Second)), scan.Options{})
	complete(t, result, err)
	if got := values(got); !slices.Equal(got, []string{"r-3", "r-4", "r-5"}) {
		t.Errorf("by time: %v", got)
	}
	open(t, p, of("open", 2)...)
	produce(t, plain, of("behind", 1)...)
	got, result, err = readAll(t, brokers, topic, scan.Offset(8), scan.LastStable(), scan.Options{})
	complete(t, result, err)
	if got := values(got); !slices.Equal(got, []string{"r-8", "r-9"}) {
		t.Errorf("to the last stable offset: %v", got)
	}
	_, _, err = readAll(t, brokers, topic, scan.Offset(8), scan.HighWatermark(),
		scan.Options{OpenWait: 300 * time.Millisecond})
	var problem *scan.Problem
	if !errors.As(err, &problem) || !errors.Is(err, scan.ErrOpenTransaction) || problem.Offset != 10 {
		t.Errorf("with an open transaction: %v", err)
	}
	if err := p.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	got, result, err = readAll(t, brokers, topic, scan.Offset(9), scan.HighWatermark(),
		scan.Options{}) // waits for the marker
	complete(t, result, err)
	if got := values(got); !slices.Equal(got[:4], []string{"r-9", "open-0", "open-1", "behind-0"}) {
		t.Errorf("once it is committed: %v", got)
	}
	removeBefore(t, brokers, topic, 5)
	_, _, err = readAll(t, brokers, topic, scan.Offset(2), scan.HighWatermark(), scan.Options{})
	if !errors.As(err, &problem) || !errors.Is(err, scan.ErrTruncated) || problem.Offset != 2 {
		t.Errorf("with records removed: %v", err)
	}
	got, result, err = readAll(t, brokers, topic, scan.Earliest(), scan.Offset(6), scan.Options{})
	complete(t, result, err)
	if len(got) != 1 || result.Partitions[0].Start != 5 {
		t.Errorf("from the earliest: %v", got)
	}
}

func removeBefore(t *testing.T, brokers []string, topic string, offset int64) {
	t.Helper()
	req := kmsg.NewPtrDeleteRecordsRequest()
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewDeleteRecordsRequestTopicPartition()
	rp.Offset = offset
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	c := producer(t, brokers)
	res, err := c.Broker(leaderOf(t, c, topic, 0)).Request(t.Context(), req)
	if err == nil {
		err = kerr.ErrorForCode(res.(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// 100 MB go by in some 10 MB of memory.
func TestRealKafkaScanHoldsLittle(t *testing.T) {
	brokers, topic := realTopic(t, 8)
	const n = 150_000
	fill(t, brokers, topic, n, 64<<10, kgo.NoCompression())
	client := connect(t, brokers, topic)
	ranges, err := scan.Topic(t.Context(), client, topic, scan.Earliest(), scan.HighWatermark())
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most, i := m.HeapAlloc, uint64(0), 0
	result, err := scan.Read(within(t, time.Minute), client, ranges, scan.Options{}, func(*processor.Record) error {
		if i++; i%5000 == 0 {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return nil
	})
	complete(t, result, err)
	held := int64(most) - int64(before)
	t.Logf("%d records of %d MB, at most %d kB held", result.Records, result.Bytes/1e6, held/1000)
	if result.Records != n || held > 32<<20 {
		t.Error("it holds too much, or not all came")
	}
}
