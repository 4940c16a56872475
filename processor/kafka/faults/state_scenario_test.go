//go:build unix

package faults

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The partition of the changelog that these scenarios break.
const brokenPartition = 2

func (s *stage) otherPartitions() []int32 {
	return slices.DeleteFunc(s.allPartitions(), func(p int32) bool { return p == brokenPartition })
}

// TestForeignTransactionInChangelog leaves somebody's transaction open in the changelog, below what is committed behind
// it, and has the state restored meanwhile: the partition waits until all that is committed can be read, the others go
// on, and nothing is missed or taken for lost.
func TestForeignTransactionInChangelog(t *testing.T) {
	s := newStage(t, stageOptions{brokers: 1})
	ctx := t.Context()
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))

	end := s.openForeign(ctx)
	since := time.Now()
	_, _, err := s.watch.flow(ctx, since, s.allPartitions(), 30*time.Second) // behind it there is something to miss
	s.must(err)
	s.must(i.terminate(stopLimit, 0))
	i.start()
	_, last, err := s.watch.flow(ctx, time.Now(), s.otherPartitions(), calmLimit)
	s.must(err)
	s.say("a transaction is open in %s/%d: the other partitions go on after %.1f s", s.names.changelog, brokenPartition,
		last.Seconds())
	s.must(pass(ctx, 5*time.Second))
	if i.said("records of it were lost") == nil {
		t.Errorf("what is only to be waited for was taken for lost; its log: %s", lastLines(i.logFile))
	}
	s.must(end())
	s.flowsAgain(ctx, "the transaction is over", time.Now())
	s.finish()
}

// openForeign begins a transaction in the changelog and writes a record. end aborts it.
func (s *stage) openForeign(ctx context.Context) (end func() error) {
	s.t.Helper()
	client := s.cluster.client(append(producer(), kgo.TransactionalID("foreign"),
		kgo.TransactionTimeout(5*time.Minute))...)
	s.must(client.BeginTransaction())
	s.must(client.ProduceSync(ctx, &kgo.Record{Topic: s.names.changelog, Partition: brokenPartition,
		Key: []byte("foreign"), Value: []byte("foreign")}).FirstErr())
	return func() error { return client.EndTransaction(ctx, kgo.TryAbort) }
}

// TestChangelogIsTruncated removes all records of a partition of the changelog while nothing runs: the partition is
// held,
// with what is wrong and what to do, and the others go on.
func TestChangelogIsTruncated(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 1})
	ctx := t.Context()
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))
	s.must(i.terminate(stopLimit, 0))
	ends, err := s.cluster.ends(ctx, s.names.changelog, rawIsolation)
	s.must(err)
	before, err := s.cluster.committed(ctx, s.group, s.names.raw)
	s.must(err)
	s.must(s.cluster.deleteRecords(ctx, s.names.changelog, brokenPartition, ends[brokenPartition]))
	i.start()
	_, last, err := s.watch.flow(ctx, time.Now(), s.otherPartitions(), calmLimit)
	s.must(err)
	s.say("%s/%d has no records any more: the other partitions go on after %.1f s", s.names.changelog, brokenPartition,
		last.Seconds())
	s.must(i.awaitUnready(ctx, time.Minute, fmt.Sprintf("%s/%d", s.names.raw, brokenPartition), "position record",
		"verdict state begin"))
	s.say("it says: %v", i.readiness(ctx))
	s.must(s.gen.finish(ctx))
	s.must(s.remove(i))
	after, err := s.cluster.committed(ctx, s.group, s.names.raw)
	s.must(err)
	if after[brokenPartition] != before[brokenPartition] {
		t.Errorf("the partition's offset went from %d to %d", before[brokenPartition], after[brokenPartition])
	}
	s.must(s.cluster.settle(ctx, s.group, s.names, true, time.Minute))
	o, err := s.cluster.observe(ctx, s.seed, s.group, s.names, s.parser())
	s.must(err)
	r := check(s.seed, s.ledger.all(), o, promise{whileDown: true})
	s.say("read back and checked:\n%s", r.table())
	// What was done on purpose is wrong, and nothing else.
	if r.count[stateMissing] == 0 || r.count[positionDiffers] != 1 {
		t.Errorf("the checker does not see that the changelog was truncated")
	}
	r.count[stateMissing], r.count[positionDiffers] = 0, 0
	if !r.ok() {
		t.Error("more is wrong than that the changelog was truncated, see the table above")
	}
}
