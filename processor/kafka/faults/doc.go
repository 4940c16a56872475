// Package faults breaks the things that Verdict stands on and counts what became of the records. It holds tests only,
// and adds nothing to the program.
//
// Brokers and instances are real processes: one broker, or a cluster of three (KRaft, replication 3, min in-sync 2),
// and the binary of cmd/verdict with its configuration in the environment. A generator writes seeded events at a steady
// rate; faults come in a random order that the seed repeats; a checker that shares no code with the runner or the codec
// reads all topics back, committed and raw, and counts what is lost, doubled, out of order, half done or visible though
// aborted.
//
// Three in ten records come again, one in twenty is late, and verifications are pending, end, end otherwise and are
// tried again. So what has to come out of a record depends on those before it: the checker tells each verification's
// story itself, from the contract, of all that the raw topic has, and compares decisions, the table, billing, overdue
// notices and the changelog with it. It reads the changelog as an instance would, by processor/state; what that says
// has to be the story, and the position records the group's offsets.
//
//	make faults                                   all of it, 500,000 events, and the soak
//	go test -v ./processor/kafka/faults           the short form
//	  -faults.seed N         repeats the order, the victims and the events of a run; each run prints its seed
//	  -faults.all            all faults in each scenario, also those that the short form has in another
//	  -faults.events N       at least so many events in each scenario
//	  -faults.duration D     goes on with faults for at least so long in each scenario
//	  -faults.rate N         events per second
//	  -faults.only A,B       only these faults, by name
//	  -faults.soak D         how long TestSoak runs; 0 skips it
//	  -faults.keys N         verifications of one partition in TestJoinsAndLeaves
//	  -faults.joins D        how long instances join and leave there
//	  -faults.keep DIR       keeps logs there
//
// Brokers need Java 17 and the jars of Apache Kafka in the directory VERDICT_TEST_KAFKA_LIB (`.ci/install` fetches
// them). Without it only the tests of the suite itself run: that the checker catches each kind of wrong, that seeds
// repeat, that the proxy cuts.
//
// The files:
//
//	process, orphan, wait, proxy     processes, ports, patience, a network that can be broken
//	broker, cluster, admin, registry Kafka and a schema registry, and what the suite asks and orders them
//	instance, metrics                Verdict as a process, and what it says of itself
//	event, ledger, generator         what is sent
//	story                            what has to become of it
//	upstream                         what is sent and taken back: transactions that their producer aborts
//	watcher, recovery                how soon decisions flow again
//	faults, faults_*, plan           what is broken, and in which order
//	stage                            a scenario under way, from newStage to finish
//	reader, observe, changelog       what came out, committed and raw
//	checker*, content, report        what is wrong with it, and the table
//	moves                            who had which partition when, and what was restored, by the instances' logs
//	*_scenario                       the scenarios: faults, backpressure, soak, joins and leaves, a changelog that is
//	                                 broken, compacted, or has lost records
//	refusals_orders, refusals_*      what brokers refuse or lose: sizes, quotas, rights, replicas, a full disk,
//	                                 topics that change
//
// To add a scenario: build a stage (newStage), write events (stage.gen), break something, then stage.finish reads and
// checks. To add a fault: a value of type fault in the list of faults.
package faults
