package scan

import (
	"cmp"
	"errors"
	"time"
)

// Options of a scan. The zero value of each field means the default that its comment names.
type Options struct {
	// Parallel is how many loops read side by side; 1: calls of the function for records then never overlap. With more,
	// those for different partitions do, those for one partition never. Partitions are shared out in the order of the
	// ranges.
	Parallel int

	// FetchBytes is how much a broker is asked for at a time: 4 MiB, at most 32 MiB. Each loop holds at most one answer
	// of each broker, the one that is being processed, and one batch decompressed. A batch that is larger comes whole.
	FetchBytes int

	// OpenWait is how long a transaction may stay open in front of the end before it is reported: 30s, more than the
	// transactions of a runner may take. Negative: reported as soon as it is met.
	OpenWait time.Duration

	// Patience is how long a partition may have no leader, or one that gives no answer, or nothing from an offset on
	// though its log goes on: 1m, also if it is negative. The time in which others are asked for or processed does not
	// count, and however short it is, there is a second try, which suffices to tell a hole from silence. A partition
	// that stands for various reasons, one after the other, is given up after OpenWait and Patience together.
	Patience time.Duration

	// KeepGoing reads the other partitions to their ends when one cannot be read, and then returns what was wrong with
	// it. Otherwise the first such problem ends the scan.
	KeepGoing bool

	// First, if not 0, is how many records of each partition are read: it is over behind them, without an error and,
	// if more follow, not Complete. What is fetched is then shared evenly by all partitions, and nothing is fetched
	// ahead. Answers may bring more than is read: a small FetchBytes keeps that little.
	First int64

	// Progress, if not nil, is told how far the scan is, at most every ProgressEvery, also while nothing moves: 1s if
	// that is 0 or negative, and 10ms at least. Its calls never overlap one another, nor, with Parallel 1, those of the
	// function for records. It must not keep the slice.
	Progress      func(Result)
	ProgressEvery time.Duration

	// Done, if not nil, is told of each partition when nothing more of it is read: it is at its end, or Err says why
	// not. It is called as the function for records is. A scan that ends early does not call it for the partitions that
	// are left.
	Done func(Partition)

	onlyEnds bool // each partition is over when its end is known
}

func (o Options) withDefaults(ranges int) Options {
	o.Parallel = min(max(o.Parallel, 1), ranges)
	o.FetchBytes = min(cmp.Or(max(o.FetchBytes, 0), 4<<20), 32<<20)
	o.OpenWait = cmp.Or(o.OpenWait, 30*time.Second)
	o.Patience = cmp.Or(max(o.Patience, 0), time.Minute)
	o.ProgressEvery = max(cmp.Or(max(o.ProgressEvery, 0), time.Second), 10*time.Millisecond)
	return o
}

// ErrStop ends the scan without an error when the function for records returns it. That record counts as not read.
var ErrStop = errors.New("stop the scan")

// Result is how far a scan is, or was when it ended.
type Result struct {
	Records    int64
	Bytes      int64       // of keys and values
	Partitions []Partition // in the order of the ranges
}

// Partition is how far one of them is.
type Partition struct {
	Topic      string
	Partition  int32
	Start, End int64 // the first offset of the range and the one behind its last; -1: not known yet
	Position   int64 // all before it has been read, or has nothing to read: where to begin again; -1: not known yet
	Records    int64
	Bytes      int64 // of keys and values
	Holes      int64 // offsets before Position that no batch has, or no record of its batch: compaction took these
	Aborted    int64 // offsets before Position in batches of aborted transactions
	Markers    int64 // offsets before Position of control records, with which transactions end

	Waits error // why it does not move at the moment; nil: it moves or is done
	Err   error // a *Problem: why nothing more of it is read

	bounds Bounds // of its log; only with onlyEnds
}

// Complete says that the range was read to its end: each of its committed records has been given to the function for
// records, and for each other offset of it the broker has shown that no committed record is there.
func (p *Partition) Complete() bool { return p.Position >= 0 && p.Position >= p.End && p.Err == nil }
