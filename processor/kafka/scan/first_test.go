package scan_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka/scan"
)

func TestOnlyTheFirstRecords(t *testing.T) {
	t.Parallel()
	const n = 40
	c := newCluster(t, n, kfake.NumBrokers(1))
	p := producer(t, c.ListenAddrs())
	for i := range int32(n) {
		produce(t, p, records(i, "r", int(i))...)
	}
	fetches := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Observe: true, Count: -1})
	got, result, err := readWhole(t, c, scan.Options{First: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range result.Partitions {
		want := min(int64(i), 2)
		if at.Records != want || at.Position != want || at.End != int64(i) || at.Complete() != (i <= 2) {
			t.Errorf("%d records: %+v", i, at)
		}
	}
	if len(got) != 1+2*(n-2) || fetches.Hits() > 2 {
		t.Errorf("%d records in %d fetches", len(got), fetches.Hits())
	}
}

// What is passed over counts for nothing: neither the ends of transactions nor what was aborted.
func TestTheFirstRecordBehindThoseThatAreNone(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	writer := producer(t, c.ListenAddrs(), kgo.TransactionalID("writer"))
	for i := range int32(2) {
		transaction(t, writer, kgo.TryAbort, records(i, "aborted", 3)...)
	}
	transaction(t, writer, kgo.TryCommit, records(1, "committed", 3)...)
	got, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), scan.LastStable(), scan.Options{First: 1})
	if err != nil || len(got) != 1 || values(got)[0] != "committed-0" {
		t.Errorf("got %v, %v", got, err)
	}
	if none := &result.Partitions[0]; !none.Complete() || none.Records != 0 {
		t.Errorf("without a record: %+v", none)
	}
}
