//go:build unix

package faults

import (
	"context"
	"fmt"
	"time"
)

func brokerKill(ctx context.Context, s *stage) (hit, error) {
	return s.breakBroker(ctx, int32(1+s.rng.IntN(len(s.cluster.brokers))), true, "kill -9")
}

func brokerRestart(ctx context.Context, s *stage) (hit, error) {
	return s.breakBroker(ctx, int32(1+s.rng.IntN(len(s.cluster.brokers))), false, "SIGTERM")
}

func groupCoordinatorKill(ctx context.Context, s *stage) (hit, error) {
	id, err := s.cluster.coordinator(ctx, coordinatorOfGroup, s.group)
	if err != nil {
		return hit{}, err
	}
	return s.breakBroker(ctx, id, true, "kill -9, as the group's coordinator,")
}

func txnCoordinatorKill(ctx context.Context, s *stage) (hit, error) {
	i, err := s.instance(slotStable)
	if err != nil {
		return hit{}, err
	}
	// Whatever the ids are, each begins with the group and the instance id.
	var id int32
	err = poll(ctx, 20*time.Second, "a transaction of "+i.stableID, func() error {
		open, err := s.cluster.openTransactions(ctx, s.group+"-"+i.stableID)
		if err != nil {
			return err
		}
		if len(open) == 0 {
			return fmt.Errorf("none is open")
		}
		id, err = s.cluster.coordinator(ctx, coordinatorOfTransaction, open[0].id)
		return err
	})
	if err != nil {
		return hit{}, err
	}
	return s.breakBroker(ctx, id, true, "kill -9, as a transactions' coordinator,")
}

// breakBroker ends one broker. A single one is started again at once; one of three only when decisions flow without it.
func (s *stage) breakBroker(ctx context.Context, id int32, kill bool, how string) (hit, error) {
	b := s.cluster.broker(id)
	since := time.Now()
	if kill {
		b.kill()
	} else if err := b.terminate(time.Minute); err != nil {
		return hit{}, err
	}
	if len(s.cluster.brokers) == 1 {
		b.start()
		err := b.await(ctx)
		away := time.Since(since)
		return hit{what: fmt.Sprintf("%s of the broker, which answers again after %.1f s", how, away.Seconds()),
			since: since, away: away}, err
	}
	cure := func(ctx context.Context) error {
		b.start()
		if err := b.await(ctx); err != nil {
			return err
		}
		return s.inSync(ctx)
	}
	return hit{what: fmt.Sprintf("%s of broker %d", how, id), since: since, cure: cure}, nil
}

// inSync waits until all replicas of all partitions are.
func (s *stage) inSync(ctx context.Context) error {
	return poll(ctx, brokerStart, "replicas in sync", func() error {
		l, err := askLayout(ctx, s.cluster.admin)
		if err != nil {
			return err
		}
		if len(l.brokers) < len(s.cluster.brokers) {
			return fmt.Errorf("%d of %d brokers are there", len(l.brokers), len(s.cluster.brokers))
		}
		return l.healthy()
	})
}

func leadersMoved(ctx context.Context, s *stage) (hit, error) {
	since := time.Now()
	topics := append([]string{s.names.raw}, s.names.written()...)
	moved, err := s.cluster.moveLeaders(ctx, topics...)
	return hit{what: fmt.Sprintf("%d partitions have another leader", moved), since: since,
		cure: func(ctx context.Context) error { return s.inSync(ctx) }}, err
}

// partitionsAdded gives the raw topic two more partitions, with keys of their own.
func partitionsAdded(ctx context.Context, s *stage) (hit, error) {
	before := s.ledger.spread()
	if s.names.changelog != "" { // first: what comes in a partition has to be remembered
		if err := s.cluster.addPartitions(ctx, s.names.changelog, int(before)+2); err != nil {
			return hit{}, err
		}
	}
	if err := s.cluster.addPartitions(ctx, s.names.raw, int(before)+2); err != nil {
		return hit{}, err
	}
	since := time.Now()
	err := poll(ctx, 30*time.Second, "the generator's client", func() error {
		leader, _, err := s.gen.client.PartitionLeader(s.names.raw, before+1)
		if err == nil && leader < 0 {
			err = fmt.Errorf("it does not know the new partitions yet")
		}
		return err
	})
	if err != nil {
		return hit{}, err
	}
	s.ledger.widen(int(before) + 2)
	return hit{what: fmt.Sprintf("the raw topic has %d partitions instead of %d", before+2, before), since: since,
		partitions: []int32{before, before + 1}}, nil
}

// brokerFreeze stops a broker (SIGSTOP): it takes connections and never answers, until the cluster goes on without it.
func brokerFreeze(_ context.Context, s *stage) (hit, error) {
	return s.freezeBroker(s.cluster.brokers[s.rng.IntN(len(s.cluster.brokers))])
}

func (s *stage) freezeBroker(b *broker) (hit, error) {
	since := time.Now()
	cure := func(ctx context.Context) error {
		if err := b.thaw(); err != nil {
			return err
		}
		return s.inSync(ctx)
	}
	return hit{what: fmt.Sprintf("SIGSTOP of broker %d", b.id), since: since, cure: cure}, b.freeze()
}
