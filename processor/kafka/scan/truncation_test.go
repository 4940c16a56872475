package scan_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka/scan"
)

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
