package show

import (
	"fmt"
	"io"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// flowTable says what may follow each status. What follows under the same conditions is in one row.
func flowTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("AFTER", "ORIGIN", "MAY COME")
	for _, s := range v.Statuses {
		for _, g := range stepGroups(v, s) {
			t.Row(s.Name, g.origin, g.text())
		}
	}
	return t
}

// stepGroup are steps from a status that start, do and rest on the same.
type stepGroup struct {
	to     []string
	origin string
	how    string
}

func (g stepGroup) text() string { return strings.Join(g.to, ", ") + g.how }

func stepGroups(v *rules.Vocabulary, s *rules.Status) []stepGroup {
	var groups []stepGroup
	for i := range s.Steps {
		step := &s.Steps[i]
		to, origin, how := statusesOf(v, step.To), originOf(step), stepText(step)
		if last := len(groups) - 1; last >= 0 && groups[last].origin == origin && groups[last].how == how {
			groups[last].to = append(groups[last].to, to...)
		} else {
			groups = append(groups, stepGroup{to, origin, how})
		}
	}
	return groups
}

// stepText says when a step starts and what it does; "" if from any answer, and nothing that is worth a word.
func stepText(s *rules.Step) string {
	var when []string
	if s.NotFinal {
		when = append(when, "the answer is not final")
	}
	if s.OnOpen {
		when = append(when, "its signature is OPEN")
	}
	text := ""
	if when != nil {
		text = " if " + strings.Join(when, " and ")
	}
	if s.Reopens {
		text += "; reopens it"
	}
	if s.Unexpected {
		text += "; unexpected"
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

func originOf(s *rules.Step) string {
	origin, _, _ := strings.Cut(s.Basis, ":")
	return origin
}

// writeFlow writes the steps, what they leave out, and after which statuses the next word may be overdue.
func writeFlow(w io.Writer, v *rules.Vocabulary) error {
	if err := writeTables(w, flowTable(v)); err != nil {
		return err
	}
	notes := screen.Wrapped(w, 2)
	fmt.Fprintf(notes, "Any status may be the first. What lies between may have been missed.\n")
	for _, s := range v.Statuses {
		if s.OverdueAfter > 0 {
			fmt.Fprintf(notes, "After %s the next is overdue after %s (%s).\n",
				s.Name, durationText(s.OverdueAfter), s.OverdueBasis)
		}
	}
	return nil
}

// nextRows says what may follow a status, and how long that may take.
func nextRows(t *screen.Table, v *rules.Vocabulary, s *rules.Status) {
	name := "may come next"
	for _, g := range stepGroups(v, s) {
		t.Row(name, g.text()+" ("+g.origin+")")
		name = ""
	}
	if len(s.Steps) == 0 {
		t.Row(name, "-")
	}
	if s.OverdueAfter > 0 {
		t.Row("overdue after", durationText(s.OverdueAfter)+" ("+s.OverdueBasis+")")
	}
}

// stepView is one step, by the names of the catalog's files.
type stepView struct {
	From       string  `json:"from"`
	To         string  `json:"to"`
	Final      *bool   `json:"final"`     // false: only from an answer that is not final; null: from any
	Signature  *string `json:"signature"` // OPEN: only while it is; null: from any
	Reopens    bool    `json:"reopens"`
	Unexpected bool    `json:"unexpected"`
	Reason     *string `json:"reason"`
	Basis      string  `json:"basis"`
}

func flowJSON(v *rules.Vocabulary, from *rules.Status) []stepView {
	views := []stepView{}
	for i := range from.Steps {
		step := &from.Steps[i]
		view := stepView{
			From: from.Name, To: strings.Join(statusesOf(v, step.To), ""), Reopens: step.Reopens,
			Unexpected: step.Unexpected, Reason: orNull(step.Reason), Basis: step.Basis,
		}
		if step.NotFinal {
			view.Final = new(bool)
		}
		if step.OnOpen {
			view.Signature = orNull(rules.SignatureOpen.String())
		}
		views = append(views, view)
	}
	return views
}
