package scan_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka/scan"
)

// oneByOne writes records in batches of their own.
func oneByOne(t *testing.T, c *kfake.Cluster, partition int32, n int) {
	t.Helper()
	p := producer(t, c.ListenAddrs())
	for _, r := range records(partition, "r", n) {
		produce(t, p, r)
	}
}

// whole is the range of a partition of "raw".
func whole(partition int32) scan.Range {
	return scan.Range{Topic: "raw", Partition: partition, From: scan.Earliest(), To: scan.HighWatermark()}
}

// isProblem checks an error's reason, place and text.
func isProblem(t *testing.T, err, reason error, partition int32, offset int64, text string) {
	t.Helper()
	var p *scan.Problem
	switch {
	case !errors.Is(err, reason) || !errors.As(err, &p):
		t.Errorf("the error is %v, want %v", err, reason)
	case p.Topic != "raw" || p.Partition != partition || p.Offset != offset || !strings.Contains(err.Error(), text):
		t.Errorf("the problem is %+v %q, want raw/%d at offset %d: %s", p, err, partition, offset, text)
	}
}

func TestTruncationWhileReading(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	oneByOne(t, c, 0, 20)
	var s seen
	result, err := scan.Read(within(t, time.Minute), connect(t, c.ListenAddrs(), "raw"), []scan.Range{whole(0)},
		scan.Options{FetchBytes: 1},
		func(r *processor.Record) error {
			if r.Offset == 3 {
				if err := c.DeleteRecords("raw", 0, 15); err != nil {
					t.Error(err)
				}
			}
			return s.add(r)
		})
	at := result.Partitions[0]
	if at.Position < 4 || at.Position > 5 ||
		at.Position != int64(len(s.lines)) { // one batch may have been fetched before
		t.Errorf("read to %+v, %d records", at, len(s.lines))
	}
	isProblem(t, err, scan.ErrTruncated, 0, at.Position, "but the topic now begins at 15")
}

func TestABeginningThatWasRemoved(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	oneByOne(t, c, 0, 10)
	if err := c.DeleteRecords("raw", 0, 5); err != nil {
		t.Fatal(err)
	}
	_, _, err := readAll(t, c.ListenAddrs(), "raw", scan.Offset(2), scan.HighWatermark(), scan.Options{})
	isProblem(t, err, scan.ErrTruncated, 0, 2, "the topic now begins at 5: 3 offsets were removed; begin at offset 5")
	got, result, err := readWhole(t, c, scan.Options{})
	complete(t, result, err)
	if len(got) != 5 || result.Partitions[0].Start != 5 {
		t.Errorf("got %v", got)
	}
}

// Retention that is faster than the first fetch is no reason to give up the earliest record.
func TestTheEarliestMovesBeforeTheFirstFetch(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	oneByOne(t, c, 0, 10)
	if err := c.DeleteRecords("raw", 0, 5); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	c.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		return offsets(req, 0), nil, req.Topics[0].Partitions[0].Timestamp == -2 && asked.Add(1) == 1
	})
	got, result, err := readWhole(t, c, scan.Options{})
	complete(t, result, err)
	if len(got) != 5 || result.Partitions[0].Start != 5 || asked.Load() < 2 {
		t.Errorf("got %v", got)
	}
}

// offsets answers all partitions of a request with one offset.
func offsets(req *kmsg.ListOffsetsRequest, offset int64) kmsg.Response {
	res := req.ResponseKind().(*kmsg.ListOffsetsResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewListOffsetsResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewListOffsetsResponseTopicPartition()
			rp.Partition, rp.Offset = p.Partition, offset
			rt.Partitions = append(rt.Partitions, rp)
		}
		res.Topics = append(res.Topics, rt)
	}
	return res
}

func TestPlacesBehindTheEnd(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	oneByOne(t, c, 0, 10)
	quick := scan.Options{Patience: 300 * time.Millisecond}
	_, _, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), scan.Offset(21), quick)
	isProblem(t, err, scan.ErrTruncated, 0, -1, "offset 20 belongs to the range, but the topic ends at 10")
	_, _, err = readAll(t, c.ListenAddrs(), "raw", scan.Offset(11), scan.LastStable(), quick)
	isProblem(t, err, scan.ErrTruncated, 0, -1, "offset 11 belongs to the range, but the topic ends at 10")
}

func TestATopicThatIsCreatedAnewWhileReading(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, kfake.NumBrokers(1))
	oneByOne(t, c, 0, 20)
	n := int64(0)
	_, err := scan.Read(within(t, time.Minute), connect(t, c.ListenAddrs(), "raw"), []scan.Range{whole(0)},
		scan.Options{FetchBytes: 1, Patience: 2 * time.Second}, func(*processor.Record) error {
			if n++; n == 5 {
				if err := errors.Join(c.DeleteTopic("raw"), c.CreateTopic("raw", 1, nil)); err != nil {
					t.Error(err)
				}
			}
			return nil
		})
	isProblem(t, err, scan.ErrTruncated, 0, n,
		"but the topic ends at 0: check the offset, or whether the topic was created anew")
}

func TestLeadersThatMove(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	oneByOne(t, c, 0, 30)
	oneByOne(t, c, 1, 30)
	n := 0
	var s seen
	result, err := scan.Read(within(t, time.Minute), connect(t, c.ListenAddrs(), "raw"),
		[]scan.Range{whole(0), whole(1)}, scan.Options{FetchBytes: 1},
		func(r *processor.Record) error {
			if n++; n%20 == 0 {
				if err := c.MoveTopicPartition("raw", r.Partition, 1-c.LeaderFor("raw", r.Partition)); err != nil {
					t.Error(err)
				}
			}
			return s.add(r)
		})
	complete(t, result, err)
	same(t, reader(t, c.ListenAddrs()), s.lines, result)
}

// withoutLeader makes the brokers say that a partition has none, as long as lacks says so.
func withoutLeader(t *testing.T, c *kfake.Cluster, partition int32, lacks *atomic.Bool) {
	t.Helper()
	addresses := c.ListenAddrs()
	leaders := []int32{c.LeaderFor("raw", 0), c.LeaderFor("raw", 1)}
	c.ControlKey(int16(kmsg.Metadata), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		res := kreq.ResponseKind().(*kmsg.MetadataResponse)
		for i, address := range addresses {
			b := kmsg.NewMetadataResponseBroker()
			host, port, _ := net.SplitHostPort(address)
			n, _ := strconv.Atoi(port)
			b.NodeID, b.Host, b.Port = int32(i), host, int32(n)
			res.Brokers = append(res.Brokers, b)
		}
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic = kmsg.StringPtr("raw")
		for i, leader := range leaders {
			p := kmsg.NewMetadataResponseTopicPartition()
			p.Partition, p.Leader = int32(i), leader
			if int32(i) == partition {
				p.Leader, p.ErrorCode = -1, kerr.LeaderNotAvailable.Code
			}
			topic.Partitions = append(topic.Partitions, p)
		}
		res.Topics = append(res.Topics, topic)
		return res, nil, lacks.Load()
	})
}

func TestAPartitionWithoutLeader(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	oneByOne(t, c, 0, 5)
	oneByOne(t, c, 1, 5)
	var lacks atomic.Bool
	lacks.Store(true)
	withoutLeader(t, c, 1, &lacks)
	var done []int32
	got, result, err := readWhole(t, c, scan.Options{
		Patience: 400 * time.Millisecond, KeepGoing: true, Done: func(p scan.Partition) {
			done = append(done,
				p.Partition)
		}})
	isProblem(t, err, scan.ErrUnreachable, 1, -1,
		"it has no leader: start the brokers that hold it, and read again from the beginning of the range")
	if len(got) != 5 || !result.Partitions[0].Complete() || result.Partitions[1].Complete() ||
		!slices.Equal(done, []int32{0, 1}) {
		t.Errorf("got %v, %v, %+v", got, done, result)
	}
	_, result, err = readWhole(t, c, scan.Options{ProgressEvery: 10 * time.Millisecond,
		Progress: func(r scan.Result) {
			if errors.Is(r.Partitions[1].Waits, scan.ErrUnreachable) {
				lacks.Store(false)
			}
		}})
	complete(t, result, err)
	if result.Records != 10 || lacks.Load() {
		t.Errorf("once it has a leader: %+v", result)
	}
}

func TestTopicsAndPartitionsThatAreNotThere(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	client := connect(t, c.ListenAddrs(), "raw")
	_, err := scan.Read(within(t, time.Minute), client, []scan.Range{whole(2)},
		scan.Options{Patience: 100 * time.Millisecond}, nil)
	isProblem(t, err, scan.ErrMissing, 2, -1, "the topic has only 2 partitions, from 0 to 1")
	_, err = scan.Topic(within(t, time.Minute), connect(t, c.ListenAddrs(), "nowhere"), "nowhere", scan.Earliest(),
		scan.HighWatermark())
	if !errors.Is(err, scan.ErrMissing) || !strings.Contains(err.Error(), "nowhere: the topic is not there") {
		t.Error(err)
	}
}

func TestBrokersThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	oneByOne(t, c, 0, 10)
	var cuts atomic.Int32
	for _, key := range []kmsg.Key{kmsg.Fetch, kmsg.ListOffsets} {
		c.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			return nil, errors.New("cut"), cuts.Add(-1) >= 0
		})
	}
	cuts.Store(12)
	got, result, err := readWhole(t, c, scan.Options{FetchBytes: 1})
	complete(t, result, err)
	if len(got) != 10 || cuts.Load() >= 0 {
		t.Errorf("got %v after all but %d cuts", got, cuts.Load())
	}
	n := int64(0)
	client := connect(t, c.ListenAddrs(), "raw")
	_, err = scan.Read(within(t, time.Minute), client, []scan.Range{whole(0)},
		scan.Options{FetchBytes: 1, Patience: 300 * time.Millisecond},
		func(*processor.Record) error {
			n++
			cuts.Store(1 << 20)
			return nil
		})
	isProblem(t, err, scan.ErrUnreachable, 0, n, fmt.Sprintf("broker %d, gives nothing of it", c.LeaderFor("raw", 0)))
}

func TestARefusalEndsAtOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	oneByOne(t, c, 0, 10)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: "raw", Err: kerr.TopicAuthorizationFailed, Count: -1})
	_, _, err := readWhole(t, c, scan.Options{})
	isProblem(t, err, scan.ErrRefused, 0, 0, "grant READ and DESCRIBE on the topic")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	openOne(t, c)
	client := connect(t, c.ListenAddrs(), "raw")
	mine := errors.New("mine")
	t.Run("between records", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(within(t, time.Minute))
		defer cancel(nil)
		n := 0
		result, err := scan.Read(ctx, client, []scan.Range{whole(0)}, scan.Options{}, func(*processor.Record) error {
			if n++; n == 2 {
				cancel(mine)
			}
			return nil
		})
		if !errors.Is(err, mine) || n != 2 || result.Partitions[0].Position != 2 {
			t.Errorf("%v after %d records, %+v", err, n, result)
		}
	})
	t.Run("while it waits", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(within(t, time.Minute))
		defer cancel(nil)
		var cancelled time.Time
		_, err := scan.Read(ctx, client, []scan.Range{whole(0)}, scan.Options{ProgressEvery: 10 * time.Millisecond,
			Progress: func(r scan.Result) {
				if r.Partitions[0].Waits != nil && cancelled.IsZero() {
					cancelled = time.Now()
					cancel(mine)
				}
			}}, func(*processor.Record) error { return nil })
		if took := time.Since(cancelled); !errors.Is(err, mine) || took > 2*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

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
