//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// connectionsCut resets all connections of one instance, three times in a second.
func connectionsCut(ctx context.Context, s *stage) (hit, error) {
	i, partitions, err := s.victim(ctx, s.rng.IntN(2))
	if err != nil {
		return hit{}, err
	}
	cut := 0
	for range 3 {
		for _, b := range s.cluster.brokers {
			cut += b.proxies[i.slot].cut()
		}
		if err := pass(ctx, 400*time.Millisecond); err != nil {
			return hit{}, err
		}
	}
	return hit{what: fmt.Sprintf("%d connections of %s reset", cut, i.label()), since: time.Now(),
		partitions: partitions}, nil
}

// networkSlow gives one instance a slow network for eight seconds.
func networkSlow(ctx context.Context, s *stage) (hit, error) {
	i, partitions, err := s.victim(ctx, s.rng.IntN(2))
	if err != nil {
		return hit{}, err
	}
	since := time.Now()
	kib := 64 * max(1, *rateFlag/500) // what is to be carried grows with the rate
	s.cluster.network(i.slot, network{latency: 200 * time.Millisecond, upBytesPerS: kib << 10})
	cure := func(ctx context.Context) error {
		defer s.cluster.network(i.slot, network{})
		return pass(ctx, time.Until(since.Add(8*time.Second)))
	}
	return hit{what: fmt.Sprintf("the network of %s has 200 ms and %d KiB/s for 8 s", i.label(), kib), since: since,
		partitions: partitions, cure: cure}, nil
}

// instanceCutOff takes one instance's network away for longer than its session: a zombie that runs and reaches nobody.
func instanceCutOff(ctx context.Context, s *stage) (hit, error) {
	i, partitions, err := s.victim(ctx, s.rng.IntN(2))
	if err != nil {
		return hit{}, err
	}
	since := time.Now()
	s.cluster.network(i.slot, network{held: true})
	cure := func(ctx context.Context) error {
		err := pass(ctx, time.Until(since.Add(sessionTimeout+3*time.Second)))
		s.cluster.network(i.slot, network{})
		s.say("instance-cut-off: %s has its network back", i.label())
		return errors.Join(err, i.awaitReady(ctx, calmLimit))
	}
	return hit{what: fmt.Sprintf("nothing gets through between %s and the brokers", i.label()), since: since,
		partitions: partitions, cure: cure}, nil
}

// brokerCutOff takes the network between all instances and one broker away for twelve seconds.
func brokerCutOff(ctx context.Context, s *stage) (hit, error) {
	b := s.cluster.brokers[s.rng.IntN(len(s.cluster.brokers))]
	began := time.Now()
	for _, p := range b.proxies {
		p.set(network{held: true})
	}
	err := pass(ctx, 12*time.Second)
	for _, p := range b.proxies {
		p.set(network{})
	}
	return hit{what: fmt.Sprintf("nothing got through to broker %d for %.0f s", b.id, time.Since(began).Seconds()),
		since: time.Now()}, err
}

// registryKilled takes the registry away while one partition's events come with a schema that nobody has asked it for
// yet. That partition has to wait, and the others have to go on.
func registryKilled(ctx context.Context, s *stage) (hit, error) {
	spread := s.ledger.spread()
	held := int32(s.rng.IntN(int(spread)))
	var others []int32
	for p := range spread {
		if p != held {
			others = append(others, p)
		}
	}
	s.registry.refuse()
	s.registry.cut()
	began := time.Now()
	if err := s.registry.evolve(held); err != nil {
		return hit{}, err
	}
	if err := pass(ctx, 4*time.Second); err != nil {
		return hit{}, err
	}
	_, _, err := s.watch.flow(ctx, time.Now(), others, 30*time.Second)
	if err != nil {
		err = fmt.Errorf("the registry is away, and partitions that do not need it: %w", err)
	}
	s.registry.listen()
	return hit{what: fmt.Sprintf("the registry was away for %.1f s; partition %d had a new schema and waited, the "+
		"others went on",
		time.Since(began).Seconds(), held), since: time.Now(), partitions: []int32{held}}, err
}
