package show

import (
	"strconv"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/rules"
)

// Transition is how the decision follows what was known; unspecified without state.
func (d *Decision) Transition() processor.Transition {
	if d.Lifecycle == nil {
		return processor.TransitionUnspecified
	}
	for _, t := range processor.Transitions() {
		if t.String() == d.Lifecycle.Transition {
			return t
		}
	}
	return processor.TransitionUnspecified
}

// follows says in a few words how an event follows what was known, where that is not what one expects. calm: it is
// nothing to look into.
func (d *Decision) follows() (said string, calm bool) {
	word := screen.Either(d.Follows == "", "the current word", d.Follows)
	switch d.Transition() {
	case processor.TransitionUnchanged:
		return word + " says the same", true
	case processor.TransitionLate:
		if d.Lifecycle.Previous == "" {
			return "it is older than what is remembered", false
		}
		return word + " counts over it", false
	case processor.TransitionReopened:
		return "it goes on after " + word, false
	case processor.TransitionReversed:
		return "it takes back " + word, false
	case processor.TransitionUnexpected:
		return "no step leads to it from " + word, false
	default: // FIRST and ADVANCED are what one expects, and a repeat has a line of its own
		return "", false
	}
}

// saidTwice says whether the transition tells an anomaly already.
func (d *Decision) saidTwice(anomaly string) bool {
	switch anomaly {
	case processor.AnomalyReversed.String():
		return d.Transition() == processor.TransitionReversed
	case processor.AnomalyUnexpectedTransition.String():
		return d.Transition() == processor.TransitionUnexpected
	}
	return false
}

// RepeatLine shows in one line that an event was seen before. id is "" where lines have none.
func RepeatLine(id, place, of string, p screen.Paint, c Columns) string {
	text := screen.Pad(place, c.vocabulary) + " " + screen.Pad("repeat", c.status) + " " + of
	if c.id > 0 {
		text = screen.Pad(id, c.id) + " " + text
	}
	return p.As(screen.Dim, text)
}

// wordOf names what was the current word: its status, and its line.
func wordOf(v *rules.Vocabulary, w *processor.Word) string {
	return wordStatus(v, w) + " (" + lineOf(w) + ")"
}

func lineOf(w *processor.Word) string { return "line " + strconv.FormatInt(w.Offset+1, 10) }

func wordStatus(v *rules.Vocabulary, w *processor.Word) string {
	status := v.StatusByHash(w.Status)
	switch {
	case status == nil:
		return "an unknown status"
	case w.HasRisk && status.Rule == nil:
		return status.Name + "/" + strconv.Itoa(int(w.RiskCode))
	}
	return status.Name
}
