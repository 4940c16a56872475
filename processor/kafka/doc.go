// Package kafka runs the processor on Kafka: raw records in, decisions, billing events, risk events and dead letters out, exactly
// once. It is the only room that knows kafka-go, and knows neither how records are written (processor/codec) nor what they mean
// (rules).
//
// # Guarantee
//
// With DeliveryExactlyOnce, what comes out of a raw record and the group's offset behind it are in one transaction: a reader with
// isolation level read_committed sees the outputs of each raw record once, whatever crashes, as long as the cluster keeps what it
// has acknowledged. Records of aborted upstream transactions are not read. Records of one raw partition are processed in
// order, and outputs of equal keys keep that order. With DeliveryAtLeastOnce the offsets follow the outputs, and a crash
// between the two publishes some again.
//
// It rests on four things. A unit's InitProducerID fences whoever had its transactional id. Offsets are committed with the
// generation and the member, so that a broker refuses them from an owner before. Offsets are fetched "stable": not before every
// open transaction that would move them has ended. And nothing is read before both.
//
// # Files
//
//	config.go       what can be set              check*.go      Check, for an operator
//	runner.go       Run, Ready, shutdown         topics.go      topics to create
//	group.go        the consumer group           spread.go      who gets which partition
//	group_ghost.go  members left behind          generation.go  one assignment, shared among units
//	unit.go         the unit of work: its loop   fetch.go       asking brokers for records
//	recordset.go    memory of what was fetched   seek.go        where a partition without an offset begins
//	read.go         from batches to outputs      offsets.go     where to begin; taking over
//	outputs.go      what a transaction holds     flight.go      delivering it
//	announce.go     beginning it early           pace.go        when to, and when to commit
//	takeover.go     what others left open        transaction.go its requests
//	settle.go       offsets, at least once       load.go        how many units
//	publish.go      sending batches              producer.go    ids, epochs, sequences
//	toolarge.go     size limits                  partitioner.go murmur2
//	recordbatch.go  reading record batches       batch.go       writing them
//	aborted.go      upstream's aborts            wire.go        messages that kafka-go lacks
//	errors.go       what to do about which error backoff.go     pauses
//	metrics.go      names and labels             status.go      readiness
//	lag.go          lag of a partition           tally.go       counts until the commit
//	client.go       requests, metadata           truncation.go  a position that the log does not have
//	coordinators.go who coordinates what         wire_coordinator.go  requests that are sent there
//	silence.go      brokers that do not answer   control_conn.go, group_conn.go  connections that pass them over
//
// # Deliberately absent
//
// kafka-go's Reader, Writer and Client.Fetch (they cannot filter aborted transactions, set sequences or end where a batch
// ends); cooperative rebalancing and static membership (kafka-go has neither; group_ghost.go does what matters of the
// latter); EndTxn(abort) followed by more work in the same epoch (a new epoch aborts as well, and leaves one way to recover
// instead of two); message formats before Kafka 0.11; a silent reset of offsets that are out of range.
package kafka
