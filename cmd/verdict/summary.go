package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// summary counts what became of events.
type summary struct {
	outcomes, billing, anomalies, reasons map[string]int
	decisions, deadLetters                int
}

func newSummary() *summary {
	return &summary{outcomes: map[string]int{}, billing: map[string]int{}, anomalies: map[string]int{}, reasons: map[string]int{}}
}

func (s *summary) addDecision(d *decisionView) {
	s.decisions++
	s.outcomes[d.Outcome]++
	s.billing[d.Billing.Flag]++
	for _, a := range d.Anomalies {
		s.anomalies[a]++
	}
}

func (s *summary) addDeadLetter(reason string) {
	s.deadLetters++
	s.reasons[reason]++
}

func (s *summary) total() int { return s.decisions + s.deadLetters }

func (s *summary) write(w io.Writer, p paint, width int) error {
	title := fmt.Sprintf("%s: %s, %s", count(s.total(), "event"), count(s.decisions, "decision"), count(s.deadLetters, "dead letter"))
	if _, err := fmt.Fprintln(w, p.as(bold, title)); err != nil {
		return err
	}
	t := table{}
	for _, part := range []struct {
		name   string
		counts map[string]int
	}{{"outcome", s.outcomes}, {"billing", s.billing}, {"anomalies", s.anomalies}, {"dead letters", s.reasons}} {
		if len(part.counts) > 0 {
			indent := strings.Repeat(" ", len("  dead letters  "))
			t.row(pad("  "+part.name, len("  dead letters")), wrapItems(ranking(part.counts), width, indent))
		}
	}
	return t.write(w)
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
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.name, b.name)) })
	var texts []string
	for i, e := range entries {
		comma := either(i < len(entries)-1, ",", "")
		texts = append(texts, fmt.Sprintf("%d %s%s", e.n, words(e.name), comma))
	}
	return texts
}
