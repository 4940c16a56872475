package processor

import "verdict/rules"

// Environment says whether an event is about a real person or a trial.
type Environment uint8

// Environments. Unspecified: the event did not say, which means live.
const (
	EnvironmentUnspecified Environment = iota
	EnvironmentLive
	EnvironmentSandbox
)

var environmentNames = []string{"UNSPECIFIED", "LIVE", "SANDBOX"}

func (e Environment) String() string { return rules.SymbolOf(environmentNames, e) }

// Environments lists every value but UNSPECIFIED.
func Environments() []Environment { return rules.ValuesOf[Environment](environmentNames) }

// Integration is how the caller is connected to the provider; unspecified if the event did not name it.
type Integration = rules.Integration

// Integrations, for rooms that may not know the catalog.
const (
	IntegrationUnspecified = rules.IntegrationUnspecified
	IntegrationSDK         = rules.IntegrationSDK
	IntegrationAPI         = rules.IntegrationAPI
)

// Pair is one entry of an event's metadata.
type Pair struct{ Key, Value string }

// Event is a decoded raw event: the canonical envelope, whatever it was written in. A decoder has checked that required
// fields are there and not blank and that all are within their types and bounds; it has judged nothing else. An
// optional text is "" when absent.
type Event struct {
	EventID        string // "": derived from the content, see ContentID
	Provider       string
	Product        string
	ProductVariant string
	VerificationID string
	SubjectRef     string
	JourneyRef     string
	Account        string // the provider's account or workspace that is invoiced, as the body names it
	OutsideAccount string // that of the record's header or its topic, where the body names none
	Status         string
	Codes          []string // decimal text of an int, or the text as it was spelt
	RiskCode       int32
	HasRiskCode    bool
	Attempt        int32 // from 1; 0: absent, means 1
	Environment    Environment
	Integration    Integration
	OccurredAt     int64 // microseconds since 1970 UTC
	HasOccurredAt  bool
	RecordTime     int64  // of the record, in microseconds since 1970 UTC; stands in where there is no OccurredAt
	Metadata       []Pair // in the order they came, no key twice
	// Unread says that the record lacks a field and has one that is not read, whose name looks like it. It is no fact
	// of the event, and decides nothing.
	Unread bool
}

// Reset empties the event and keeps its own memory, but nothing of the record's: what its texts were cut from may be
// large.
func (e *Event) Reset() {
	clear(e.Codes)
	clear(e.Metadata)
	*e = Event{Codes: e.Codes[:0], Metadata: e.Metadata[:0]}
}

func (e *Event) attempt() int32 { return max(e.Attempt, 1) }

// account is the one that is invoiced. What stands in is no part of ContentID: it is the operator's setting, as the
// integration is.
func (e *Event) account() string {
	if e.Account == "" {
		return e.OutsideAccount
	}
	return e.Account
}

// time is when the event occurred, and by whose clock.
func (e *Event) time() (micros int64, source OccurredAtSource) {
	if e.HasOccurredAt {
		return e.OccurredAt, OccurredAtSourceProvider
	}
	return e.RecordTime, OccurredAtSourceRecord
}

// chargedAt is when the event occurred for its price: a provider's time from far ahead is none.
func (e *Event) chargedAt() int64 {
	if e.HasOccurredAt && !isFarAhead(e.OccurredAt, e.RecordTime) {
		return e.OccurredAt
	}
	return e.RecordTime
}

// farAhead is how far a provider's clock may be ahead of the raw record's time, in microseconds: what is said to come
// from beyond that has no time, for the story and for the price.
const farAhead = 24 * 60 * 60 * 1_000_000

// isFarAhead compares with the record's time; one below 0 is unknown.
func isFarAhead(occurredAt, recordTime int64) bool {
	return recordTime >= 0 && occurredAt > recordTime+farAhead
}

func (e *Event) environment() Environment {
	if e.Environment == EnvironmentSandbox {
		return EnvironmentSandbox
	}
	return EnvironmentLive
}
