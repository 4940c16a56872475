//go:build unix

package faults

import (
	"context"
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
	notInShort(t)
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
