package kafka

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// shares is how many partitions share a fetch's bytes, if they have so much; a larger batch comes whole, alone. So few
// partitions make a transaction during a backlog: each more costs the brokers a commit marker for each of its outputs.
const shares = 4

// fetchResult is one broker's answer.
type fetchResult struct {
	leader int32
	asked  []asked
	answer *wire.FetchResponse
	err    error
}

// asked remembers where a fetch began: if the partition has moved since (a rewind), its part of the answer is stale.
type asked struct {
	partition *partition
	offset    int64
}

// fetch asks each leader for what is next, unless a fetch to it is under way, and returns how long the unit may wait for
// anything to happen.
func (u *unit) fetch() time.Duration {
	now := time.Now()
	if now.Sub(u.layout.ReadAt) > time.Second {
		u.refreshLayout()
	}
	wait := time.Second // leaders move
	if at, ok := u.stepAt(); ok {
		wait = max(0, time.Until(at))
	}
	byLeader, beginnings := map[int32][]asked{}, map[int32][]*partition{}
	for _, p := range u.partitions {
		leader := u.layout.Leader(p.topic, p.id)
		if leader >= 0 {
			p.leaderless = time.Time{}
		}
		switch {
		case now.Before(p.pausedUntil):
			wait = min(wait, p.pausedUntil.Sub(now))
		case leader < 0:
			wait = min(wait, cluster.FirstPause)
			u.lacksLeader(p, now)
		case p.position == unknown:
			if !p.seeking {
				beginnings[leader] = append(beginnings[leader], p)
			}
		case !u.busy[leader]:
			byLeader[leader] = append(byLeader[leader], asked{p, p.position})
		}
	}
	for leader, list := range byLeader {
		u.ask(leader, list, u.batch.dirty)
	}
	for _, list := range beginnings {
		u.seek(list)
	}
	return wait
}

// lacksLeader holds a partition back that has had no leader for a while, so that readiness says so.
func (u *unit) lacksLeader(p *partition, now time.Time) {
	if p.leaderless.IsZero() {
		p.leaderless = now
	}
	if now.Sub(p.leaderless) > stalledAfter {
		p.unreachable = true
		u.hold(p, fmt.Errorf("%s has no leader", p))
	}
}

func (u *unit) refreshLayout() {
	l, err := u.client.Layout(u.ctx)
	if err == nil {
		u.layout = l
	} else if u.ctx.Err() == nil {
		u.log.Debug("no metadata", zap.Error(err))
	}
	u.layout.ReadAt = time.Now()
	u.refreshTargets()
}

// ask sends one fetch; its result comes through u.fetched. A broker is to gather what comes for a batch that is being filled.
func (u *unit) ask(leader int32, list []asked, filling bool) {
	req := &wire.FetchRequest{
		ReplicaID: -1, IsolationLevel: wire.ReadCommitted, SessionEpoch: -1,
		MinBytes: 1, MaxBytes: int32(min(u.cfg.FetchMaxBytes, math.MaxInt32)), MaxWaitTime: cluster.Millis(u.cfg.FetchMaxWait),
	}
	req.SendTo(leader)
	if filling && !u.stuck() {
		wait := min(u.gatherTime(), u.cfg.FetchMaxWait)
		req.MinBytes, req.MaxWaitTime = gatherBytes, cluster.Millis(wait)
		u.gathering[leader] = time.Now().Add(wait)
	}
	// A broker fills its answer in this order. Who has waited longest comes first, and so gets a batch larger than a fetch, too.
	slices.SortStableFunc(list, func(a, b asked) int { return cmp.Compare(a.partition.served, b.partition.served) })
	for _, a := range list {
		fp := wire.FetchPartition{Partition: a.partition.id, CurrentLeaderEpoch: -1, FetchOffset: a.offset, LogStartOffset: -1,
			PartitionMaxBytes: req.MaxBytes / int32(min(len(list), shares))}
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != a.partition.topic {
			req.Topics = append(req.Topics, wire.FetchTopic{Topic: a.partition.topic})
		}
		last := &req.Topics[len(req.Topics)-1]
		last.Partitions = append(last.Partitions, fp)
	}
	u.busy[leader] = true
	u.fetching.Add(1)
	go func(ctx context.Context) {
		defer u.fetching.Done()
		answer, err := cluster.AskWithin[*wire.FetchResponse](ctx, u.client, u.cfg.RequestTimeout+u.cfg.FetchMaxWait, req)
		if err == nil {
			err = cluster.Refused("Fetch", "a broker", answer.ErrorCode)
		}
		select {
		case u.fetched <- fetchResult{leader, list, answer, err}:
		case <-ctx.Done():
		}
	}(u.ctx)
}

// stuck says that the batch under way has been so for long: the next one has to wait, and there is no hurry to fill it.
func (u *unit) stuck() bool { return u.flying != nil && time.Since(u.flying.closed) > stalledAfter }

// take processes one broker's answer.
func (u *unit) take(f fetchResult) error {
	u.busy[f.leader] = false
	u.gathered(f.leader)
	if f.err != nil {
		return u.fetchFailed(f)
	}
	u.stumbles[f.leader] = 0
	u.answers++
	u.askAhead(f)
	for i := range f.answer.Topics {
		topic := &f.answer.Topics[i]
		for j := range topic.Partitions {
			part := &topic.Partitions[j]
			p := stillThere(f.asked, topic.Topic, part.Partition)
			if p == nil {
				continue
			}
			if part.ErrorCode != 0 {
				if err := u.fetchRefused(p, part); err != nil {
					return err
				}
				continue
			}
			p.end, p.stable = part.HighWatermark, part.LastStableOffset
			if p.held == nil || p.unreachable {
				u.release(p)
			}
			if err := u.read(p, part); err != nil {
				return err
			}
			part.RecordSet.Release() // all that came of it has been copied into a batch
			u.metrics.setLag(p)
			if u.ended() {
				return nil
			}
		}
	}
	return nil
}

// askAhead asks the same leader for what follows an answer, before the answer is processed. Where processing stops earlier, the
// next answer does not fit any more and is left.
func (u *unit) askAhead(f fetchResult) {
	var next []asked
	some := false
	for i := range f.answer.Topics {
		topic := &f.answer.Topics[i]
		for j := range topic.Partitions {
			part := &topic.Partitions[j]
			p := stillThere(f.asked, topic.Topic, part.Partition)
			if p == nil || part.ErrorCode != 0 {
				return
			}
			if len(part.RecordSet) > 0 {
				some, p.served = true, u.answers
			}
			next = append(next, asked{p, max(p.position, wire.EndOf(part.RecordSet))})
		}
	}
	if some && len(next) == u.wantedFrom(f.leader) { // or else some partition would wait behind the others' fetches
		u.ask(f.leader, next, true)
	}
}

// wantedFrom counts the partitions that the leader is to be asked for now.
func (u *unit) wantedFrom(leader int32) int {
	n, now := 0, time.Now()
	for _, p := range u.partitions {
		if u.layout.Leader(p.topic, p.id) == leader && p.position != unknown && !now.Before(p.pausedUntil) {
			n++
		}
	}
	return n
}

// stillThere finds the partition, if it still stands where the fetch began.
func stillThere(list []asked, topic string, id int32) *partition {
	for _, a := range list {
		if a.partition.id == id && a.partition.topic == topic && a.partition.position == a.offset {
			return a.partition
		}
	}
	return nil
}

// fetchFailed pauses the partitions of a broker that gave no answer.
func (u *unit) fetchFailed(f fetchResult) error {
	if u.ended() {
		return nil
	}
	c := cluster.Classify(f.err)
	if c == cluster.ClassFatal {
		return f.err
	}
	u.metrics.failed(c)
	u.stumbles[f.leader]++
	n := u.stumbles[f.leader]
	if n == 5 || n%10 == 0 {
		u.log.Warn("a broker does not answer fetches; trying again", zap.Int32("broker", f.leader), zap.Int("attempts", n),
			zap.Error(f.err))
	}
	until := time.Now().Add(cluster.QuickPause(n - 1))
	for _, a := range f.asked {
		if n > 5 { // some 40 ms
			a.partition.unreachable = true
			u.hold(a.partition, fmt.Errorf("broker %d does not answer fetches: %w", f.leader, f.err))
		}
		a.partition.pausedUntil = until
	}
	u.layout.ReadAt = time.Time{}
	return nil
}

// fetchRefused deals with an error code for one partition.
func (u *unit) fetchRefused(p *partition, part *wire.FetchedPartition) error {
	err := cluster.Refused("Fetch", p.String(), part.ErrorCode)
	if part.ErrorCode == int16(kafka.OffsetOutOfRange) {
		return u.outOfRange(p)
	}
	if cluster.Classify(err) == cluster.ClassFatal {
		return err
	}
	u.stumble(p, err)
	return nil
}
