package explain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/wire"
	"verdict/rules/wording"
)

// unknown is the error where what is published could not be held against the present rules.
func (x *explaining) unknown() error {
	switch {
	case x.report.Result != show.ExplainedUnknown:
		return nil
	case x.report.Published == nil:
		return errors.New("nothing was found that is published for the record")
	case x.report.PresentMissing != "":
		return errors.New("what is published could not be held against the present rules: its raw record cannot be " +
			"decided now")
	}
	return errors.New("what is published could not be held against the present rules: its raw record cannot be read")
}

// notFound says why nothing may have been found that is published for the raw record, and what to do; id is that of its
// verification, "" if it is not known.
func (x *explaining) notFound(ctx context.Context, id string) (reasons []string) {
	group := x.Config.Kafka.Group
	at := x.groupAt
	place := fmt.Sprintf("%s/%d", x.raw.Topic, x.raw.Partition)
	switch {
	case at == unasked:
		reasons = append(reasons, "It may not be decided yet: where the group "+group+" stands is not known.")
	case at < 0:
		reasons = append(reasons, "The group "+group+" has committed nothing yet in "+place+", so that it may not be "+
			"decided yet; check kafka.group.")
	case at <= x.raw.Offset:
		reasons = append(reasons, fmt.Sprintf("The group %s has not come that far, or was set back: it stands at "+
			"offset %d of %s. If that lasts, `verdict status` says why.", group, at, place))
	default:
		reasons = append(reasons, fmt.Sprintf("The group %s, which stands at offset %d of %s, may have been set "+
			"forward past it, so that it was never decided.", group, at, place))
	}
	if x.Config.StateOn() && x.Config.State.Repeats != config.RepeatsPublish {
		text := "It may be a repeat: what says again what was said before is counted, and has no decision of its own."
		if id != "" {
			text += " What is known of the verification: `verdict state show " + events.Quoted(id) + "`."
		}
		reasons = append(reasons, text)
	}
	if text := x.otherTime(); text != "" {
		reasons = append(reasons, text)
	}
	if x.unreadable > 0 {
		reasons = append(reasons, fmt.Sprintf("%s there cannot be read, the first because %v: are they Verdict's?",
			wording.Count(x.unreadable, "record"), x.unread))
	}
	if text := x.removed(ctx); text != "" {
		reasons = append(reasons, text)
	}
	return reasons
}

// otherTime says that it may have been published outside of the time that was looked at, or "".
func (x *explaining) otherTime() string {
	at := x.around(x.raw.Timestamp)
	switch {
	case x.raw.Timestamp < 0: // all times were
		return ""
	case time.UnixMilli(x.raw.Timestamp).After(x.Now):
		// What is published is earlier than the record by its own time, and Within reaches back by a part of it.
		ahead := min(time.UnixMilli(x.raw.Timestamp).Sub(x.Now), math.MaxInt64/apart-time.Hour) + time.Hour
		if apart*ahead <= x.Within {
			return ""
		}
		return "Its time is yet to come, as its producer's clock is ahead, so that what is published for it looks " +
			"earlier: look further with --within " + inHours(apart*ahead) + "."
	case at.to.Before(x.Now):
		return "It may have been decided later, or its producer's clock was wrong: " + x.further() + "."
	}
	return ""
}

// further says how to look as far as now.
func (x *explaining) further() string {
	return "look further with --within " + inHours(x.Now.Sub(time.UnixMilli(x.raw.Timestamp)))
}

// inHours is a time rounded up, as it is typed; no longer than a duration can be.
func inHours(within time.Duration) string {
	hours := within / time.Hour
	if within%time.Hour > 0 && hours < math.MaxInt64/time.Hour {
		hours++
	}
	return strconv.FormatInt(int64(hours), 10) + "h"
}

// later says that what is shown need not be the last that was published for the raw record, or "".
func (x *explaining) later() string {
	var texts []string
	if at := x.around(x.raw.Timestamp); x.raw.Timestamp >= 0 && at.to.Before(x.Now) {
		texts = append(texts, fmt.Sprintf("That is of what was published until %s; a later one may exist: %s.",
			timeText(at.to.UnixMilli()), x.further()))
	}
	if letter := x.published.letter; letter != nil {
		texts = append(texts, fmt.Sprintf("Behind it there is a dead letter for the same record, %s of %s.",
			placeOf(letter), timeText(letter.Timestamp)))
	}
	return strings.Join(texts, " ")
}

// unasked is where the group stands if the brokers do not say.
const unasked = -2

// committed is where the group goes on in the raw partition; -1: it has committed nothing there; unasked: nobody says.
func (x *explaining) committed(ctx context.Context) int64 {
	request := &wire.OffsetFetchRequest{GroupID: x.Config.Kafka.Group, Topics: []wire.OffsetFetchTopic{
		{Name: x.raw.Topic, Partitions: []int32{x.raw.Partition}}}}
	res, err := cluster.Ask[*wire.OffsetFetchResponse](ctx, x.client, request)
	if err != nil || res.ErrorCode != 0 {
		return unasked
	}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			if p.ErrorCode == 0 {
				return p.Offset
			}
		}
	}
	return unasked
}

// removed says that retention may have taken what was published, or "".
func (x *explaining) removed(ctx context.Context) string {
	var sought []show.SoughtPartition
	var ranges []scan.Range
	for _, p := range x.report.Sought.Partitions {
		if p.Topic == x.cfg.Topics[processor.RouteDecision] {
			sought = append(sought, p)
			ranges = append(ranges, scan.Range{Topic: p.Topic, Partition: p.Partition})
		}
	}
	bounds, err := scan.BoundsOf(ctx, x.client, ranges, scan.Options{Patience: patience})
	if err != nil { // it is one possible reason among others
		return ""
	}
	for i, p := range sought {
		if first := bounds[i].First; first > 0 && p.From <= first {
			return fmt.Sprintf("Retention may have taken it: %s/%d begins at offset %d, within the time that was "+
				"looked at.", p.Topic, p.Partition, first)
		}
	}
	return ""
}
