//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// What breaks while an instance restores the state of its partitions. A slow network makes that long enough to be met.

// slowRestore is enough for a restore of some hundred kilobytes to take seconds.
var slowRestore = network{latency: 150 * time.Millisecond}

// restoring waits until an instance that was started anew is in the midst of it: it has its partitions, reads, and
// lacks
// the state of some. Nothing else is read before the first state is there.
func (s *stage) restoring(ctx context.Context, i *instance) (what string, err error) {
	var began int64
	err = poll(ctx, 45*time.Second, i.label()+" restoring", func() error {
		m, err := i.metrics(ctx)
		if err != nil {
			return err
		}
		done, all := m.sum("verdict_restores_total"), m.sum("verdict_partitions_assigned")
		if all == 0 || done >= all {
			return fmt.Errorf("it has the state of %.0f of %.0f partitions", done, all)
		}
		read := s.cluster.carried(i.slot)
		if began == 0 {
			began = read
		}
		if read-began < 48<<10 { // more than a group needs to come to terms
			return fmt.Errorf("it has read %d bytes", read-began)
		}
		what = fmt.Sprintf("with the state of %.0f of %.0f partitions, and %d KiB read", done, all, (read-began)>>10)
		return nil
	})
	return what, err
}

// carried is how much all brokers have sent to the instance of a slot, in bytes.
func (c *cluster) carried(slot int) (bytes int64) {
	for _, b := range c.brokers {
		bytes += b.proxies[slot].down.Load()
	}
	return bytes
}

// killRestoring ends an instance with kill -9, and again while it restores what it had.
func killRestoring(ctx context.Context, s *stage) (hit, error) {
	i, partitions, err := s.victim(ctx, slotStable)
	if err != nil {
		return hit{}, err
	}
	i.kill()
	s.cluster.network(i.slot, slowRestore)
	i.start()
	what, err := s.restoring(ctx, i)
	since := time.Now()
	i.kill()
	s.cluster.network(i.slot, network{})
	i.start()
	return hit{what: fmt.Sprintf("kill -9 of %s, and again %s", i.label(), what), since: since, partitions: partitions},
		err
}

// killAllRestoring does the same to all of them at once.
func killAllRestoring(ctx context.Context, s *stage) (hit, error) {
	for _, i := range s.instances {
		i.kill()
		s.cluster.network(i.slot, slowRestore)
	}
	for _, i := range s.instances {
		i.start()
	}
	first := s.instances[s.rng.IntN(len(s.instances))]
	what, err := s.restoring(ctx, first)
	since := time.Now()
	for _, i := range s.instances {
		i.kill()
		s.cluster.network(i.slot, network{})
	}
	for _, i := range s.instances {
		i.start()
	}
	return hit{what: fmt.Sprintf("kill -9 of all, and again when %s was %s", first.label(), what), since: since}, err
}

// freezeRestoring stops an instance for longer than its session while it restores: others restore the same, go on, and
// meet it again.
func freezeRestoring(ctx context.Context, s *stage) (hit, error) {
	i, partitions, err := s.victim(ctx, slotStable)
	if err != nil {
		return hit{}, err
	}
	i.kill()
	s.cluster.network(i.slot, slowRestore)
	defer s.cluster.network(i.slot, network{})
	i.start()
	what, err := s.restoring(ctx, i)
	since := time.Now()
	if err = errors.Join(err, i.freeze()); err != nil {
		return hit{}, err
	}
	cure := func(ctx context.Context) error {
		if err := pass(ctx, time.Until(since.Add(sessionTimeout+3*time.Second))); err != nil {
			return err
		}
		s.say("freeze-restoring: SIGCONT to %s", i.label())
		return errors.Join(i.thaw(), i.awaitReady(ctx, calmLimit))
	}
	return hit{what: fmt.Sprintf("SIGSTOP of %s, %s", i.label(), what), since: since, partitions: partitions,
			cure: cure},
		nil
}

// changelogLeaderKill ends the leader of a partition of the changelog while the partition's owner restores it.
func changelogLeaderKill(ctx context.Context, s *stage) (hit, error) {
	return s.breakRestored(ctx, func(leader *broker) (hit, error) {
		return s.breakBroker(ctx, leader.id, true, "kill -9")
	})
}

// changelogLeaderFreeze stops that leader instead: it holds its connections, and answers nothing.
func changelogLeaderFreeze(ctx context.Context, s *stage) (hit, error) {
	return s.breakRestored(ctx, s.freezeBroker)
}

// breakRestored has an instance restore what it had, and breaks the leader of the last of its changelogs meanwhile.
func (s *stage) breakRestored(ctx context.Context, strike func(leader *broker) (hit, error)) (hit, error) {
	i, partitions, err := s.victim(ctx, slotStable)
	if err != nil {
		return hit{}, err
	}
	i.kill()
	s.cluster.network(i.slot, slowRestore)
	defer s.cluster.network(i.slot, network{})
	i.start()
	what, err := s.restoring(ctx, i)
	if err != nil {
		return hit{}, err
	}
	l, err := askLayout(ctx, s.cluster.admin)
	if err != nil {
		return hit{}, err
	}
	h, err := strike(s.cluster.broker(l.topics[s.names.changelog][partitions[len(partitions)-1]].leader))
	h.what, h.partitions = fmt.Sprintf("while %s was %s: %s", i.label(), what, h.what), partitions
	return h, err
}

// joinsLeaves has an instance join and leave, by SIGTERM and by kill -9, every three seconds.
func joinsLeaves(ctx context.Context, s *stage) (hit, error) {
	const rounds = 6
	for n := range rounds {
		i := s.add(slotJoins, "")
		if err := pass(ctx, 3*time.Second); err != nil {
			return hit{}, err
		}
		if n%2 == 0 {
			if err := s.remove(i); err != nil {
				return hit{}, err
			}
			continue
		}
		s.drop(i)
		i.kill()
	}
	return hit{what: fmt.Sprintf("an instance joined and left %d times, three seconds each", rounds),
			since: time.Now()},
		nil
}
