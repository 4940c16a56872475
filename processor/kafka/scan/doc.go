// Package scan reads ranges of topics, each from a beginning to an end that is fixed when the scan starts, as a reader
// with isolation level read_committed sees them: for tools, and for state that is restored from its changelog. It has
// no consumer group and commits nothing.
//
// # Guarantee
//
// A partition that is Complete has given all committed records of its range, each once and in order.
//
// How far a partition has been read is a position in its log, never a number of records: records of aborted
// transactions, control records and the holes that compaction leaves are passed by the offset behind each batch. So a
// range that ends in any of them ends. A hole is passed only if a batch behind it has been seen. An answer without
// batches proves nothing, however often it comes: a broker with tiered storage gives it for as long as its remote
// storage does not answer. A log can end in a hole only in front of an open transaction, whose own first batch is the
// proof. Behind the newest committed record there is none: Kafka does not compact the newest segment. A partition that
// nevertheless ends in one is reported as ErrUnreachable until something is written behind it.
//
// A range to the high watermark is complete or an error: where a transaction stays open below it, the scan waits for a
// while, and then reports the transaction's position instead of leaving out what it may still commit. A range to the
// last stable offset ends in front of the first open transaction.
//
//	range.go   beginnings and ends          options.go what can be set, progress and result
//	scan.go    Read                         loop.go    whom to ask for what, and when
//	locate.go  offsets of beginning and end fetch.go   asking brokers for records
//	read.go    from batches to records      stand.go   partitions that do not move, and why
//	problem.go errors                       board.go   progress
//	ends.go    ends that are fixed before anything is read
//
// # Non-obvious
//
//   - A loop is one goroutine, and all that it holds is its own: requests on other goroutines get copies and answer
//     through channels. A partition belongs to one loop for the whole scan, so each is read in order, whatever its
//     leader.
//   - While an answer is processed, the next one is asked for from behind it (partition.next). If the partition then
//     stands elsewhere than the answer begins, the answer is dropped.
//   - An empty answer says nothing by itself: the broker may have spent its bytes on other partitions. So the partition
//     is asked for alone (partition.alone). If a transaction is open, that is done in turn as a reader of all records
//     (partition.stable), whose first batch shows whether there is a hole, and as one of committed records.
//   - What counts as a leader's silence is the time in which it was asked and the pauses between, not that in which the
//     loop or the leader was busy with other partitions (partition.waited).
//   - A loop's methods are in five files, each about one thing that a loop does. Splitting the object would hand all of
//     its state on: whatever an answer brings may move, pause or end a partition, and each of these changes what is
//     asked for next.
//
// # Deliberately absent
//
// Resuming from a file (begin at Partition.Position), message formats before Kafka 0.11, two ranges of one partition in
// one scan.
package scan
