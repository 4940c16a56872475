package show

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
	"verdict/rules/wording"
)

// Summary counts what became of events.
type Summary struct {
	outcomes, billing, lifecycle, anomalies, reasons map[string]int
	Decisions, Repeats, DeadLetters                  int
}

// NewSummary makes an empty one.
func NewSummary() *Summary {
	return &Summary{outcomes: map[string]int{}, billing: map[string]int{}, lifecycle: map[string]int{},
		anomalies: map[string]int{}, reasons: map[string]int{}}
}

// AddDecision counts a decision.
func (s *Summary) AddDecision(d *Decision) {
	s.Decisions++
	s.outcomes[d.Outcome]++
	s.billing[d.Billing.Flag]++
	if said, _ := d.follows(); said != "" {
		s.lifecycle[d.Lifecycle.Transition]++
	}
	for _, a := range d.Anomalies {
		s.anomalies[a]++
	}
}

// AddRepeat counts an event that was seen before.
func (s *Summary) AddRepeat() { s.Repeats++ }

// AddDeadLetter counts a dead letter by its reason.
func (s *Summary) AddDeadLetter(reason string) {
	s.DeadLetters++
	s.reasons[reason]++
}

// Total is the number of events.
func (s *Summary) Total() int { return s.Decisions + s.Repeats + s.DeadLetters }

// Write writes the counts, the largest first, in lines of at most width columns.
func (s *Summary) Write(w io.Writer, p screen.Paint, width int) error {
	title := wording.Count(s.Total(), "event") + ": " + wording.Count(s.Decisions, "decision") + ", "
	if s.Repeats > 0 {
		title += wording.Count(s.Repeats, "repeat") + ", "
	}
	title += wording.Count(s.DeadLetters, "dead letter")
	if _, err := fmt.Fprintln(w, p.As(screen.Bold, title)); err != nil {
		return err
	}
	for _, part := range []struct {
		name   string
		counts map[string]int
	}{{"outcome", s.outcomes}, {"billing", s.billing}, {"lifecycle", s.lifecycle}, {"anomalies", s.anomalies},
		{"dead letters", s.reasons}} {
		if len(part.counts) > 0 {
			if err := WriteCounts(w, part.name, ranking(part.counts), width); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeContract says where the answer to an undetermined charge is to be written.
func (s *Summary) writeContract(w io.Writer, width int) error {
	if s.billing[rules.BillingFlagUndetermined.String()] == 0 {
		return nil
	}
	const text = "UNDETERMINED: your contract says what the provider charges. Write it into billing rules of your " +
		"own (catalog.overlay): docs/rules.md, \"Your contract's charges\"."
	_, err := fmt.Fprintln(w, "\n"+screen.Wrap(text, width, ""))
	return err
}

// WriteCounts writes one line of a summary, or more where it is wider than width.
func WriteCounts(w io.Writer, name string, counts []string, width int) error {
	name = screen.Pad("  "+name, len("  dead letters  "))
	_, err := fmt.Fprintln(w, name+screen.WrapItems(counts, width, strings.Repeat(" ", len(name))))
	return err
}

// ranking lists counts, the largest first.
func ranking(counts map[string]int) []string {
	type entry struct {
		name string
		n    int
	}
	var entries []entry
	for name, n := range counts {
		entries = append(entries, entry{name, n})
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.n, a.n),
			strings.Compare(a.name, b.name))
	})
	var texts []string
	for i, e := range entries {
		comma := screen.Either(i < len(entries)-1, ",", "")
		texts = append(texts, fmt.Sprintf("%d %s%s", e.n, screen.Words(e.name), comma))
	}
	return texts
}
