package scan_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
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
