package show

import (
	"fmt"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
)

// story is a line beside what was known of its verification.
type story struct {
	*evidence
	line *Line
	word *processor.Word // that was current before
	why  *processor.Why
}

// explainStory says how the event follows what was known of its verification, and what that did to its charge. Without
// state there is nothing to say.
func explainStory(x *evidence, l *Line) []Because {
	if !l.Result.Followed {
		return nil
	}
	s := &story{evidence: x, line: l, word: &l.Before.Word, why: &l.Result.Why}
	parts := []Because{{"lifecycle", x.d.Lifecycle.Transition.String(), s.rule(), s.words()}}
	if x.d.Charges() && !l.Result.Effects.Repeat {
		parts = append(parts, s.charge())
	}
	return parts
}

// rule is the basis of the flow's step that placed the event; "" where none did.
func (s *story) rule() string {
	if s.byFlow() {
		return s.why.Step.Basis
	}
	return ""
}

func (s *story) byFlow() bool {
	if s.why.Step == nil {
		return false
	}
	switch s.d.Lifecycle.Transition {
	case processor.TransitionReopened:
		return true
	case processor.TransitionAdvanced:
		return s.why.By != processor.PrecedenceAttempt
	default:
		return s.why.By == processor.PrecedenceFlow
	}
}

func (s *story) words() string {
	word := wordOf(s.v, s.word)
	switch s.d.Lifecycle.Transition {
	case processor.TransitionFirst:
		return "nothing was known of this verification"
	case processor.TransitionAdvanced:
		return s.advanced(word)
	case processor.TransitionUnchanged:
		stays := screen.Either(s.d.Lifecycle.Current, "takes its place as the current word", "does not take its place")
		return "it says the same as " + word + ", and " + stays + ": " + s.by()
	case processor.TransitionLate:
		if !s.word.There {
			return "nothing is known of the verification, and it is older than what is remembered"
		}
		return word + " counts over it: " + s.by()
	case processor.TransitionReopened:
		return originWords(s.why.Step.Basis) + ": after " + word + " the flow goes on, with " + s.statusName() +
			s.between() + s.unexpected() + "; " + s.by()
	case processor.TransitionReversed:
		return fmt.Sprintf("%s was an end that no other status follows, and this is an end with another outcome, "+
			"%s instead of %s; %s", word, s.d.Outcome, s.word.Outcome, s.by())
	case processor.TransitionUnexpected:
		return "the provider's flow has no step from " + word + " to " + s.statusName() + "; " + s.by()
	case processor.TransitionRepeated:
		return s.repeated()
	case processor.TransitionUnspecified:
	}
	return "unnamed transition"
}

func (s *story) advanced(word string) string {
	switch {
	case s.why.By == processor.PrecedenceAttempt:
		return "a new attempt: " + s.by() + ", of " + word
	case s.why.Step != nil:
		return originWords(s.why.Step.Basis) + ": the flow leads from " + word + " to " + s.statusName() + s.between() +
			s.unexpected() + "; " + s.by()
	case s.status == nil || s.v.StatusByHash(s.word.Status) == nil:
		return "after " + word + ": an unknown status may come from, and go to, any; " + s.by()
	}
	return "after " + word + ": the same status with other codes, variant or environment; " + s.by()
}

// between says of an indirect step that it is one.
func (s *story) between() string {
	return screen.Either(s.why.Step.To&s.status.Mask == 0, ", over others that were not seen", "")
}

func (s *story) unexpected() string {
	if !s.why.Step.Unexpected {
		return ""
	}
	return ", though the page says elsewhere that nothing follows" +
		screen.Either(s.why.Step.Reason == "", "", " ("+s.why.Step.Reason+")")
}

// repeated says by what a repeat was recognized.
func (s *story) repeated() string {
	of := "an earlier line"
	if s.line.Repeats > 0 {
		of = fmt.Sprintf("line %d", s.line.Repeats)
	}
	switch s.why.Identity {
	case processor.IdentityID:
		return of + " was this event: the same event_id, and it says the same; nothing is published"
	case processor.IdentityTime:
		return of + " was this event: it has no event_id, and says the same of the same time; nothing is published"
	case processor.IdentityContent, processor.IdentityUnspecified:
	}
	const alone = " said the same, and neither has an event_id or a time: "
	if s.why.Directly {
		return of + alone + "with nothing between that counts it is the same event; nothing is published"
	}
	return of + alone + "it is the same event, as the flow does not lead to it from " + wordOf(s.v, s.word) +
		"; nothing is published"
}

// by says by which rule the event counts over the current word, or that over the event.
func (s *story) by() string {
	if s.why.By == processor.PrecedenceFlow {
		return "not both have the provider's time, and by " + originWords(s.why.Step.Basis) + " the flow leads from " +
			s.statusName() + " to " + wordStatus(s.v, s.word) + ", not back"
	}
	return s.precedence(s.why.By, &s.word.Standing)
}

// precedence is a rule in words, where the one of the event and another counts over the other.
func (s *story) precedence(by processor.Precedence, other *processor.Standing) string {
	switch by {
	case processor.PrecedenceAttempt:
		return fmt.Sprintf("attempt %d counts over attempt %d", max(s.d.Attempt, other.Attempt),
			min(s.d.Attempt, other.Attempt))
	case processor.PrecedenceClosingEnd:
		return "an end that no other status follows counts over what is none, whatever their times"
	case processor.PrecedenceArrival:
		if other.Timed && s.d.OccurredAtSource == processor.OccurredAtSourceProvider {
			return "its time is more than a day ahead of its record's and is not compared, so the later to arrive " +
				"counts"
		}
		return "not both have the provider's time, so the later to arrive counts"
	case processor.PrecedenceTime:
		return fmt.Sprintf("by the provider's clock %s is later than %s",
			timeText(max(s.d.OccurredAt, other.OccurredAt)), timeText(min(s.d.OccurredAt, other.OccurredAt)))
	case processor.PrecedenceEnd:
		return "both have one time, and an end counts over what is none"
	case processor.PrecedenceOutcome:
		return fmt.Sprintf("both have one time, and of %s and %s the graver outcome counts", s.d.Outcome, other.Outcome)
	case processor.PrecedenceID:
		return "they are equal but for their ids, and the greater decision_id counts"
	case processor.PrecedenceFlow:
		return "not both have the provider's time, and the flow leads from the event's status to the current word's, " +
			"not back, so what it says was before"
	case processor.PrecedenceUnspecified:
	}
	return "unnamed rule"
}

func timeText(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano) }
