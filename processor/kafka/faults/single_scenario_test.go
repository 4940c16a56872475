//go:build unix

package faults

import "testing"

// TestSingleBroker lets all faults that one broker can have come, exactly once.
func TestSingleBroker(t *testing.T) {
	s := newStage(t, stageOptions{brokers: 1})
	s.begin()
	s.run(choose(allFaults, 1, false, *onlyFlag))
	s.finish()
}

// TestCluster lets all faults come that a cluster of three can have, exactly once, with Avro and a registry. The short form leaves out
// those that TestSingleBroker has and that brokers have no part in.
func TestCluster(t *testing.T) {
	s := newStage(t, stageOptions{brokers: 3, avro: true})
	s.begin()
	only := *onlyFlag
	if only == "" && !*allFlag {
		only = "kill-takeover-random,freeze,broker-kill,broker-restart,broker-freeze,group-coordinator-kill,txn-coordinator-kill,leaders-moved," +
			"registry-killed,broker-cut-off"
	}
	s.run(choose(allFaults, 3, true, only))
	s.finish()
}

// TestAtLeastOnce lets the faults come that make an instance repeat itself: nothing may be lost, and decision_id removes all
// repetitions.
func TestAtLeastOnce(t *testing.T) {
	s := newStage(t, stageOptions{brokers: 1, promise: promise{atLeastOnce: true}})
	s.begin()
	only := *onlyFlag
	if only == "" && !*allFlag {
		only = "kill-restart-stable,kill-takeover-random,sigterm-restart,freeze,kill-all,broker-kill,connections-cut"
	}
	s.run(choose(allFaults, 1, false, only))
	s.finish()
}

// begin starts the two instances that each scenario has, and the events.
func (s *stage) begin() {
	s.t.Helper()
	s.add(slotStable, "stable")
	s.add(slotRandom, "")
	s.generate(*rateFlag)
}
