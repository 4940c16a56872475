package kafka

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"
)

// newGroup begins to join the consumer group; errors of that come from its Next.
func (r *Runner) newGroup() (*kafka.ConsumerGroup, error) {
	mechanism, err := r.cfg.mechanism()
	if err != nil {
		return nil, err
	}
	return kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: r.cfg.Group, Brokers: r.cfg.Brokers, Topics: r.cfg.RawTopics,
		Dialer: &kafka.Dialer{
			ClientID: r.clientID(), Timeout: r.cfg.RequestTimeout, TLS: r.cfg.TLS, SASLMechanism: mechanism, DialFunc: r.groupConns.dial,
		},
		GroupBalancers:    []kafka.GroupBalancer{r.spread},
		HeartbeatInterval: r.cfg.HeartbeatInterval,
		SessionTimeout:    r.cfg.SessionTimeout,
		RebalanceTimeout:  r.cfg.RebalanceTimeout,
		JoinGroupBackoff:  500 * time.Millisecond,
		StartOffset:       kafka.FirstOffset, // not used: see newUnits
		Timeout:           r.cfg.RequestTimeout,
	})
}

// consume runs generation after generation, until the group is closed.
func (r *Runner) consume(ctx context.Context, group *kafka.ConsumerGroup) {
	var member string
	var failures int
	for {
		gen, err := group.Next(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, kafka.ErrGroupClosed):
			return
		case err == nil:
			member, failures = gen.MemberID, 0
			r.client.answered()
			gen.Start(func(ended context.Context) { r.generation(ended, gen) })
		default:
			failures++
			r.joinFailed(ctx, err, member, failures)
		}
	}
}

// joinFailed reports why there is no next generation. The group tries again by itself, every half second at most.
func (r *Runner) joinFailed(ctx context.Context, err error, member string, failures int) {
	c := classify(err)
	if c == classFatal {
		r.fail(explain(err))
		return
	}
	r.metrics.failed(c)
	r.status.left(err)
	if failures%20 == 0 || failures == 2 && c != classRejoin {
		r.log.Warn("the consumer group cannot be joined; trying again", zap.Int("attempts", failures), zap.Error(err))
	}
	if member != "" && !errors.Is(err, kafka.RebalanceInProgress) {
		// kafka-go has forgotten its member id and comes as somebody new; the group must not wait for the old one.
		_ = r.evict(ctx, []string{member})
	}
}

// connSet knows the group's open connections, so that a shutdown need not wait for a join to be answered.
type connSet struct {
	mu   sync.Mutex
	open map[net.Conn]bool
}

func (s *connSet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[net.Conn]bool{}
	}
	tracked := &trackedConn{conn, s}
	s.open[tracked] = true
	return tracked, nil
}

// cut closes all connections that are open now.
func (s *connSet) cut() {
	s.mu.Lock()
	var all []net.Conn
	for c := range s.open {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		c.Close()
	}
}

type trackedConn struct {
	net.Conn
	set *connSet
}

func (c *trackedConn) Close() error {
	c.set.mu.Lock()
	delete(c.set.open, c)
	c.set.mu.Unlock()
	return c.Conn.Close()
}
