//go:build unix

package faults

import (
	"testing"
	"time"
)

// twoReplicas puts an output topic on two brokers, and needs both of them for a write.
func twoReplicas(names topicNames) []topicSpec {
	out := names.outputs
	return append([]topicSpec{
		{name: names.raw, partitions: rawPartitions, replication: 3},
		{name: out[decisions], partitions: 5, replication: 3},
		{name: out[billing], placed: [][]int32{{2, 3}, {3, 2}, {2, 3}},
			configs: map[string]string{"min.insync.replicas": "2"}},
		{name: out[risk], partitions: 3, replication: 3}, {name: out[deadLetters], partitions: 1, replication: 3},
	}, stateTopics(names, rawPartitions, 3)...)
}

const stuck = "transactions do not come to their end"

// TestTooFewInSync takes one of the two replicas of an output topic away that needs both. Verdict waits, says why, and
// goes on when it is back, however long that takes.
func TestTooFewInSync(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 3, topics: twoReplicas})
	ctx := t.Context()
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))

	b, since := s.cluster.broker(3), time.Now()
	b.kill()
	s.must(i.awaitUnready(ctx, time.Minute, stuck))
	s.say("too few replicas in sync: after %.1f s: %v", time.Since(since).Seconds(), i.readiness(ctx))
	// Past the end of the transaction that it has open. The coordinator cannot even abort it: markers need the replicas
	// as well.
	s.must(pass(ctx, transactionTimeout+2*sweep))
	if !i.running() {
		t.Fatalf("it gave up: %s", lastLines(i.logFile))
	}
	s.must(i.awaitUnready(ctx, time.Second, stuck))
	s.say("after %.1f s: %v", time.Since(since).Seconds(), i.readiness(ctx))
	m, err := i.metrics(ctx)
	s.must(err)
	if m.sum("verdict_units_stalled") == 0 || m[`verdict_errors_total{class="retry"}`] == 0 {
		t.Error("the metrics do not tell")
	}
	s.say("it waits; retried %.0f requests", m[`verdict_errors_total{class="retry"}`])
	b.start()
	s.must(b.await(ctx))
	s.flowsAgain(ctx, "too few replicas in sync", time.Now())
	s.finish()
}
