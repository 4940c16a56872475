package scan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
)

// historyPartitions are those of the topic that histories are written to.
const historyPartitions = 3

// history writes to a topic at random and knows what a reader of committed records must see.
type history struct {
	writers []*writer // the first without transactions
	certain []*kgo.Record
	n       int
}

type writer struct {
	*kgo.Client
	open      bool
	undecided []*kgo.Record
}

func newHistory(t *testing.T, brokers []string, prefix string) *history {
	h := &history{}
	for i, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.Lz4Compression(), kgo.GzipCompression(),
		kgo.SnappyCompression()} {
		opts := []kgo.Opt{kgo.ProducerBatchCompression(codec), kgo.ProducerLinger(0)}
		if i > 0 {
			opts = append(opts, kgo.TransactionalID(fmt.Sprintf("%s-%d", prefix, i)))
		}
		h.writers = append(h.writers, &writer{Client: producer(t, brokers, opts...)})
	}
	return h
}

// step has some writer write, commit or abort.
func (h *history) step(t *rapid.T, topic string) {
	i := rapid.IntRange(0, len(h.writers)-1).Draw(t, "writer")
	w := h.writers[i]
	if w.open && rapid.IntRange(0, 2).Draw(t, "ends") == 0 {
		h.end(t, w, rapid.Bool().Draw(t, "commits"))
		return
	}
	if i > 0 && !w.open {
		if err := w.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		w.open = true
	}
	var list []*kgo.Record
	partition := rapid.Int32Range(0, historyPartitions-1).Draw(t, "partition")
	for range rapid.IntRange(1, 5).Draw(t, "records") {
		h.n++
		r := &kgo.Record{Topic: topic, Partition: partition, Key: fmt.Appendf(nil, "k%d", h.n%7),
			Value: fmt.Appendf(nil, "%d by %d", h.n, i)}
		if h.n%3 == 0 {
			r.Headers = []kgo.RecordHeader{{Key: fmt.Sprintf("h%d", h.n%2), Value: []byte("v")}, {Key: "h", Value: nil}}
		}
		list = append(list, r)
	}
	produce(t, w.Client, list...)
	if i == 0 {
		h.certain = append(h.certain, list...)
	} else {
		w.undecided = append(w.undecided, list...)
	}
}

func (h *history) end(t fataler, w *writer, commits bool) {
	try := kgo.TryAbort
	if commits {
		try = kgo.TryCommit
		h.certain = append(h.certain, w.undecided...)
	}
	if err := w.EndTransaction(context.Background(), try); err != nil {
		t.Fatal(err)
	}
	w.open, w.undecided = false, nil
}

// stable is the first offset of an open transaction in a partition, or high.
func (h *history) stable(partition int32, high int64) int64 {
	for _, w := range h.writers {
		for _, r := range w.undecided {
			if r.Partition == partition {
				high = min(high, r.Offset)
			}
		}
	}
	return high
}

// expected are the committed records of a range.
func (h *history) expected(partition int32, from, to int64) []string {
	var list []*kgo.Record
	for _, r := range h.certain {
		if r.Partition == partition && r.Offset >= from && r.Offset < to {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *kgo.Record) int { return int(a.Offset - b.Offset) })
	var lines []string
	for _, r := range list {
		lines = append(lines, line(asRecord(r)))
	}
	return lines
}

func highOf(t fataler, client *cluster.Client, topic string) (high [historyPartitions]int64) {
	for i := range high {
		high[i] = endOf(t, client, topic, int32(i), 0)
	}
	return high
}

// endOf asks for the end of a partition; that of a new topic is not to be had at once.
func endOf(t fataler, client *cluster.Client, topic string, partition int32, isolation int8) (end int64) {
	eventually(t, "the leader says where the partition ends", func() bool {
		layout, err := client.Layout(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		at, err := cluster.ListOffsets(context.Background(), client, layout.Leader(topic, partition), isolation,
			[]cluster.Lookup{{Topic: topic, Partition: partition, Timestamp: cluster.TimestampLatest}})
		if err != nil || at[0].Err != nil {
			return false
		}
		end = at[0].Offset
		return true
	})
	return end
}

// limitPartitionsOnly leaves a fetch's limit to its partitions: where kfake reaches the one of the whole fetch, it
// forgets the list of aborted transactions.
func limitPartitionsOnly(c *kfake.Cluster) {
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		kreq.(*kmsg.FetchRequest).MaxBytes = 1 << 30
		return nil, nil, false
	})
}

// Whatever is written, committed, aborted and left open: a range holds what the writers know and the independent reader
// sees.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, kfake.SeedTopics(historyPartitions, "histories"))
	limitPartitionsOnly(c)
	h := newHistory(t, c.ListenAddrs(), "writer")
	client, independent := connect(t, c.ListenAddrs(), "histories"), reader(t, c.ListenAddrs())
	rapid.Check(t, func(t *rapid.T) {
		before := highOf(t, client, "histories")
		for range rapid.IntRange(0, 25).Draw(t, "steps") {
			h.step(t, "histories")
		}
		checkHistory(t, h, client, independent, "histories", before)
		for _, w := range h.writers {
			if w.open {
				h.end(t, w, false)
			}
		}
	})
}

// checkHistory reads random ranges of what was written since before.
func checkHistory(
	t *rapid.T, h *history, client *cluster.Client, other *kgo.Client, topic string, before [historyPartitions]int64,
) {
	high := highOf(t, client, topic)
	var ranges []scan.Range
	stable := map[int32]int64{}
	for i := range int32(historyPartitions) {
		from := rapid.Int64Range(before[i], high[i]).Draw(t, "from")
		to := rapid.SampledFrom([]scan.Place{
			scan.LastStable(), scan.HighWatermark(), scan.Offset(rapid.Int64Range(from, high[i]).Draw(t, "to")),
		}).Draw(t, "end")
		ranges = append(ranges, scan.Range{Topic: topic, Partition: i, From: scan.Offset(from), To: to})
		stable[i] = h.stable(i, high[i])
	}
	var lists [historyPartitions]seen
	opts := scan.Options{KeepGoing: true, OpenWait: -1, FetchBytes: rapid.IntRange(1, 2000).Draw(t, "bytes"),
		Parallel: rapid.IntRange(1, 3).Draw(t, "parallel")}
	result, err := scan.Read(context.Background(), client, ranges, opts,
		func(r *processor.Record) error { return lists[r.Partition].add(r) })
	open := false
	for i, p := range result.Partitions {
		reaches := min(p.End, stable[p.Partition])
		if want := max(p.Start, reaches); p.Position != want {
			t.Fatalf("%+v was read to %d, want %d", p, p.Position, want)
		}
		if p.End > reaches && p.Start < p.End {
			open = true
			var problem *scan.Problem
			if !errors.As(p.Err, &problem) || !errors.Is(p.Err, scan.ErrOpenTransaction) || problem.Offset != reaches {
				t.Fatalf("the transaction that is open at %d is reported as %v", stable[p.Partition], p.Err)
			}
		} else if !p.Complete() {
			t.Fatalf("%+v is not complete", p)
		}
		got, want := lists[i].lines, h.expected(p.Partition, p.Start, reaches)
		also := independent(t, other, topic, p.Partition, p.Start, reaches)
		if !slices.Equal(got, want) || !slices.Equal(got, also) {
			t.Fatalf("%s/%d from %d to %d: got %v, want %v, the independent reader has %v",
				topic, p.Partition, p.Start, p.End, got, want, also)
		}
	}
	if open != (err != nil) {
		t.Fatal("the error is ", err)
	}
}
