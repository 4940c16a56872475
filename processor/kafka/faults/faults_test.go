//go:build unix

package faults

import (
	"context"
	"fmt"
	"time"
)

// Slots of the instances that each scenario starts with, and of the one that joins.
const (
	slotStable = iota // has a stable kafka.instance_id
	slotRandom
	slotJoins
)

// allFaults is every kind of fault. Limits of a kill -9 are requirements; the others are about twice what was measured,
// so that a slow machine does not fail for being slow.
var allFaults = []fault{
	{name: "kill-restart-stable", limit: 10 * time.Second, bound: "start of the process and a rebalance (stable id)",
		strike: killRestart(slotStable)},
	{name: "kill-restart-random", limit: sessionTimeout + 5*time.Second, bound: "session timeout",
		strike: killRestart(slotRandom)},
	{name: "kill-takeover-stable", limit: sessionTimeout + 5*time.Second, bound: "session timeout",
		strike: killTakeover(slotStable)},
	{name: "kill-takeover-random", limit: sessionTimeout + 5*time.Second, bound: "session timeout",
		strike: killTakeover(slotRandom)},
	{name: "sigterm-restart", limit: 20 * time.Second, bound: "a rebalance", strike: terminateRestart},
	{name: "freeze", limit: 25 * time.Second, bound: "session timeout", strike: freeze},
	{name: "join-leave", limit: 20 * time.Second, bound: "two rebalances", strike: joinLeave},
	{name: "stop-all", limit: 30 * time.Second, bound: "start of the process", strike: stopAll},
	{name: "kill-all", limit: transactionTimeout + sweep + 5*time.Second,
		bound: "session or transaction timeout, sweep", strike: killAll},
	{name: "kill-restoring", state: true, limit: 20 * time.Second,
		bound:  "start of the process and a rebalance (stable id)",
		strike: killRestoring},
	{name: "kill-all-restoring", state: true, limit: transactionTimeout + sweep + 10*time.Second,
		bound: "session or transaction timeout, sweep", strike: killAllRestoring},
	{name: "freeze-restoring", state: true, limit: 30 * time.Second, bound: "session timeout", strike: freezeRestoring},
	{name: "changelog-leader-kill", state: true, brokers: 3, limit: 60 * time.Second,
		bound: "the broker's session of 9 s, an election", strike: changelogLeaderKill},
	{name: "changelog-leader-freeze", state: true, brokers: 3, limit: 60 * time.Second,
		bound:  "its session of 9 s and a request timeout; at worst the brokers' own, of 30 s",
		strike: changelogLeaderFreeze},
	{name: "joins-leaves", limit: sessionTimeout + 20*time.Second, bound: "session timeout of the last that was killed",
		strike: joinsLeaves},
	{name: "broker-kill", limit: 45 * time.Second, bound: "start of a single broker; one of three: its session of 9 s",
		strike: brokerKill},
	{name: "broker-restart", limit: 45 * time.Second, bound: "start of a single broker; one of three: an election",
		strike: brokerRestart},
	{name: "group-coordinator-kill", brokers: 3, limit: 45 * time.Second,
		bound:  "the broker's session of 9 s, a new coordinator",
		strike: groupCoordinatorKill},
	{name: "txn-coordinator-kill", brokers: 3, limit: 45 * time.Second,
		bound:  "the broker's session of 9 s, a new coordinator",
		strike: txnCoordinatorKill},
	{name: "broker-freeze", brokers: 3, limit: 60 * time.Second,
		bound:  "its session of 9 s and a request timeout; at worst the brokers' own, of 30 s",
		strike: brokerFreeze},
	{name: "leaders-moved", brokers: 3, limit: 45 * time.Second, bound: "age of metadata", strike: leadersMoved},
	{name: "partitions-added", limit: 45 * time.Second, bound: "age of metadata, a rebalance", strike: partitionsAdded},
	{name: "registry-killed", avro: true, limit: 30 * time.Second, bound: "longest back-off", strike: registryKilled},
	{name: "connections-cut", limit: 40 * time.Second, bound: "back-off, request timeout", strike: connectionsCut},
	{name: "network-slow", limit: 60 * time.Second, bound: "the network", strike: networkSlow},
	{name: "instance-cut-off", limit: 30 * time.Second, bound: "session timeout", strike: instanceCutOff},
	{name: "broker-cut-off", brokers: 3, limit: 45 * time.Second,
		bound: "request timeout; the partitions' leader is away until then", strike: brokerCutOff},
}

// instance finds the one that runs in a slot.
func (s *stage) instance(slot int) (*instance, error) {
	for _, i := range s.instances {
		if i.slot == slot {
			return i, nil
		}
	}
	return nil, fmt.Errorf("no instance runs in slot %d", slot)
}

// victim is an instance and the partitions that it has.
func (s *stage) victim(ctx context.Context, slot int) (*instance, []int32, error) {
	i, err := s.instance(slot)
	if err != nil {
		return nil, nil, err
	}
	partitions, err := i.partitions(ctx)
	return i, partitions, err
}

// killRestart ends an instance with kill -9 and starts it again at once.
func killRestart(slot int) func(context.Context, *stage) (hit, error) {
	return func(ctx context.Context, s *stage) (hit, error) {
		i, partitions, err := s.victim(ctx, slot)
		if err != nil {
			return hit{}, err
		}
		open, since, err := s.killInTransaction(ctx, i)
		i.start()
		return hit{what: fmt.Sprintf("kill -9 of %s, %s; started again at once", i.label(), open), since: since,
			partitions: partitions}, err
	}
}

// killTakeover ends an instance with kill -9; others have to take its partitions over before it comes back.
func killTakeover(slot int) func(context.Context, *stage) (hit, error) {
	return func(ctx context.Context, s *stage) (hit, error) {
		i, partitions, err := s.victim(ctx, slot)
		if err != nil {
			return hit{}, err
		}
		open, since, err := s.killInTransaction(ctx, i)
		return hit{what: fmt.Sprintf("kill -9 of %s, %s; others take over", i.label(), open), since: since,
			partitions: partitions,
			cure:       func(ctx context.Context) error { i.start(); return i.awaitReady(ctx, calmLimit) }}, err
	}
}

func terminateRestart(ctx context.Context, s *stage) (hit, error) {
	i, partitions, err := s.victim(ctx, s.rng.IntN(2))
	if err != nil {
		return hit{}, err
	}
	since := time.Now()
	if err := i.terminate(stopLimit, 0); err != nil {
		return hit{}, err
	}
	took := time.Since(since)
	i.start()
	what := fmt.Sprintf("SIGTERM to %s, which left after %.1f s, and started again", i.label(), took.Seconds())
	return hit{what: what, since: since, partitions: partitions}, nil
}

func joinLeave(ctx context.Context, s *stage) (hit, error) {
	since := time.Now()
	i := s.add(slotJoins, "")
	if err := i.awaitReady(ctx, calmLimit); err != nil {
		return hit{}, err
	}
	return hit{what: fmt.Sprintf("%s joined, ready after %.1f s", i.label(), time.Since(since).Seconds()), since: since,
		cure: func(context.Context) error { return s.remove(i) }}, nil
}

// stopAll ends all instances with SIGTERM, checks that offsets and outputs agree while nothing runs, and starts them
// again.
func stopAll(ctx context.Context, s *stage) (hit, error) {
	for _, i := range s.instances {
		if err := i.terminate(stopLimit, 0); err != nil {
			return hit{}, err
		}
	}
	s.say("stop-all: all have left; checking that offsets and outputs agree")
	s.auditWhileDown(ctx)
	since := time.Now()
	for _, i := range s.instances {
		i.start()
	}
	return hit{what: "SIGTERM to all instances, and started again", since: since}, nil
}

// killAll ends all instances with kill -9, the first of them in the midst of a transaction, and starts them again at
// once.
func killAll(ctx context.Context, s *stage) (hit, error) {
	open, since, err := s.killInTransaction(ctx, s.instances[0])
	for _, i := range s.instances[1:] {
		i.kill()
	}
	for _, i := range s.instances {
		i.start()
	}
	return hit{what: fmt.Sprintf("kill -9 of all instances, the first %s; started again at once", open), since: since},
		err
}

// auditWhileDown checks the promise at a moment when no instance runs. Long runs read everything only at their end.
func (s *stage) auditWhileDown(ctx context.Context) {
	if s.ledger.len() > 100_000 {
		s.say("more than 100,000 events by now: checked at the end only")
		return
	}
	p := s.promise
	p.whileDown = true
	s.audit(ctx, p)
}
