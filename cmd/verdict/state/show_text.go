package state

import (
	"fmt"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// write writes what was found for a person.
func (o *ShowOptions) write(f found) error {
	out := screen.Wrapped(o.Out, 0)
	for i := range f.Known {
		if i > 0 {
			fmt.Fprintln(out)
		}
		s := &f.Known[i]
		fmt.Fprintf(out, "%s  %s %s\n", screen.Printable(f.VerificationID), s.Provider, s.Product)
		if err := o.table(s).Write(o.Out); err != nil {
			return err
		}
	}
	if len(f.Known) == 0 {
		o.nothing(f)
	}
	return nil
}

// nothing says that nothing is known, and where that was looked for.
func (o *ShowOptions) nothing(f found) {
	out := screen.Wrapped(o.Out, 0)
	fmt.Fprintf(out, "nothing is known of %s\n", screen.Printable(f.VerificationID))
	for _, l := range f.Looked {
		at := "empty: nothing was decided"
		if l.DecidedTo != nil {
			at = fmt.Sprintf("at raw offset %d", *l.DecidedTo)
		}
		fmt.Fprintf(out, "  looked in  %s (%s)\n", l.Changelog, at)
	}
	text := "It may never have come, be a dead letter, or have been forgotten (" +
		screen.FormatDuration(o.Config.State.Retention) + " after its last event)."
	if !o.Everywhere {
		text += " Records whose key is not the verification id, or whose producer places keys otherwise than Java's, " +
			"are in other partitions: --everywhere looks there, too."
	}
	fmt.Fprintln(out, screen.Prose(text, min(screen.TextWidth(o.Out), textWidth)))
}

// textWidth is how wide lines are at most.
const textWidth = 80

func (o *ShowOptions) table(s *storyView) *screen.Table {
	t := &screen.Table{}
	if w := s.Word; w != nil {
		wordRows(t, w)
	} else {
		t.Row("  current word", "none: all that came was too old to conclude anything from")
	}
	t.Row("  published", wording.Count(int(s.Decisions), "decision"))
	for _, c := range s.Charges {
		t.Row("  charge", fmt.Sprintf("attempt %d: %s since %s,", c.Attempt, c.Flag, c.FlagSince))
		t.Row("", "by "+c.Outcome+screen.Either(c.Ended, "", ", no end"))
	}
	t.Row("  first event", s.FirstSeen)
	t.Row("  last event", fmt.Sprintf("%s, offset %d of ", s.LastSeen, s.LastRaw)+
		screen.Either(s.LastMoved, fromBefore, fmt.Sprintf("%s/%d", s.RawTopic, s.Partition)))
	t.Row("  recognized", wording.Count(int(s.Seen), "event")+" that may come again")
	t.Row("  remembered", screen.Either(s.Forgotten, "no more: forgotten since ", "until ")+s.Until+
		screen.Either(s.Forgotten, "", ", or longer"))
	return t
}

// fromBefore is where a raw record is that came before its verification was moved.
const fromBefore = "another partition, from before partitions were added"

func wordRows(t *screen.Table, w *wordView) {
	status := "a status that the catalog does not have"
	if w.Status != nil {
		status = *w.Status
	}
	t.Row("  current word", w.Outcome+" ("+status+")")
	says := []string{screen.Either(w.Final, "final", "not final"), screen.Either(w.Ended, "ended", "not ended"),
		fmt.Sprintf("attempt %d", w.Attempt)}
	if w.RiskCode != nil {
		says = append(says, fmt.Sprintf("risk code %d", *w.RiskCode))
	}
	if w.Signature != "NONE" {
		says = append(says, "signature "+screen.Words(w.Signature))
	}
	t.Row("", strings.Join(says, ", "))
	t.Row("  occurred at", w.OccurredAt+", by the "+
		screen.Either(w.Source == "PROVIDER", "provider's clock", "raw record's timestamp"))
	t.Row("  known since", fmt.Sprintf("%s, offset %d%s; %s", w.Since, w.Offset,
		screen.Either(w.Moved, " of "+fromBefore, ""), howOften(w.Same)))
	t.Row("  decision", w.DecisionID)
	switch {
	case w.Deadline == nil:
		t.Row("  next word", "no limit is known")
	case w.Overdue:
		t.Row("  next word", "overdue since "+*w.Deadline+notice(w))
	default:
		t.Row("  next word", "expected until "+*w.Deadline)
	}
}

// notice says what became of the notice of a word that is overdue.
func notice(w *wordView) string {
	switch {
	case w.Notified && w.Moved:
		return ", a notice went out before it was moved, or none can be made"
	case w.Notified:
		return ", a notice went out, or none could be made"
	case w.Moved:
		return ", no notice can be made"
	}
	return ""
}

// howOften says how often the same has come.
func howOften(same uint8) string {
	switch same {
	case 1:
		return "said once"
	case 255:
		return "said 255 times or more"
	default:
		return fmt.Sprintf("said %d times", same)
	}
}
