//go:build unix

package faults

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The brokers that have brokenPartition of the changelog in TestChangelogLeaderIsOutOfDate.
const (
	upToDate  int32 = 2
	outOfDate int32 = 3
)

// uncleanChangelog puts brokenPartition of the changelog on two brokers, and its others on one of these and the third.
// It takes writes that one replica alone has, and prefers any replica to none: what docs/kafka.md warns of.
func uncleanChangelog(names topicNames) []topicSpec {
	out := names.outputs
	specs := append([]topicSpec{
		{name: names.raw, partitions: rawPartitions, replication: 3},
		{name: out[decisions], partitions: 5, replication: 3}, {name: out[billing], partitions: 4, replication: 3},
		{name: out[risk], partitions: 3, replication: 3}, {name: out[deadLetters], partitions: 1, replication: 3},
	}, stateTopics(names, rawPartitions, 3)...)
	log := &specs[len(specs)-1]
	log.placed = [][]int32{{1, 2}, {1, 3}, {upToDate, outOfDate}, {1, 2}, {1, 3}, {1, 2}}
	log.configs = map[string]string{"min.insync.replicas": "1", "unclean.leader.election.enable": "true"}
	maps.Copy(log.configs, changelogConfigs)
	return specs
}

// TestChangelogLeaderIsOutOfDate has a replica of the changelog elected that lacks what was committed while it was
// away: the only one that had it is gone. The partition is held at its offset, with what is wrong and what to do, and
// the others go on.
func TestChangelogLeaderIsOutOfDate(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 3, topics: uncleanChangelog})
	ctx := t.Context()
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))

	old, gone := s.cluster.broker(outOfDate), s.cluster.broker(upToDate)
	old.kill()
	s.must(s.calm(ctx)) // once the replica is no longer waited for
	s.must(pass(ctx, 5*time.Second))
	ends, err := s.cluster.ends(ctx, s.names.changelog, rawIsolation)
	s.must(err)
	gone.kill()
	old.start() // with it there is a quorum of controllers again
	s.must(old.await(ctx))
	s.must(s.electUnclean(ctx, s.names.changelog, brokenPartition, outOfDate))
	now, err := s.cluster.ends(ctx, s.names.changelog, rawIsolation)
	s.must(err)
	s.say("%s/%d ended at %d on broker %d, and ends at %d on broker %d, its leader now", s.names.changelog,
		brokenPartition, ends[brokenPartition], upToDate, now[brokenPartition], outOfDate)

	// The instance that ran all the while may have gone on with what it had in memory, and written behind the gap.
	_, last, err := s.watch.flow(ctx, time.Now(), s.otherPartitions(), calmLimit)
	s.must(err)
	s.say("the other partitions go on after %.1f s; it says: %v", last.Seconds(), i.readiness(ctx))
	s.must(pass(ctx, 5*time.Second))
	i.kill()
	s.must(s.cluster.settle(ctx, s.group, s.names, true, transactionTimeout+2*sweep))
	s.heldForLoss(i, []string{"lost", "verdict state begin --again"}, func(r *report) bool {
		return r.count[stateMissing]+r.count[stateDiffers] > 0
	})
}

// electUnclean has any replica of a partition elected that is there, and waits until it is the one given.
func (s *stage) electUnclean(ctx context.Context, topic string, partition, leader int32) error {
	const unclean = 1
	req := kmsg.NewPtrElectLeadersRequest()
	req.ElectionType, req.TimeoutMillis = unclean, 30_000
	req.Topics = []kmsg.ElectLeadersRequestTopic{{Topic: topic, Partitions: []int32{partition}}}
	return poll(ctx, brokerStart, fmt.Sprintf("an unclean election of %s/%d", topic, partition), func() error {
		l, err := askLayout(ctx, s.cluster.admin)
		if err != nil {
			return err
		}
		if got := l.topics[topic][partition].leader; got == leader {
			return nil
		}
		res, err := req.RequestWith(ctx, s.cluster.admin)
		if err != nil {
			return err
		}
		if err := kerr.ErrorForCode(res.ErrorCode); err != nil {
			return err
		}
		return fmt.Errorf("broker %d does not lead it yet: %+v", leader, res.Topics)
	})
}
