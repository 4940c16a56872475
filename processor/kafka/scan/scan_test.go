package scan_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
	"verdict/processor/kafka/scan"
)

func TestAbortedTransactionsAmongOthers(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	plain := producer(t, c.ListenAddrs())
	one := producer(t, c.ListenAddrs(), kgo.TransactionalID("one"))
	two := producer(t, c.ListenAddrs(), kgo.TransactionalID("two"))
	for i := range int32(2) {
		open(t, one, records(i, "aborted", 3)...)
		produce(t, plain, records(i, "plain", 2)...)
		transaction(t, two, kgo.TryCommit, records(i, "committed", 2)...)
		produce(t, one, records(i, "aborted", 2)...)
		transaction(t, two, kgo.TryAbort, records(i, "gone", 1)...)
		produce(t, plain, records(i, "plain", 1)...)
		if err := one.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
			t.Fatal(err)
		}
	}
	for name, end := range map[string]scan.Place{"last stable": scan.LastStable(),
		"high watermark": scan.HighWatermark()} {
		t.Run(name, func(t *testing.T) {
			got, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), end, scan.Options{})
			complete(t, result, err)
			same(t, reader(t, c.ListenAddrs()), got, result)
			want := []string{"plain-0", "plain-1", "committed-0", "committed-1", "plain-0"}
			slices.SortStableFunc(got, byPartition)
			if got := values(got); !slices.Equal(got, append(want, want...)) {
				t.Errorf("got %v", got)
			}
			if n := result.Partitions[0].Holes + result.Partitions[1].Holes; n != 0 {
				t.Errorf("holes of %d offsets, without compaction", n)
			}
			for i := range result.Partitions { // 3, 2 and 1 records were taken back, and 3 transactions ended
				if at := &result.Partitions[i]; at.Aborted != 6 || at.Markers != 3 {
					t.Errorf("raw/%d: %d offsets of aborted records, %d of markers", i, at.Aborted, at.Markers)
				}
			}
		})
	}
}

// The log ends in control records, and one partition holds nothing else that counts.
func TestEndsOfMarkersAndEmptyPartitions(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 4)
	p := producer(t, c.ListenAddrs(), kgo.TransactionalID("one"))
	transaction(t, p, kgo.TryCommit, records(0, "committed", 3)...)
	transaction(t, p, kgo.TryAbort, records(0, "aborted", 3)...)
	transaction(t, p, kgo.TryAbort, records(1, "aborted", 3)...)
	transaction(t, p, kgo.TryCommit, records(2, "committed", 1)...)
	for _, end := range []scan.Place{scan.LastStable(), scan.HighWatermark(), scan.Time(time.Now().Add(time.Hour))} {
		got, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), end, scan.Options{})
		complete(t, result, err)
		same(t, reader(t, c.ListenAddrs()), got, result)
		for i, want := range []int64{8, 4, 2, 0} {
			if at := result.Partitions[i]; at.Position != want || at.Holes != 0 {
				t.Errorf("raw/%d was read to %d, want %d, with holes of %d", i, at.Position, want, at.Holes)
			}
		}
	}
}

func TestOffsets(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	produce(t, producer(t, c.ListenAddrs()), records(0, "r", 10)...)
	for _, f := range []struct {
		from, to scan.Place
		want     []string
	}{
		{scan.Offset(3), scan.Offset(6), []string{"r-3", "r-4", "r-5"}},
		{scan.Offset(9), scan.Offset(10), []string{"r-9"}},
		{scan.Offset(4), scan.Offset(4), nil},
		{scan.Offset(10), scan.HighWatermark(), nil},
		{scan.Earliest(), scan.Offset(1), []string{"r-0"}},
		{scan.Earliest(), scan.Offset(0), nil},
	} {
		got, result, err := readAll(t, c.ListenAddrs(), "raw", f.from, f.to, scan.Options{})
		complete(t, result, err)
		if got := values(got); !slices.Equal(got, f.want) {
			t.Errorf("from %v to %v: got %v, want %v", f.from, f.to, got, f.want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	began := time.UnixMilli(time.Now().UnixMilli())
	var list []*kgo.Record
	for i, r := range records(0, "r", 10) {
		r.Timestamp = began.Add(time.Duration(i) * time.Second)
		list = append(list, r)
	}
	p := producer(t, c.ListenAddrs())
	for _, r := range list { // batches of one record
		produce(t, p, r)
	}
	at := func(seconds int) scan.Place { return scan.Time(began.Add(time.Duration(seconds) * time.Second)) }
	for _, f := range []struct {
		from, to scan.Place
		want     []string
	}{
		{at(3), at(6), []string{"r-3", "r-4", "r-5"}},
		{at(8), scan.HighWatermark(), []string{"r-8", "r-9"}},
		{scan.Earliest(), at(2), []string{"r-0", "r-1"}},
		{at(7), at(1000), []string{"r-7", "r-8", "r-9"}},
		{at(-1000), at(1), []string{"r-0"}},
		{at(1000), scan.HighWatermark(), nil},
		{at(1000), at(2000), nil},
		{at(5), scan.Offset(2), nil},
		{scan.Offset(8), at(2), nil},
	} {
		got, result, err := readAll(t, c.ListenAddrs(), "raw", f.from, f.to, scan.Options{})
		complete(t, result, err)
		if got := values(got); !slices.Equal(got, f.want) {
			t.Errorf("from %v to %v: got %v, want %v", f.from, f.to, got, f.want)
		}
	}
}

// openOne writes five records, a transaction of two that stays open, and one more.
func openOne(t *testing.T, c *kfake.Cluster) *kgo.Client {
	t.Helper()
	plain, p := producer(t, c.ListenAddrs()), producer(t, c.ListenAddrs(), kgo.TransactionalID("one"))
	produce(t, plain, records(0, "before", 5)...)
	open(t, p, records(0, "open", 2)...)
	produce(t, plain, records(0, "behind", 1)...)
	return p
}

func TestTheLastStableOffsetIsInFrontOfAnOpenTransaction(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	openOne(t, c)
	for _, end := range []scan.Place{scan.LastStable(), scan.HighWatermark().Stable(),
		scan.Time(time.Now().Add(time.Hour)).Stable(), scan.Offset(7).Stable()} {
		got, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), end, scan.Options{})
		complete(t, result, err)
		if len(got) != 5 || result.Partitions[0].End != 5 {
			t.Errorf("got %v to %d", got, result.Partitions[0].End)
		}
	}
}

func TestAStandingOpenTransactionIsReported(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	openOne(t, c)
	for _, end := range []scan.Place{scan.HighWatermark(), scan.Offset(7), scan.Time(time.Now().Add(time.Hour))} {
		for _, wait := range []time.Duration{-1, 300 * time.Millisecond} {
			got, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), end, scan.Options{OpenWait: wait})
			var p *scan.Problem
			if !errors.Is(err, scan.ErrOpenTransaction) || !errors.As(err, &p) || p.Topic != "raw" ||
				p.Partition != 0 || p.Offset != 5 {
				t.Errorf("got the error %v", err)
			}
			if at := result.Partitions[0]; len(got) != 5 || at.Position != 5 || at.Complete() || at.Err == nil {
				t.Errorf("got %v, %+v", got, at)
			}
		}
	}
	if _, _, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), scan.Offset(5),
		scan.Options{OpenWait: -1}); err != nil {
		t.Error("a range that ends in front of it: ", err)
	}
}

// A transaction that ends meanwhile is read, and the end stays where it was when the scan began.
func TestAnOpenTransactionIsWaitedFor(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	p := openOne(t, c)
	ended := false
	var s seen
	client := connect(t, c.ListenAddrs(), "raw")
	result, err := scan.Read(within(t, time.Minute), client, []scan.Range{whole(0)},
		scan.Options{ProgressEvery: 10 * time.Millisecond, Progress: func(r scan.Result) {
			if why := r.Partitions[0].Waits; errors.Is(why, scan.ErrOpenTransaction) && !ended {
				ended = true
				produce(t, p, records(0, "late", 1)...)
				if err := p.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
					t.Error(err)
				}
			}
		}}, s.add)
	complete(t, result, err)
	want := []string{"before-0", "before-1", "before-2", "before-3", "before-4", "open-0", "open-1", "behind-0"}
	if got := values(s.lines); !slices.Equal(got, want) || result.Partitions[0].End != 8 {
		t.Errorf("got %v to %d", got, result.Partitions[0].End)
	}
}

func TestAnErrorOfTheFunctionEndsTheScan(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	produce(t, producer(t, c.ListenAddrs()), append(records(0, "r", 10), records(1, "r", 10)...)...)
	mine := errors.New("mine")
	for end, want := range map[error]error{mine: mine, scan.ErrStop: nil} {
		n := 0
		client := connect(t, c.ListenAddrs(), "raw")
		result, err := scan.Read(within(t, time.Minute), client, []scan.Range{whole(0)},
			scan.Options{}, func(*processor.Record) error {
				if n++; n == 4 {
					return end
				}
				return nil
			})
		if n != 4 || result.Records != 3 || result.Partitions[0].Position != 3 || result.Partitions[0].Complete() {
			t.Errorf("%d calls, %+v", n, result)
		}
		if !errors.Is(err, want) {
			t.Errorf("got the error %v", err)
		}
	}
}

func TestRangesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, f := range []struct{ from, to scan.Place }{
		{scan.HighWatermark(), scan.HighWatermark()}, {scan.Earliest(), scan.Earliest()}, {scan.Place{},
			scan.HighWatermark()},
		{scan.Earliest(), scan.Place{}}, {scan.Offset(-1), scan.HighWatermark()}, {scan.Offset(5), scan.Offset(4)},
		{scan.Time(now), scan.Time(now.Add(-time.Hour))},
	} {
		if _, err := scan.Read(t.Context(), nil, []scan.Range{{Topic: "raw", From: f.from, To: f.to}}, scan.Options{},
			nil); err == nil {
			t.Errorf("from %v to %v is taken", f.from, f.to)
		}
	}
	r := scan.Range{Topic: "raw", From: scan.Earliest(), To: scan.HighWatermark()}
	if _, err := scan.Read(t.Context(), nil, []scan.Range{r, r}, scan.Options{}, nil); err == nil {
		t.Error("two ranges of a partition are taken")
	}
	if _, err := scan.Read(t.Context(), nil, nil, scan.Options{}, nil); err != nil {
		t.Error("no range: ", err)
	}
}
