package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor/kafka/upkeep"
	"verdict/rules/wording"
)

// MoveOptions say how the state of a stopped group is to be moved.
type MoveOptions struct {
	Options
	DryRun    bool
	Again     bool      // begin: also where the changelog has lost records
	Undecided bool      // rekey: also where records of what is moved are not decided yet
	Yes       bool      // reset: do it
	To        time.Time // reset: where to decide from; zero: the earliest record
}

// Begin begins state where the group has offsets and none.
func Begin(ctx context.Context, o MoveOptions) error {
	return o.move(func(group *upkeep.Group, each func(upkeep.Step)) error {
		return group.Begin(ctx, o.Again, o.DryRun, each)
	})
}

// Reset forgets what is known, so that all is decided anew.
func Reset(ctx context.Context, o MoveOptions) error {
	o.DryRun = o.DryRun || !o.Yes
	err := o.move(func(group *upkeep.Group, each func(upkeep.Step)) error {
		return group.Reset(ctx, o.To, o.DryRun, each)
	})
	if err == nil && !o.Yes {
		return errors.New("nothing was changed: --yes does what is written above")
	}
	return err
}

// Rekey brings what is known to where the keys are since partitions were added.
func Rekey(ctx context.Context, o MoveOptions) error {
	return o.move(func(group *upkeep.Group, each func(upkeep.Step)) error {
		return group.Rekey(ctx, o.Undecided, o.DryRun, each)
	})
}

// move does it, tells about each partition, and ends with what follows from all that was done.
func (o *MoveOptions) move(do func(*upkeep.Group, func(upkeep.Step)) error) error {
	group, _, err := o.open()
	if err != nil {
		return err
	}
	defer group.Close()
	counts := map[upkeep.Did]int{}
	if err := do(group, func(s upkeep.Step) {
		counts[s.Did]++
		fmt.Fprintf(screen.Wrapped(o.Out, 0), "%s  %s\n", s.Part, o.words(&s))
	}); err != nil {
		return err
	}
	moved := counts[upkeep.DidBegin] + counts[upkeep.DidGoOn] + counts[upkeep.DidReset] + counts[upkeep.DidRekey]
	switch {
	case moved == 0:
		fmt.Fprintln(o.Out, "\nNothing was to be done.")
	case o.DryRun:
		fmt.Fprintf(o.Out, "\nThis would change %s; nothing was changed.\n", wording.Count(moved, "partition"))
	}
	writeFollows(o.Out, counts)
	if n := counts[upkeep.DidBehind]; n > 0 {
		return fmt.Errorf("%s cannot go on as they are: see above", wording.Count(n, "partition"))
	}
	return nil
}

// words says what was done about a partition, or would be.
func (o *MoveOptions) words(s *upkeep.Step) string {
	is := screen.Either(o.DryRun, "would be ", "")
	switch s.Did {
	case upkeep.DidBegin:
		return fmt.Sprintf("%sbegun at offset %d", is, s.Offset)
	case upkeep.DidGoOn:
		return fmt.Sprintf("%sbegun at offset %d, with what is still known", is, s.Offset)
	case upkeep.DidReset:
		return fmt.Sprintf("%sdecided anew from offset %d on, %s forgotten", is, s.Offset,
			wording.Count(s.Keys, "verification"))
	case upkeep.DidRekey:
		return is + rekeyWords(s)
	case upkeep.DidNothing:
		return "nothing was decided of it yet: a runner begins it by itself"
	case upkeep.DidBehind:
		if !s.Part.Known() {
			return fmt.Sprintf("the group is at offset %d and has no state: run `verdict state begin`", s.Part.Offset)
		}
		return s.Part.Loss() + ". --again begins all the same: what was lost is not known then"
	case upkeep.DidStands:
		return fmt.Sprintf("stands at offset %d: nothing to do", s.Offset)
	default:
		return string(s.Did)
	}
}

func rekeyWords(s *upkeep.Step) string {
	text := fmt.Sprintf("rekeyed: %s moved to other partitions", wording.Count(s.Keys-s.Known, "verification"))
	if s.Known > 0 {
		text += fmt.Sprintf("; %d dropped, which have begun anew there", s.Known)
	}
	if s.Stray > 0 {
		text += fmt.Sprintf("; %d left, whose producer does not place keys as Java's do", s.Stray)
	}
	return text
}

// writeFollows writes a paragraph for each thing that was done and has consequences.
func writeFollows(w io.Writer, counts map[upkeep.Did]int) {
	for _, f := range follows {
		if counts[f.did] > 0 {
			fmt.Fprintf(w, "\n%s\n", screen.Prose(f.text, min(screen.TextWidth(w), textWidth)))
		}
	}
}

var follows = []struct {
	did  upkeep.Did
	text string
}{
	{upkeep.DidBegin,
		"What is not known then is all that was decided before. The next event about each verification of before is " +
			"taken as its FIRST, with sequence 1: one that comes again is published again, under its old " +
			"decision_id, and one that comes late may become the current word. The charge of an end that comes " +
			"again is published again, under its old charge_id, of which the latest record counts."},
	{upkeep.DidGoOn,
		"What the changelog still has of those that had lost something is known as before. Of a verification that it " +
			"has lost, the next event is taken as its FIRST; of one that it has in an older state, what was decided " +
			"since is not known: an event or a charge that comes again may be published again, under its old " +
			"decision_id or charge_id, and one that comes late may become the current word."},
	{upkeep.DidReset,
		"What follows: when the group runs again, all that the raw topics still have from there on is decided anew. " +
			"Decisions and risk events come out again under their old ids; sequences begin at 1. The table of " +
			"verifications and the charges pass through old words until the group has caught up. What the raw " +
			"topics no longer have is forgotten; nothing is withdrawn from the table."},
}
