package scan_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
	"verdict/processor/kafka/scan"
)

// TestEnds: what is written after the ends were fixed is not read, whatever the ranges begin with, and an open
// transaction ends a range to the last stable offset.
func TestEnds(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	p := producer(t, c.ListenAddrs())
	produce(t, p, append(records(0, "a", 3), records(1, "b", 5)...)...)
	open(t, producer(t, c.ListenAddrs(), kgo.TransactionalID("x")), records(1, "open", 1)...)
	client := connect(t, c.ListenAddrs(), "raw")
	now := time.Now()
	for _, f := range []struct {
		from scan.Place
		none bool
	}{{scan.Earliest(), false}, {scan.Time(now.Add(-time.Hour)), false}, {scan.Time(now.Add(time.Hour)), true}} {
		ranges, err := scan.Topic(within(t, time.Minute), client, "raw", f.from, scan.LastStable())
		if err != nil {
			t.Fatal(err)
		}
		fixed, err := scan.Ends(within(t, time.Minute), client, ranges)
		if err != nil {
			t.Fatal(err)
		}
		before := c.PartitionInfo("raw", 0).HighWatermark
		produce(t, p, records(0, "late", 2)...)
		read := int64(0)
		result, err := scan.Read(within(t, time.Minute), client, fixed, scan.Options{}, func(r *processor.Record) error {
			if r.Partition == 0 && r.Offset >= before || r.Partition == 1 && r.Offset >= 5 {
				t.Errorf("%s is behind the end", line(r))
			}
			read++
			return nil
		})
		complete(t, result, err)
		if f.none && read > 0 || !f.none && read != before+5 {
			t.Errorf("%d records are read of the %d at first", read, before+5)
		}
	}
}

// TestBounds: a log begins where retention has left it, and ends twice while a transaction is open.
func TestBounds(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	produce(t, producer(t, c.ListenAddrs()), records(0, "a", 5)...)
	open(t, producer(t, c.ListenAddrs(), kgo.TransactionalID("x")), records(0, "open", 2)...)
	removeBefore(t, c.ListenAddrs(), "raw", 2)
	client := connect(t, c.ListenAddrs(), "raw")
	got, err := scan.BoundsOf(within(t, time.Minute), client, []scan.Range{{Topic: "raw"}}, scan.Options{})
	if want := (scan.Bounds{First: 2, Stable: 5, High: 7}); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("bounds are %+v, want %+v: %v", got, want, err)
	}
	_, err = scan.BoundsOf(within(t, time.Minute), client, []scan.Range{{Topic: "raw", Partition: 7}},
		scan.Options{Patience: 1})
	if err == nil {
		t.Error("a partition that is not there has bounds")
	}
}
