//go:build unix

package faults

import (
	"slices"
	"strings"
	"testing"
)

// The short form spreads the faults over the scenarios, so that each kind comes at least once, but for longOnly;
// -faults.all has all in each.
const (
	shortSingle = "kill-restart-stable,kill-takeover-stable,kill-takeover-random,sigterm-restart,freeze,join-leave," +
		"stop-all,kill-all,broker-kill,broker-restart,partitions-added,connections-cut,network-slow,instance-cut-off," +
		"kill-restoring,freeze-restoring"
	shortCluster = "broker-kill,broker-freeze,group-coordinator-kill,txn-coordinator-kill,leaders-moved," +
		"registry-killed,broker-cut-off,changelog-leader-kill"
	shortAtLeast = "kill-restart-random,kill-takeover-stable,broker-restart,connections-cut"
	// What these do is much like broker-freeze, like kill-all and kill-restoring, and like join-leave again and again.
	longOnly = "changelog-leader-freeze,kill-all-restoring,joins-leaves"
)

// TestSingleBroker lets the faults come that one broker can have, exactly once.
func TestSingleBroker(t *testing.T) {
	s := newStage(t, stageOptions{brokers: 1})
	s.begin()
	s.run(choose(allFaults, 1, false, true, chosen(shortSingle)))
	s.finish()
}

// TestCluster lets the faults come that a cluster of three can have, exactly once, with Avro and a registry.
func TestCluster(t *testing.T) {
	s := newStage(t, stageOptions{brokers: 3, avro: true})
	s.begin()
	s.run(choose(allFaults, 3, true, true, chosen(shortCluster)))
	s.finish()
}

// TestAtLeastOnce lets the faults come that make an instance repeat itself: nothing may be lost, and decision_id
// removes all repetitions.
func TestAtLeastOnce(t *testing.T) {
	s := newStage(t, stageOptions{brokers: 1, promise: promise{atLeastOnce: true}})
	s.begin()
	s.run(choose(allFaults, 1, false, false, chosen(shortAtLeast)))
	s.finish()
}

// chosen are the names of the faults that flags ask for; "" is all.
func chosen(short string) string {
	if *onlyFlag != "" || *allFlag {
		return *onlyFlag
	}
	return short
}

func TestShortFormHasEachFault(t *testing.T) {
	short := strings.Split(strings.Join([]string{shortSingle, shortCluster, shortAtLeast, longOnly}, ","), ",")
	for _, f := range allFaults {
		if !slices.Contains(short, f.name) {
			t.Errorf("neither a scenario of the short form nor longOnly has %s", f.name)
		}
	}
	for _, name := range short {
		if !slices.ContainsFunc(allFaults, func(f fault) bool { return f.name == name }) {
			t.Errorf("there is no fault %s", name)
		}
	}
}

// begin starts the two instances that each scenario has, and the events.
func (s *stage) begin() {
	s.t.Helper()
	s.beginAt(*rateFlag)
}

// beginSlow is begin for scenarios that look at something else than many events.
func (s *stage) beginSlow() {
	s.t.Helper()
	s.beginAt(min(*rateFlag, 500))
}

func (s *stage) beginAt(rate int) {
	s.t.Helper()
	s.add(slotStable, "stable")
	s.add(slotRandom, "")
	s.generate(rate)
}
