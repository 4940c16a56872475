package scan_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka/scan"
)

// Nobody is called twice at a time for one partition, and with one loop nobody at all.
func TestManyPartitions(t *testing.T) {
	t.Parallel()
	const n = 64
	c := newCluster(t, n, kfake.NumBrokers(3))
	p := producer(t, c.ListenAddrs())
	for i := range int32(n) {
		if i%3 > 0 {
			produce(t, p, records(i, "r", int(10*i))...)
		}
	}
	asked := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Observe: true, Count: -1})
	for _, parallel := range []int{1, 4} {
		client := connect(t, c.ListenAddrs(), "raw")
		ranges, err := scan.Topic(within(t, time.Minute), client, "raw", scan.Earliest(), scan.HighWatermark())
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var s seen
		var busy [n]atomic.Int32
		var all, done atomic.Int32
		before := asked.Hits()
		result, err := scan.Read(within(t, time.Minute), client, ranges,
			scan.Options{Parallel: parallel, FetchBytes: 5000,
				Done: func(scan.Partition) { done.Add(1) }}, func(r *processor.Record) error {
				if busy[r.Partition].Add(1) > 1 || all.Add(1) > int32(parallel) {
					t.Error("called beside itself")
				}
				mu.Lock()
				defer mu.Unlock()
				defer busy[r.Partition].Add(-1)
				defer all.Add(-1)
				return s.add(r)
			})
		complete(t, result, err)
		same(t, reader(t, c.ListenAddrs()), s.lines, result)
		if done.Load() != n {
			t.Errorf("%d partitions are done", done.Load())
		}
		if n := asked.Hits() - before; n > 2*3*parallel { // two questions to each broker by each loop
			t.Errorf("%d times the brokers were asked for offsets", n)
		}
	}
}

// A loop holds at most one answer of each broker and the one that is being processed, however slow the function for
// records is: what the brokers have answered is never more than that ahead of it.
func TestWhatIsFetchedIsBounded(t *testing.T) {
	t.Parallel()
	const bytes, partitions, brokers, n = 20_000, 8, 2, 12
	c := newCluster(t, partitions)
	log := madeLog{high: n, last: n}
	for i := range int64(n) {
		log.batches = append(log.batches, batchOf(i, i, make([]byte, 6000), i))
	}
	size := len(log.batches[0])
	var answered atomic.Int64
	log.answered = func(_, bytes int) { answered.Add(int64(bytes)) }
	log.serve(c)
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	client := connect(t, c.ListenAddrs(), "raw")
	ranges, err := scan.Topic(within(t, time.Minute), client, "raw", scan.Earliest(), scan.HighWatermark())
	if err != nil {
		t.Fatal(err)
	}
	processed, most := 0, 0
	result, err := scan.Read(within(t, time.Minute), client, ranges, scan.Options{FetchBytes: bytes},
		func(*processor.Record) error {
			<-tick.C // the brokers could get ahead
			most = max(most, int(answered.Load())-processed)
			processed += size
			return nil
		})
	complete(t, result, err)
	if result.Records != partitions*n || int(answered.Load()) != processed {
		t.Errorf("%d records, %d bytes answered, %d processed", result.Records, answered.Load(), processed)
	}
	if most > (brokers+1)*bytes || most <= bytes {
		t.Errorf("%d bytes were held, with answers of %d", most, bytes)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	oneByOne(t, c, 0, 40)
	oneByOne(t, c, 1, 40)
	const every = 20 * time.Millisecond
	var told []time.Time
	last := int64(0)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	result, err := scan.Read(within(t, time.Minute), connect(t, c.ListenAddrs(), "raw"),
		[]scan.Range{whole(0), whole(1)},
		scan.Options{ProgressEvery: every, Progress: func(r scan.Result) {
			told = append(told, time.Now())
			if r.Records < last || r.Records > 80 || r.Partitions[0].Position > 40 {
				t.Errorf("%+v after %d records", r, last)
			}
			last = r.Records
		}}, func(*processor.Record) error {
			<-tick.C // some time passes
			return nil
		})
	complete(t, result, err)
	for i := 1; i < len(told); i++ {
		if told[i].Sub(told[i-1]) < every {
			t.Error("told too often")
		}
	}
	if len(told) < 3 || last == 0 {
		t.Errorf("told %d times, of %d records", len(told), last)
	}
}
