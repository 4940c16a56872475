package scan_test

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"verdict/processor"
	"verdict/processor/kafka/scan"
)

// first says that a question is among the first n of its kind.
func first(n int32, isKind func(offset int64, committed bool) bool) func(int32, int64, bool) bool {
	var asked atomic.Int32
	return func(_ int32, offset int64, committed bool) bool {
		return isKind(offset, committed) && asked.Add(1) <= n
	}
}

// A broker whose remote storage is slow answers without the records for a while: they come when it has them, and none
// is passed over.
func TestAnswersThatAreEmptyForAWhile(t *testing.T) {
	t.Parallel()
	fromTen := func(offset int64, _ bool) bool { return offset >= 10 }
	committed := func(offset int64, committed bool) bool { return offset >= 10 && committed }
	for _, f := range []struct {
		name      string
		log       *madeLog
		to        scan.Place
		withholds func(int32, int64, bool) bool
		want      int64 // records
	}{
		{"all is committed", &madeLog{batches: [][]byte{batch(0, 9, 1), batch(10, 19, 11, 12), batch(80, 99, 98, 99)},
			high: 100, last: 100}, scan.HighWatermark(), first(6, fromTen), 5},
		{"in front of an open transaction, for every reader", &madeLog{
			batches: [][]byte{batch(0, 9, 1), batch(10, 19, 11, 12), batch(60, 99, 60)}, high: 100, last: 60},
			scan.LastStable(), first(3, fromTen), 3},
		// The batch that a reader of all records gets shows that there is no hole.
		{"in front of an open transaction, for readers of committed records", &madeLog{
			batches: [][]byte{batch(0, 9, 1), batch(40, 49, 41, 42), batch(60, 99, 60)}, high: 100, last: 60},
			scan.LastStable(), first(2, committed), 3},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1)
			f.log.withholds = f.withholds
			f.log.serve(c)
			_, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), f.to, scan.Options{})
			complete(t, result, err)
			if result.Records != f.want || f.log.fetches.Load() < 4 {
				t.Errorf("%d records after %d fetches, want %d", result.Records, f.log.fetches.Load(), f.want)
			}
		})
	}
}

// Nothing is passed over without proof: what stays empty is an error.
func TestAnswersThatStayEmpty(t *testing.T) {
	t.Parallel()
	always := func(_ int32, offset int64, _ bool) bool { return offset >= 10 }
	committed := func(_ int32, offset int64, committed bool) bool { return offset >= 10 && committed }
	for _, f := range []struct {
		name      string
		log       *madeLog
		to        scan.Place
		withholds func(int32, int64, bool) bool
	}{
		{"a log that ends in a hole", &madeLog{batches: [][]byte{batch(0, 9, 1)}, high: 100, last: 100},
			scan.HighWatermark(), nil},
		{"the last stable offset is the high watermark", &madeLog{batches: [][]byte{batch(0, 9, 1), batch(10, 99, 11)},
			high: 100, last: 100}, scan.LastStable(), always},
		{"in front of an open transaction", &madeLog{batches: [][]byte{batch(0, 9, 1), batch(60, 99, 60)},
			high: 100, last: 60}, scan.LastStable(), always},
		{"in front of an open transaction, with a batch between", &madeLog{
			batches: [][]byte{batch(0, 9, 1), batch(30, 39, 30), batch(60, 99, 60)}, high: 100, last: 60},
			scan.LastStable(), committed},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1)
			f.log.withholds = f.withholds
			f.log.serve(c)
			_, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), f.to,
				scan.Options{Patience: 1500 * time.Millisecond})
			isProblem(t, err, scan.ErrUnreachable, 0, 10,
				"gives nothing from offset 10 on, though the log goes on to 100")
			if at := result.Partitions[0]; at.Complete() || at.Position != 10 || at.Records != 1 {
				t.Errorf("%+v", at)
			}
			if n := f.log.fetches.Load(); n < 4 || n > 12 {
				t.Errorf("%d fetches", n)
			}
		})
	}
}

// Each partition is asked for alone, one after the other, and each answer takes a while. That they wait for one another
// is not held against their leader.
func TestManyPartitionsWhoseAnswersAreEmptyForAWhile(t *testing.T) {
	t.Parallel()
	const n = 30
	c := newCluster(t, n, kfake.NumBrokers(1))
	log := madeLog{batches: [][]byte{batch(0, 9, 1), batch(60, 99, 60)}, high: 100, last: 60}
	var refused [n]atomic.Bool
	log.withholds = func(partition int32, offset int64, committed bool) bool {
		if offset < 10 {
			return false
		}
		<-time.After(25 * time.Millisecond)
		return committed || !refused[partition].Swap(true) // once, each is not even told of the hole
	}
	log.serve(c)
	began := time.Now()
	_, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), scan.LastStable(),
		scan.Options{Patience: 1500 * time.Millisecond})
	complete(t, result, err)
	if took := time.Since(began); result.Records != n || took < 2*time.Second {
		t.Errorf("%d records, and it took %s: nothing had to wait", result.Records, took)
	}
}

// A partition that is asked for alone again and again does not keep the others of its leader from being read.
func TestPartitionsAskedForAloneTakeTurnsWithTheOthers(t *testing.T) {
	t.Parallel()
	const n, bad = 12, 10
	c := newCluster(t, n, kfake.NumBrokers(1))
	log := madeLog{high: 40, last: 40}
	for i := range int64(40) {
		log.batches = append(log.batches, batch(i, i, i))
	}
	log.withholds = func(partition int32, offset int64, _ bool) bool {
		if partition >= bad || offset == 0 {
			return false
		}
		<-time.After(10 * time.Millisecond)
		return true
	}
	single := 0 // fetches in a row of one partition
	log.answered = func(partitions, _ int) {
		if single++; partitions > 1 {
			single = 0
		}
		if n := log.fetches.Load(); single > 1 && n < 60 { // the others are not at their ends before
			t.Errorf("fetch %d is another one of a partition alone", n)
		}
	}
	log.serve(c)
	client := connect(t, c.ListenAddrs(), "raw")
	ranges, err := scan.Topic(within(t, time.Minute), client, "raw", scan.Earliest(), scan.HighWatermark())
	if err != nil {
		t.Fatal(err)
	}
	var ended []int32
	_, err = scan.Read(within(t, time.Minute), client, ranges, scan.Options{KeepGoing: true, FetchBytes: 1,
		Patience: 2 * time.Second, Done: func(p scan.Partition) { ended = append(ended, p.Partition) }},
		func(*processor.Record) error { return nil })
	if !errors.Is(err, scan.ErrUnreachable) || strings.Count(err.Error(), "gives nothing") != bad || len(ended) != n {
		t.Fatalf("%v of %v", err, ended)
	}
	if slices.Sort(ended[:2]); !slices.Equal(ended[:2], []int32{10, 11}) {
		t.Errorf("they ended in the order %v", ended)
	}
}

// Strange options count as the defaults.
func TestOptionsBelowTheirFloors(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	log := madeLog{batches: [][]byte{batch(0, 9, 1), batch(10, 99, 11)}, high: 100, last: 100}
	log.withholds = first(3, func(offset int64, _ bool) bool { return offset >= 10 })
	log.serve(c)
	told := 0
	_, result, err := readWhole(t, c, scan.Options{Parallel: -1, FetchBytes: -1, Patience: -1, ProgressEvery: -1,
		Progress: func(scan.Result) { told++ }})
	complete(t, result, err)
	if told > 10 {
		t.Errorf("told of progress %d times", told)
	}
	log.withholds = first(1, func(offset int64, _ bool) bool { return offset >= 10 })
	_, result, err = readWhole(t, c, scan.Options{Patience: 1, ProgressEvery: 1})
	complete(t, result, err) // the second try brings it
}
