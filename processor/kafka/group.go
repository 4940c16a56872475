package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// newGroup begins to join the consumer group; errors of that come from its Next.
func (r *Runner) newGroup() (*kafka.ConsumerGroup, error) {
	dialer, err := r.groupConns.Dialer(r.connection())
	if err != nil {
		return nil, err
	}
	return kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: r.cfg.Group, Brokers: r.cfg.Brokers, Topics: r.cfg.RawTopics, Dialer: dialer,
		GroupBalancers:    []kafka.GroupBalancer{r.spread},
		HeartbeatInterval: r.cfg.HeartbeatInterval,
		SessionTimeout:    r.cfg.SessionTimeout,
		RebalanceTimeout:  r.cfg.RebalanceTimeout,
		JoinGroupBackoff:  500 * time.Millisecond,
		StartOffset:       kafka.FirstOffset, // not used: see newAssignment
		// of what brokers answer at once; a join has the rebalance timeout on top
		Timeout: min(r.cfg.RequestTimeout, 5*time.Second),
	})
}

// consume runs generation after generation, until the group is closed.
func (r *Runner) consume(ctx context.Context, group *kafka.ConsumerGroup) {
	var member string
	var failures int
	var evicting sync.WaitGroup
	defer evicting.Wait()
	for {
		gen, err := group.Next(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, kafka.ErrGroupClosed):
			return
		case err == nil:
			member, failures = gen.MemberID, 0
			r.client.Answered()
			gen.Start(func(ended context.Context) { r.work(ended, gen) })
		default:
			failures++
			r.joinFailed(err, failures)
			if member != "" && !errors.Is(err, kafka.RebalanceInProgress) {
				// kafka-go has forgotten its member id and comes as somebody new; the group must not wait for the old
				// one.
				gone := member
				member = ""
				evicting.Go(func() { r.evictLater(ctx, gone) })
			}
		}
	}
}

// joinFailed reports why there is no next generation. The group tries again by itself, every half second at most.
func (r *Runner) joinFailed(err error, failures int) {
	c := cluster.Classify(err)
	if c == cluster.ClassFatal {
		r.fail(cluster.Explain(err))
		return
	}
	r.metrics.failed(c)
	r.status.left(err)
	if failures > 1 && c != cluster.ClassRejoin || failures >= 20 { // or else it is the broker that has just gone
		r.seldom.say(r.log.Warn, "the consumer group cannot be joined; trying again", zap.Int("attempts", failures),
			zap.Error(err))
	}
}
