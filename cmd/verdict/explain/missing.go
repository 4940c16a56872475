package explain

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
	}
	return errors.New("what is published could not be held against the present rules: its raw record cannot be read")
}

// notFound says why nothing may have been found that is published for the raw record, and what to do; id is that of its
// verification, "" if it is not known.
func (x *explaining) notFound(ctx context.Context, id string) (reasons []string) {
	group := x.Config.Kafka.Group
	at := x.committed(ctx)
	if 0 <= at && at <= x.raw.Offset {
		return []string{fmt.Sprintf("The group %s has not decided it yet: it stands at offset %d of %s/%d. If that "+
			"lasts, `verdict status` says why.", group, at, x.raw.Topic, x.raw.Partition)}
	}
	if at < 0 {
		reasons = append(reasons, "It may not be decided yet: where the group "+group+" stands is not known.")
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
	case at.from.After(x.Now):
		ahead := apart * (time.UnixMilli(x.raw.Timestamp).Sub(x.Now) + time.Hour)
		return "Its time is yet to come, as its producer's clock is ahead, so that what is published for it looks " +
			"earlier: look further with --within " + longer(max(ahead, x.Within)) + "."
	case at.to.Before(x.Now):
		return "It may have been decided later, or its producer's clock was ahead: look further with --within " +
			longer(x.Within) + "."
	}
	return ""
}

// longer is a time to look further, in hours, as it is typed.
func longer(within time.Duration) string {
	return strconv.Itoa(int(max(24, 4*within.Hours()))) + "h"
}

// committed is where the group goes on in the raw partition; below 0: nobody says.
func (x *explaining) committed(ctx context.Context) int64 {
	request := &wire.OffsetFetchRequest{GroupID: x.Config.Kafka.Group, Topics: []wire.OffsetFetchTopic{
		{Name: x.raw.Topic, Partitions: []int32{x.raw.Partition}}}}
	res, err := cluster.Ask[*wire.OffsetFetchResponse](ctx, x.client, request)
	if err != nil || res.ErrorCode != 0 {
		return -1
	}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			if p.ErrorCode == 0 {
				return p.Offset
			}
		}
	}
	return -1
}

// removed says that retention may have taken what was published, or "".
func (x *explaining) removed(ctx context.Context) string {
	for _, p := range x.report.Sought.Partitions {
		if p.Topic != x.cfg.Topics[processor.RouteDecision] {
			continue
		}
		b, err := scan.BoundsOf(ctx, x.client, p.Topic, p.Partition, scan.Options{Patience: patience})
		if err == nil && b.First > 0 && p.From <= b.First {
			return fmt.Sprintf("Retention may have taken it: %s/%d begins at offset %d, within the time that was "+
				"looked at.", p.Topic, p.Partition, b.First)
		}
	}
	return ""
}
