package scan

import (
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
)

// Reasons of a Problem.
var (
	// ErrOpenTransaction: a transaction stays open in front of the end. Offset is its first one.
	ErrOpenTransaction = errors.New("an open transaction")
	// ErrTruncated: the log does not have the next offset to read, or not the end. Offset is the next one to read.
	ErrTruncated = errors.New("a truncated log")
	// ErrMissing: there is no such topic or partition.
	ErrMissing = errors.New("a missing partition")
	// ErrUnreachable: no leader, or one that does not answer, or not with what must be there. Offset is the next one to
	// read.
	ErrUnreachable = errors.New("an unreachable partition")
	// ErrDamaged: a batch that cannot be read. Offset is the next one to read.
	ErrDamaged = errors.New("a damaged batch")
	// ErrRefused: the brokers refuse it. Offset is the next one to read.
	ErrRefused = errors.New("a refused request")
)

// Problem says why a partition is not read to the end of its range. errors.As finds it in what Read returns.
type Problem struct {
	Topic     string
	Partition int32 // -1: the topic as a whole
	Offset    int64 // as the reason says; -1: not known
	Reason    error // one of the above, for errors.Is
	err       error // what is wrong and what to do
}

func (p *Problem) Error() string {
	if p.Partition == unknown {
		return fmt.Sprintf("%s: %s", p.Topic, p.err)
	}
	return fmt.Sprintf("%s/%d: %s", p.Topic, p.Partition, p.err)
}

func (p *Problem) Unwrap() []error { return []error{p.Reason, p.err} }

func problem(r *Range, offset int64, reason error, format string, args ...any) *Problem {
	return &Problem{r.Topic, r.Partition, offset, reason, fmt.Errorf(format, args...)}
}

func openTransaction(r *Range, offset, end int64) *Problem {
	return problem(r, offset, ErrOpenTransaction, "a transaction is open from offset %d on, and the range ends at %d: "+
		"wait until it ends (at the latest after its producer's transaction.timeout.ms), "+
		"abort it (kafka-transactions.sh, find-hanging and abort), or read to the last stable offset", offset, end)
}

// removed: records were deleted, by retention or by hand.
func removed(r *Range, position, first int64) *Problem {
	return problem(r, position, ErrTruncated,
		"the next record to read is at offset %d, but the topic now begins at %d: "+
			"%d offsets were removed; begin at offset %d, or at the earliest", position, first, first-position, first)
}

// shrunk: the log ends before a place that it had.
func shrunk(r *Range, position, place, end int64) *Problem {
	return problem(r, position, ErrTruncated,
		"offset %d belongs to the range, but the topic ends at %d: check the offset, "+
			"or whether the topic was created anew or has lost records; then choose the range anew", place, end)
}

func missing(r *Range, partitions int32) *Problem {
	if partitions == 0 {
		return problem(r, unknown, ErrMissing, "the topic is not there: check its name and the brokers' addresses")
	}
	return problem(r, unknown, ErrMissing, "the topic has only %d partitions, from 0 to %d: choose one of them",
		partitions, partitions-1)
}

func leaderless(r *Range, position int64) *Problem {
	return problem(r, position, ErrUnreachable,
		"it has no leader: start the brokers that hold it, and read again from %s",
		from(position))
}

func nobodyKnows(r *Range, position int64, err error) *Problem {
	return problem(r, position, ErrUnreachable, "no broker says who leads it: check the brokers' addresses, "+
		"and whether they run: %w", err)
}

func unreachable(r *Range, position int64, broker int32, err error) *Problem {
	return problem(r, position, ErrUnreachable, "its leader, broker %d, gives nothing of it: "+
		"see whether that broker is well, and read again from %s: %w", broker, from(position), err)
}

// withheld: its answers are empty, though the log goes on to high.
func withheld(r *Range, position int64, broker int32, high int64) *Problem {
	return problem(r, position, ErrUnreachable, "its leader, broker %d, gives nothing from offset %d on, "+
		"though the log goes on to %d: see whether that broker and its remote storage, if it has one, are well, "+
		"and read again from offset %d; if nothing is stored there any more, read again once something has been "+
		"written behind it, or only to offset %d", broker, position, high, position, position)
}

func refused(r *Range, position int64, err error) *Problem {
	return problem(r, position, ErrRefused, "%w", explain(err))
}

// damaged: next is the offset behind the batch, if that can be told.
func damaged(r *Range, position, next int64, err error) *Problem {
	if next == unknown {
		return problem(r, position, ErrDamaged, "%w; to go on behind it, begin at a later offset", err)
	}
	return problem(r, position, ErrDamaged, "%w; to go on behind it, begin at offset %d", err, next)
}

// from says where to begin again.
func from(position int64) string {
	if position < 0 {
		return "the beginning of the range"
	}
	return fmt.Sprintf("offset %d", position)
}

// explain adds what to do.
func explain(err error) error {
	if errors.Is(err, kafka.TopicAuthorizationFailed) {
		return fmt.Errorf("%w: grant READ and DESCRIBE on the topic", err)
	}
	return cluster.Explain(err)
}
