package explain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/wire"
)

// apart is which part of Options.Within what is published for a raw record may be earlier than that by its own time, as
// clocks differ: one minute of an hour.
const apart = 60

// lookFor is something to find in an output topic.
type lookFor struct {
	route processor.Route
	// likely is the partition where it is, unless partitions were added, of so many; below 0: not known.
	likely func(count int32) int32
	// fits reads a record, and gives what was looked for; nil: it is another one.
	fits func(ctx context.Context, r *processor.Record) (*said, error)
}

// span is a time to look at, by the records' own; zero: all times.
type span struct{ from, to time.Time }

// search looks for things in the records of a time: in the likely partitions and, where they are not there, in all. Of
// several that fit counts says which one it is.
func (x *explaining) search(ctx context.Context, at span, counts func(s, other *said) *said, things ...lookFor) (
	found *said, err error) {
	x.unreadable, x.unread, x.report.Sought = 0, nil, nil
	var read []scan.Range
	for _, likely := range []bool{true, false} {
		ranges, err := x.ranges(ctx, at, likely, read, things)
		if err != nil || len(ranges) == 0 {
			return nil, err
		}
		with := pipeline.Scan{Client: x.client, Options: scan.Options{Patience: patience}, What: "searched", To: x.Err}
		result, err := with.Read(ctx, ranges, func(r *processor.Record) error {
			s, err := x.fitting(ctx, r, things)
			if s != nil {
				found = counts(s, found)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		x.note(at, &result)
		if found != nil || x.undecided() {
			return found, nil
		}
		read = ranges
	}
	return nil, nil
}

// undecided says that the group has not come as far as the raw record: all partitions need not be searched for it.
func (x *explaining) undecided() bool {
	return x.raw != nil && 0 <= x.groupAt && x.groupAt <= x.raw.Offset
}

func (x *explaining) fitting(ctx context.Context, r *processor.Record, things []lookFor) (*said, error) {
	for i := range things {
		if x.cfg.Topics[things[i].route] != r.Topic {
			continue
		}
		if s, err := things[i].fits(ctx, r); s != nil || err != nil {
			return s, err
		}
	}
	return nil, nil
}

// over is which of two that fit counts: the later one, but a decision over a dead letter.
func (s *said) over(other *said) *said {
	switch {
	case other == nil:
		return s
	case (s.rejected == nil) != (other.rejected == nil):
		if s.rejected != nil {
			s, other = other, s
		}
		if other.record.Timestamp > s.record.Timestamp {
			s.letter = other.record
		}
		return s
	case s.record.Timestamp < other.record.Timestamp: // from another partition, mostly
		s, other = other, s
	}
	s.copies += other.copies
	s.letter = cmp.Or(s.letter, other.letter)
	if s.rejected == nil && s.letter != nil && s.letter.Timestamp <= s.record.Timestamp {
		s.letter = nil
	}
	return s
}

// nearestTo says which of two that fit was written nearer to a time.
func nearestTo(millis int64) func(s, other *said) *said {
	return func(s, other *said) *said {
		switch {
		case other == nil:
			return s
		case apartFrom(s, millis) > apartFrom(other, millis):
			return other
		case apartFrom(s, millis) == apartFrom(other, millis):
			s.copies += other.copies
		}
		return s
	}
}

// apartFrom is how far from a time something was written; of records without a time it is the same.
func apartFrom(s *said, millis int64) uint64 {
	if s.record.Timestamp < millis {
		return uint64(millis) - uint64(s.record.Timestamp)
	}
	return uint64(s.record.Timestamp) - uint64(millis)
}

// ranges are those to search, but for partitions that were read.
func (x *explaining) ranges(ctx context.Context, at span, likely bool, but []scan.Range, things []lookFor) (
	[]scan.Range, error) {
	var ranges []scan.Range
	for i := range things {
		topic := x.cfg.Topics[things[i].route]
		count, err := x.partitions(ctx, topic)
		if err != nil {
			return nil, err
		}
		if count == 0 {
			return nil, fmt.Errorf("the topic %s is not there: create it, for example by `verdict topics --create`",
				topic)
		}
		only := int32(-1)
		if likely {
			only = things[i].likely(count)
		}
		for id := range count {
			is := func(r scan.Range) bool { return r.Topic == topic && r.Partition == id }
			if (only < 0 || id == only) && !slices.ContainsFunc(but, is) {
				ranges = append(ranges, at.of(topic, id))
			}
		}
	}
	return ranges, nil
}

// of is the part of a partition that is of the time.
func (s span) of(topic string, partition int32) scan.Range {
	r := scan.Range{Topic: topic, Partition: partition, From: scan.Earliest(), To: scan.LastStable()}
	if s != (span{}) {
		r.From, r.To = scan.Time(s.from).Stable(), scan.Time(s.to).Stable()
	}
	return r
}

// around is when what was published for a raw record may have been, by the record's time; below 0: it has none.
func (x *explaining) around(millis int64) span {
	if millis < 0 {
		return span{}
	}
	t := time.UnixMilli(millis)
	return span{t.Add(-x.Within / apart), t.Add(x.Within)}
}

// note adds where it was looked.
func (x *explaining) note(at span, result *scan.Result) {
	s := cmp.Or(x.report.Sought, &show.Sought{})
	if at != (span{}) {
		s.From, s.To = timeText(at.from.UnixMilli()), timeText(at.to.UnixMilli())
	}
	for i := range result.Partitions {
		p := &result.Partitions[i]
		s.Partitions = append(s.Partitions, show.SoughtPartition{Topic: p.Topic, Partition: p.Partition, From: p.Start,
			To: p.Position})
	}
	x.report.Sought = s
}

// decisionOf looks for the decision about a raw record. id is the verification's, "" if it is not known.
func (x *explaining) decisionOf(raw Place, id string) lookFor {
	return x.decision(id, raw.Partition, func(d *processor.Decision) bool {
		return d.Source == processor.Source{Topic: raw.Topic, Partition: raw.Partition, Offset: raw.Offset}
	})
}

// decision looks for a decision, by its verification and what else tells it.
func (x *explaining) decision(id string, source int32, is func(*processor.Decision) bool) lookFor {
	return lookFor{
		route: processor.RouteDecision,
		likely: func(count int32) int32 {
			if id == "" {
				return -1
			}
			return wire.PartitionFor([]byte(id), source, count)
		},
		fits: func(ctx context.Context, r *processor.Record) (*said, error) {
			if id != "" && string(r.Key) != id {
				return nil, nil
			}
			d := &processor.Decision{}
			err := x.reader.Read(ctx, processor.RouteDecision, r.Value, d)
			if errors.Is(err, codec.ErrRegistryUnavailable) {
				return nil, err
			}
			if err != nil {
				x.unreadable, x.unread = x.unreadable+1, cmp.Or(x.unread, fmt.Errorf("%s: %w", placeOf(r), err))
				return nil, nil
			}
			if !is(d) {
				return nil, nil
			}
			return &said{route: processor.RouteDecision, record: clone(r), decision: d, rules: d.RulesVersion,
				copies: 1}, nil
		},
	}
}

// deadLetterOf looks for the dead letter of a raw record.
func (x *explaining) deadLetterOf(raw *processor.Record) lookFor {
	return lookFor{
		route:  processor.RouteDeadLetter,
		likely: func(count int32) int32 { return wire.PartitionFor(raw.Key, raw.Partition, count) },
		fits: func(_ context.Context, r *processor.Record) (*said, error) {
			if source, err := sourceOf(r); err != nil || source != placeOf(raw) {
				return nil, nil //nolint:nilerr // it is none of ours
			}
			return deadLetter(r), nil
		},
	}
}

// deadLetter reads one by its headers.
func deadLetter(r *processor.Record) *said {
	return &said{route: processor.RouteDeadLetter, record: clone(r), copies: 1,
		rejected: &show.DeadLetter{Reason: text(r, processor.HeaderReason), Detail: text(r, processor.HeaderDetail)},
		rules:    text(r, processor.HeaderRulesVersion)}
}

// sourceOf is where the raw record of a dead letter is.
func sourceOf(r *processor.Record) (Place, error) {
	partition, err := strconv.ParseInt(text(r, processor.HeaderSourcePartition), 10, 32)
	offset, err2 := strconv.ParseInt(text(r, processor.HeaderSourceOffset), 10, 64)
	return Place{text(r, processor.HeaderSourceTopic), int32(partition), offset}, errors.Join(err, err2)
}

func text(r *processor.Record, header string) string {
	value, _ := r.Header(header)
	return string(value)
}

func timeText(millis int64) string {
	if millis < 0 {
		return ""
	}
	return time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
