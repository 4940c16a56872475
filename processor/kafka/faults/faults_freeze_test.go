//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// freeze stops an instance (SIGSTOP) in the midst of a transaction for longer than its session, and lets it go on
// (SIGCONT): a zombie, which has to find that its partitions and its transaction are others' by now.
func freeze(ctx context.Context, s *stage) (hit, error) {
	i, partitions, err := s.victim(ctx, s.rng.IntN(2))
	if err != nil {
		return hit{}, err
	}
	open, since, err := s.freezeInTransaction(ctx, i)
	if err != nil {
		return hit{}, err
	}
	cure := func(ctx context.Context) error {
		if err := pass(ctx, time.Until(since.Add(sessionTimeout+3*time.Second))); err != nil {
			return err
		}
		s.say("freeze: SIGCONT to %s", i.label())
		return errors.Join(i.thaw(), i.awaitReady(ctx, calmLimit))
	}
	return hit{what: fmt.Sprintf("SIGSTOP of %s, %s", i.label(), open), since: since, partitions: partitions,
		cure: cure}, nil
}

// freezeInTransaction stops the instance again and again until it is caught with an open transaction: one that stays
// open, while those of the others come and go. Never to be caught is an error, because a fault that misses shows
// nothing.
func (s *stage) freezeInTransaction(ctx context.Context, i *instance) (what string, since time.Time, err error) {
	const tries = 60
	for range tries {
		since = time.Now()
		if err := i.freeze(); err != nil {
			return "", since, err
		}
		open, err := s.openFor(ctx, i, 300*time.Millisecond)
		if err != nil {
			return "", since, errors.Join(err, i.thaw())
		}
		if len(open) > 0 {
			return fmt.Sprintf("with the transaction of %s open", open[0].id), since, nil
		}
		if s.promise.atLeastOnce {
			return "without transactions", since, nil
		}
		if err := errors.Join(i.thaw(), pass(ctx, time.Duration(50+rand.IntN(120))*time.Millisecond)); err != nil {
			return "", since, err
		}
	}
	return "", since, fmt.Errorf("%s was stopped %d times and had no transaction open", i.label(), tries)
}

// killInTransaction ends an instance with kill -9 in the midst of a transaction, which is the worst moment: whoever
// takes over has to wait until it is over. At least once, the worst moment is between publishing and committing
// offsets; a slow network makes it long.
func (s *stage) killInTransaction(ctx context.Context, i *instance) (what string, since time.Time, err error) {
	if s.promise.atLeastOnce {
		s.cluster.network(i.slot, network{latency: 150 * time.Millisecond})
		defer s.cluster.network(i.slot, network{})
		err = pass(ctx, 2*time.Second)
		since = time.Now()
		i.kill()
		return "with a slow network, likely between publishing and committing offsets", since, err
	}
	what, _, err = s.freezeInTransaction(ctx, i)
	since = time.Now()
	i.kill()
	return what, since, err
}

// openFor are the transactions that may be the instance's, are open now and are still the same ones after d. Those of a
// random id cannot be told from each other, but from those of the stable one.
func (s *stage) openFor(ctx context.Context, i *instance, d time.Duration) ([]openTransaction, error) {
	stable := s.group + "-stable-"
	before, err := s.cluster.openTransactions(ctx, s.group+"-")
	if err != nil || len(before) == 0 {
		return nil, err
	}
	if err := pass(ctx, d); err != nil {
		return nil, err
	}
	after, err := s.cluster.openTransactions(ctx, s.group+"-")
	return slices.DeleteFunc(after, func(t openTransaction) bool {
		return !slices.Contains(before, t) || strings.HasPrefix(t.id, stable) != (i.stableID != "")
	}), err
}
