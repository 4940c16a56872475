// Package kafka runs the processor on Kafka: raw records in, decisions, billing events, risk events and dead letters
// out, exactly once. It and its rooms are the only ones that know kafka-go, and they know neither how records are
// written (processor/codec) nor what they mean (rules).
//
// # Guarantee
//
// With DeliveryExactlyOnce, what comes out of a raw record and the group's offset behind it are in one transaction: a
// reader with isolation level read_committed sees the outputs of each raw record once, whatever crashes, as long as the
// cluster keeps what it has acknowledged. Records of aborted upstream transactions are not read. Records of one raw
// partition are processed in order, and outputs of equal keys keep that order. With DeliveryAtLeastOnce the offsets
// follow the outputs, and a crash between the two publishes some again.
//
// It rests on four things. A unit's InitProducerID fences whoever had its transactional id. Offsets are committed with
// the generation and the member, so that a broker refuses them from an owner before. Offsets are fetched "stable": not
// before every open transaction that would move them has ended. And nothing is read before both.
//
// # A unit's states
//
// A unit is some partitions with one transactional id. It is never asked for its state: what it does next follows from
// what it holds, as named on the right.
//
//	 newUnit
//	    |
//	    v
//	beginning <---------+    a new epoch (which fences and aborts), the group's stable offsets, and a claim where they
//	    |  |            |    were another one's
//	    |  | error      |
//	    v  +------------|--+
//	 working            |  |  the loop: fetches, the batch that is being filled, the one that flies
//	    |  | error      |  |
//	    |  v            |  |
//	    | rollback -----+  |  waits for what flies, undoes both batches, and decides whether to begin again
//	    |  |               |
//	    |  | fenced, not the group's member any more, fatal
//	    v  v               |
//	 ending <--------------+  deliver what is there (only when partitions are shared anew), commit offsets that
//	                          are owed, withdraw an announcement, abandon an open transaction
//
// While it works there are two batches, each with states of its own:
//
//	batches.filling                                          batches.flying
//
//	 empty                  dirty is false                    none  <-----------------+
//	   | a position advances                                    |                     |
//	   v                                                        | sendOff             |
//	 filled                 due after pace.interval, or         v                     |
//	   | pace: announce     four of them while behind         under way               |
//	   v                                                        |                     |
//	 announced              its transaction has begun;          | landed: committed --+
//	   |                    filling goes on                     | landed: an error
//	   | due, or full                                           v
//	   v                                                      rollback
//	 sendOff: it flies, and the next one is filled
//
// A filled batch is sent off without being announced where it is full before that, and always at least once. An empty
// one is sent off for its offsets alone: a claim, or offsets that are owed. It waits for the one that flies.
//
// A partition is unknown (its offset is being looked up), reading, paused (fetching.pausedUntil) or held back
// (held.err: the record at its position cannot be processed, or its leader not be reached, and the others go on).
//
// # State
//
// What is known of verifications belongs to the instance, by raw partition (stores.go): units and generations pass it
// on, and one of them uses it at a time. A batch changes it in place while it is filled; when it is sent off, what
// changed goes to the partition's changelog in the same transaction, behind a position record, whose number is also
// told beside the committed offset. So:
//
//   - After an error both batches are taken back by their undo logs, the newest first. What became of the one that flew
//     need not be known: the next stable fetch of the offset tells the number of the last transaction, and where that
//     is not the memory's, the changelog is read on from where it was read to.
//   - A unit that gets a partition whose memory has the offset's number reads nothing.
//   - Otherwise the changelog is read beside the unit's work, to the high watermark of a moment after the offsets were
//     stable, committed records only. The partition waits, the others go on. The last stable offset would end too
//     early: what is committed behind somebody's open transaction would be missed.
//   - A claim may go before that: it commits the offset with the note that it had, and writes no position record.
//   - Every transaction that writes a changelog moves that partition's offset, if only to where it is: the group's
//     generation fences both.
//
// # Who runs where
//
//	Run               runner.go       starts the others, waits for the end, leaves the group
//	consume           group.go        one generation after the other; evictLater beside it, for a member id given up
//	work, share       generation.go   kafka-go's goroutine of the generation: waits for its units, watches their loads
//	watchTopics       spread.go       beside the units: metadata
//	fenceUnused       takeover.go     beside the units: transactional ids that have none; writes usedUnits
//	unit.run          unit.go         one goroutine a unit: the loop. All fields of a unit, its fetcher, its batches
//	                                  and its partitions are its own
//	deliver           batch.go        beside the loop, one at a time: the session and the flying delivery
//	Session.Announce  transact        beside the loop, when nothing flies: the session, and the keys that the delivery
//	                                  had when it began
//	publish           transact        beside deliver's commit of offsets; one goroutine for each broker
//	fetch, seek       fetch.go        beside the loop, one for each leader: a request, and a channel for its answer
//	restore           restore.go      beside the loop: memories of partitions that wait, until it has told the loop
//	fetchWords        overdue_fetch.go beside the loop, one for each partition: raw records of overdue words
//	survey            survey_ask.go   beside the loop, one for each leader: what waits where nothing is fetched
//	watch             runner.go       ends the runner when the cluster is silent for too long
//	watchNeeded       topics.go       looks for the topics, and tells readiness
//	tellReadiness     readiness.go    looks at readiness, and tells the log and the ledger
//
// What runs on another goroutine than a unit's loop is a function that gets what it may touch as arguments, so that the
// compiler holds this table. The exceptions are status, ledger, seldom, Metrics, sizeLimits and load, which have
// locks of their own.
//
// # Not obvious
//
//   - Nothing is read before the offsets are stable. An offset that is merely the last committed one may be behind an
//     open transaction of the owner before, and its records would be decided twice.
//   - A partition that was another's is claimed (its offset committed as it is) before long, even without a record: the
//     next owner finds in the offset's metadata whose transaction may still be open.
//   - Flying and filling batches share nothing but the session. While one flies, the session is its delivery's; else it
//     is the loop's and that of the announcement that the loop has made. A batch is announced only when nothing flies,
//     because a transactional id has one transaction at a time.
//   - The memory of a batch whose delivery failed is not used again: a request that was given up may still be on its
//     way from it.
//   - A rollback begins a new epoch instead of EndTxn(abort) in the old one: a Produce that is still on its way must
//     not find the old epoch valid. An announced batch in which nothing was written may be ended in its epoch, and is:
//     a new epoch would fence a process that has taken the id over meanwhile.
//   - The error classes are in order of precedence: of errors that come together, the one whose class is named last in
//     cluster/errors.go decides.
//   - A position moves by a batch's next offset, not by its records: compaction, control records and aborted
//     transactions leave gaps.
//   - Answers to a fetch are stale where the partition has moved since it was asked (stillThere): a rollback, or
//     processing that stopped early.
//   - Partitions of one number, of all raw topics, have one owner and one unit (deal), so that what is written about a
//     verification has one writer whatever topic it came through. Not so while the group's members read different
//     topics (spread.go): nothing may rest on it alone.
//   - An instance gets what it holds again, as far as balance allows: each says at its join what that is. What they say
//     decides about no more than who restores how much, so that nothing breaks if it is wrong.
//   - All decisions of a batch are of one processor, which it is given when it is opened. Use may change that at any
//     time: nothing but the opening of a batch looks at the current one, and what is made beside a batch (deadlines,
//     notices, smaller outputs) is by the batch's. At least once, the loop alone changes it, and only when nothing is
//     published whose offset is not committed (unit.settle), or was before an error (partition.reached).
//   - An offset's mark says by which rules its unit goes on, so that offsets that do not move are committed once as
//     they are after a change (unit.follow), with the note that they have: they and the last position record stay one
//     cut. None is written, so that a changelog that cannot be written now, and that nothing comes for, keeps nobody.
//
// # Files
//
//	config.go       what can be set              needs.go        what that needs of a cluster
//	runner.go       Run, Ready, shutdown         names.go        transactional ids
//	group.go        the consumer group           group_ghost.go  members left behind
//	generation.go   one generation's work        assignment.go   its partitions, lent to units
//	spread.go       who gets which partition     spread_claim.go what members say that they hold
//	spread_share.go with the least movement      load.go         how many units
//	unit.go         the unit of work: its loop   rollback.go     how it begins, goes back and ends
//	pace.go         when to announce and commit  sizing.go       how large a transaction may be
//	fetch.go        asking brokers for records   seek.go         where a partition without an offset begins
//	truncation.go   a position that is gone      locate.go       where to go on
//	takeover.go     what others left open        held.go         partitions held back
//	read.go         from answers to batches      fill.go         from records to outputs
//	batch.go        what one transaction holds   toolarge.go     size limits
//	lateoffsets.go  offsets, at least once       counts.go       counted until the commit
//	metrics.go      names and labels             lag.go          lag of a partition
//	status.go       readiness                    ledger.go       what units tell of their partitions
//	instance_status.go what GET /status shows    oldest.go       since when a record waits
//	readiness.go    its changes in the log       seldom.go       what is said at most so often
//	topics.go       those that are needed        publish_keyed.go a producer for trials
//	stores.go       state, by raw partition      keep.go         what a batch changes in it
//	restore.go      its changelog is read        resume.go       whether state and offset are one cut
//	unread.go       records that cannot be read  overdue.go      words that nothing follows
//	config_state.go what can be set of it        metrics_state.go what is counted of it
//	metrics_vocabulary.go what is counted of what is decided, by vocabulary
//	overdue_fetch.go their raw records           overdue_say.go  what the log says of those
//	growth.go       partitions that were added   outlasts.go     whether changelogs keep what is to be remembered
//	use.go          other rules while it runs    retime.go       their deadlines, in slices
//	open_transaction.go in a raw topic, for long
//	decided.go      by which vocabularies        aborts.go       transactions that do not commit
//	othertopic.go   whether a raw topic is the one that the state is of
//	survey.go       what waits where nothing     survey_ask.go   asking leaders for it
//	                is fetched
//
// Its rooms: wire (messages, record batches), cluster (connections, errors), transact (one transactional id), admin
// (check, topics) and scan (ranges of topics, bounded).
//
// # Deliberately absent
//
// kafka-go's Reader, Writer and Client.Fetch (they cannot filter aborted transactions, set sequences or end where a
// batch ends); cooperative rebalancing and static membership (kafka-go has neither; group_ghost.go does what matters of
// the latter); EndTxn(abort) followed by more work in the same epoch (a new epoch aborts as well, and leaves one way to
// recover instead of two); message formats before Kafka 0.11; a silent reset of offsets that are out of range.
package kafka
