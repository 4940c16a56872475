package processor

import "verdict/rules"

// Why says what gave an event its place among those of its verification, and its charge. It is for whoever explains a
// decision: nothing goes by it.
type Why struct {
	// Identity is what the event is recognized by, if it comes again.
	Identity Identity
	// Directly says of a repeat that is known by its content alone that the event before it was the same, or is the
	// current word.
	Directly bool
	// By is the rule by which the event counts over the current word or, where it is LATE or does not become the
	// current word, the word over the event. Where nothing is known, there is none.
	By Precedence
	// Step is the flow's step from the current word to the event; where By is PrecedenceFlow the step from the event to
	// the word. nil: the flow has none, or the catalog lacks one of their statuses.
	Step *rules.Step
	// ChargeBy is the rule by which the event, or the end that has decided its charge so far, counts over the other.
	// Where no charge was known, there is none. Decides says whether it is the event.
	ChargeBy Precedence
	Decides  bool
}

// Identity is what an event is recognized by when it comes again.
type Identity uint8

// Identities. Each stands in where the ones before it are not there.
const (
	IdentityUnspecified Identity = iota
	IdentityID                   // the provider's event id
	IdentityTime                 // content and the provider's time
	IdentityContent              // content alone
)

// identifiedBy says what an event is recognized by.
func identifiedBy(e *Event) Identity {
	switch {
	case e.EventID != "":
		return IdentityID
	case e.HasOccurredAt:
		return IdentityTime
	}
	return IdentityContent
}

// Precedence is a rule by which one of two events of a verification counts over the other.
type Precedence uint8

// Precedences. Each decides where those before it do not.
const (
	PrecedenceUnspecified Precedence = iota
	PrecedenceAttempt                // the higher attempt
	PrecedenceClosingEnd             // an end that no other status follows, over what is none
	PrecedenceFlow                   // without times to compare: the flow leads from the one to the other, and not back
	PrecedenceArrival                // without times to compare: the later to arrive
	PrecedenceTime                   // the later by the provider's clock
	PrecedenceEnd                    // an end over what is none
	PrecedenceOutcome                // the graver outcome
	PrecedenceID                     // the greater decision id
)
