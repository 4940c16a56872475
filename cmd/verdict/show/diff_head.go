package show

import (
	"cmp"
	"fmt"
	"strings"

	"verdict/cmd/verdict/screen"
)

// Head says what was compared.
func (d *Diff) Head() []string {
	lines := []string{
		"new: " + d.New.String(),
		"old: " + d.Old.String(),
	}
	if version := d.sameRules(); version != "" {
		lines = append(lines, "both sides are the same rules ("+version+"): what differs in their files decides "+
			"nothing")
	}
	in := &d.Input
	read := counted(d.Events, "event")
	text := fmt.Sprintf("read: %s of %s", read, screen.Printable(in.File+in.Topic))
	if in.Topic != "" {
		text += fmt.Sprintf(", from %s to %s", cmp.Or(in.From, "the earliest"), cmp.Or(in.To, "the end"))
	}
	if in.Folded > 0 {
		text += fmt.Sprintf("; before them, from %s on, %s to know what they follow", in.FoldFrom,
			counted(in.Folded, "event"))
	}
	lines = append(append(lines, text, d.Verifications.line()), d.Published.lines()...)
	if len(d.Neither) > 0 {
		lines = append(lines, "decided by neither side: "+d.neither())
	}
	return append(lines, d.Times.lines()...)
}

// sameRules is the version of the rules that both sides decide by; "" if they differ, or one is what is published.
func (d *Diff) sameRules() string {
	if was, is := d.Old.Versions, d.New.Versions; d.Published == nil && len(was) == 1 && len(is) == 1 &&
		was[0].Name == is[0].Name {
		return is[0].Name
	}
	return ""
}

// lines say what the times of the events keep from sight.
func (t *DiffTimes) lines() (lines []string) {
	if t.Undated > 0 {
		lines = append(lines, clause(t.Undated, "event", "has no time of its own", "have no time of their own")+
			": dated "+t.DatedBy)
	}
	if t.Ahead > 0 {
		lines = append(lines, clause(t.Ahead, "event", "is", "are")+" of more than a day after the record: charged "+
			"by the record's time")
	}
	if len(t.LaterRules) == 0 {
		return lines
	}
	var texts []string
	const most = 3
	for _, r := range t.LaterRules[:min(len(t.LaterRules), most)] {
		rule := DiffValue{Basis: r.Basis, Place: r.Place}
		texts = append(texts, rule.Rule()+" from "+r.From+", "+screen.Either(r.Last == "",
			"and there is no event of the product", "the last event is of "+r.Last))
	}
	if more := len(t.LaterRules) - most; more > 0 {
		texts = append(texts, number(more)+" more")
	}
	return append(lines, fmt.Sprintf("not shown: %s for a time after all events that were read of the product: %s. To "+
		"see what they change, set their from back in a copy of the rules and compare that.",
		counted(len(t.LaterRules), "billing rule"), strings.Join(texts, "; ")))
}

// neither lists what both sides make of events that they do not decide.
func (d *Diff) neither() string {
	var others, reasons []string
	letters := 0
	for _, c := range d.Neither {
		reason, rejected := strings.CutPrefix(c.Name, DeadLetterOf)
		if !rejected {
			others = append(others, counted(c.Count, c.Name))
			continue
		}
		letters += c.Count
		reasons = append(reasons, reason+" "+number(c.Count))
	}
	if letters > 0 {
		text := counted(letters, "dead letter") + " (" + strings.Join(reasons, ", ") + ")"
		others = append([]string{text}, others...)
	}
	return strings.Join(others, ", ")
}

// DeadLetterOf begins the name of what a record is that is rejected; its reason follows.
const DeadLetterOf = "dead letter: "

// line counts verifications.
func (v *DiffVerifications) line() string {
	text := counted(v.All, "verification")
	if v.BeganBefore > 0 {
		text += fmt.Sprintf(", of which %s began before the range", number(v.BeganBefore))
	}
	if v.BeganEarlier > 0 {
		text += fmt.Sprintf("; %s began before all that was read: what depends on their past is not compared",
			number(v.BeganEarlier))
	}
	return text
}

func (p *DiffPublished) lines() []string {
	if p == nil {
		return nil
	}
	lines := []string{fmt.Sprintf("published: %s, %s", counted(p.Decisions, "decision"),
		counted(p.DeadLetters, "dead letter"))}
	for _, left := range []struct {
		count int
		text  string
	}{
		{p.Gone, "whose outputs are not there any more: retention has taken them"},
		{p.NotYet, "behind the last one that is published, or repeats there"},
		{p.Unknown, "of verifications that began before all that was read, which may be repeats"},
	} {
		if left.count > 0 {
			lines = append(lines, fmt.Sprintf("not compared: %s %s", counted(left.count, "event"), left.text))
		}
	}
	if p.Unreadable > 0 {
		lines = append(lines, fmt.Sprintf("not compared: %s that cannot be read", counted(p.Unreadable, "output")))
	}
	if p.ChargesUnknown > 0 {
		lines = append(lines, fmt.Sprintf("not compared: %s that began before all that was read, "+
			"or whose billing events are not there", counted(p.ChargesUnknown, "charge")))
	}
	return lines
}

// String names a side and its versions.
func (s *DiffSide) String() string {
	text := screen.Printable(s.Name)
	for i, v := range s.Versions {
		text += screen.Either(i == 0, ", ", "; ") + v.Name
		if v.Count > 0 {
			text += " (" + number(v.Count) + ")"
		}
	}
	if s.Lacks != "" {
		text += "; there is no format " + s.Lacks + ": each event is a dead letter"
	}
	return text
}

// Result is the result in one line.
func (d *Diff) Result() string {
	switch {
	case d.NothingCompared():
		return "nothing was compared: " + d.WhyNothing()
	case !d.Differs():
		return fmt.Sprintf("nothing differs in %s", counted(d.Compared, "decision"))
	}
	var texts []string
	if d.Compared > 0 {
		texts = append(texts, d.decisions())
	}
	if n := d.OneSided; n > 0 {
		texts = append(texts, clause(n, "event", "is", "are")+" decided on one side only")
	}
	if n := d.otherwise(); n > 0 {
		texts = append(texts, clause(n, "event", "is", "are")+" not decided for another reason")
	}
	if n := d.ChargesDiffer; n > 0 {
		texts = append(texts, clause(n, "charge", "has", "have")+" another flag")
	}
	return strings.Join(texts, "; ")
}

// otherwise counts the events that become something else and that neither side decides.
func (d *Diff) otherwise() int {
	n := -d.OneSided
	for _, b := range d.Became {
		n += b.Count
	}
	return n
}

// decisions says how many decisions differ.
func (d *Diff) decisions() string {
	text := fmt.Sprintf("%s of %s", number(d.Differ), counted(d.Compared, "decision")) +
		screen.Either(d.Differ == 1, " differs", " differ")
	if d.Differ > 0 {
		text += fmt.Sprintf(" (%s)", percent(d.Differ, d.Compared))
	}
	if d.BasisAlone > 0 {
		text += fmt.Sprintf(", %s of these only in which rule decided", number(d.BasisAlone))
	}
	return text
}

// WhyNothing says why nothing was compared.
func (d *Diff) WhyNothing() string {
	of := screen.Printable(d.Input.File + d.Input.Topic)
	unpublished := 0
	if p := d.Published; p != nil {
		unpublished = p.Gone + p.NotYet + p.Unknown
	}
	switch {
	case d.Events == 0 && d.Input.From+d.Input.To != "":
		return "no event of " + of + " is in that range"
	case d.Events == 0:
		return of + " has no event"
	case unpublished == d.Events:
		return fmt.Sprintf("nothing is published for the %s of %s", counted(d.Events, "event"), of)
	case unpublished > 0:
		return fmt.Sprintf("of the %s of %s, for %s nothing is published, and neither side decides the others (%s)",
			counted(d.Events, "event"), of, number(unpublished), d.neither())
	}
	return fmt.Sprintf("neither side decides any of the %s of %s (%s)", counted(d.Events, "event"), of, d.neither())
}
