package show

import (
	"fmt"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
)

// charge says whether there is a billing event, and why.
func (s *story) charge() Because {
	bill := s.line.Result.Effects.Bill
	value := screen.Either(bill, "published", "not published")
	return Because{About: "charge", Value: value, Words: s.chargeWords(bill)}
}

func (s *story) chargeWords(bill bool) string {
	effects, kept := &s.line.Result.Effects, s.line.Before.ChargeOf(s.d)
	switch {
	case effects.Forgotten:
		return "it is older than what is remembered: whether it was published before is not known"
	case effects.ChargeLost:
		return fmt.Sprintf("%d charges of this or later attempts are known, and that of attempt %d may be forgotten",
			processor.KeptCharges, s.d.Attempt)
	case kept == nil:
		return fmt.Sprintf("nothing was known of a charge for attempt %d", s.d.Attempt)
	case bill && !s.why.Decides:
		return fmt.Sprintf("it says the same as what decides the charge of attempt %d, and occurred before that: "+
			"%s instead of %s", s.d.Attempt, s.d.Billing.Flag, kept.Flag)
	case !s.why.Decides:
		return fmt.Sprintf("what decides the charge of attempt %d (%s, %s) counts over it: %s", s.d.Attempt,
			kept.Outcome, kept.Flag, s.chargeBy(kept))
	case !bill && kept.Flag != s.d.Billing.Flag:
		return fmt.Sprintf("it says the same as what was charged: that was %s when it first occurred, and stays so",
			kept.Flag)
	case !bill:
		return "it decides the charge now, but flag, outcome, status, risk code, environment and account are as " +
			"published"
	}
	words := s.changes(kept) + ", and it counts over what decided the charge: " + s.chargeBy(kept)
	if s.d.FlagSince != s.d.OccurredAt {
		words += "; the flag is that of " + timeText(s.d.FlagSince)
	}
	return words
}

// changes says which facts of a charge are new.
func (s *story) changes(kept *processor.Charge) string {
	var changes []string
	if kept.Flag != s.d.Billing.Flag {
		changes = append(changes, fmt.Sprintf("%s instead of %s", s.d.Billing.Flag, kept.Flag))
	}
	if kept.Outcome != s.d.Outcome {
		changes = append(changes, fmt.Sprintf("%s instead of %s", s.d.Outcome, kept.Outcome))
	}
	if changes == nil {
		return "its status, risk code, environment or account is another"
	}
	return strings.Join(changes, " and ")
}

// chargeBy says by which rule one of the event and the end that decided the charge so far counts over the other.
func (s *story) chargeBy(kept *processor.Charge) string {
	switch {
	case s.why.ChargeBy == processor.PrecedenceEnd && kept.Ended != s.d.Ended:
		return "an end counts over an unknown status"
	case s.why.ChargeBy == processor.PrecedenceFlow:
		return "what led to the current word says what was before it"
	}
	return s.precedence(s.why.ChargeBy, &kept.Standing)
}
