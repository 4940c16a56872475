package processor

import "verdict/rules"

// Decision says what an event means in Verdict's vocabulary. Its texts are those of the event or of the catalog; an
// absent optional text is "".
type Decision struct {
	ID       ID
	ChargeID ID // zero unless there is a billing event

	EventID        string
	Vocabulary     string // name in the catalog, for metrics; not published
	Provider       string
	Product        string
	ProductVariant string
	Account        string
	VerificationID string
	SubjectRef     string
	JourneyRef     string
	Attempt        int32
	Environment    Environment
	ProviderStatus string

	Outcome      rules.Outcome
	OutcomeBasis string
	Final        bool
	Ended        bool // the provider's work on this attempt is over, be its meaning clear or not
	Signature    rules.Signature
	HasLifecycle bool
	Lifecycle    Lifecycle // where there is no state, there is none
	PrimaryCode  string    // "" where there are no reasons
	Category     rules.Category
	Reasons      []Reason // by number, unreadable ones last, no code twice
	HasRisk      bool
	Risk         Risk
	Billing      Billing
	PricedAt     int64 // microseconds since 1970 UTC: the time that Billing goes by, see OccurredAt and the record's
	FlagSince    int64 // microseconds since 1970 UTC: when the charge first had its present flag
	Retry        rules.Retry
	RetryFields  []string // names of Retry.Fields, sorted
	// RetryExpiresAt is until when the retry's actions can be done, in microseconds since 1970 UTC.
	RetryExpiresAt int64
	HasRetryExpiry bool // otherwise no limit is known

	ReportAvailable  bool
	Anomalies        AnomalySet
	OccurredAt       int64 // microseconds since 1970 UTC
	OccurredAtSource OccurredAtSource
	RulesVersion     string
	Source           Source
	Metadata         []Pair // the allowed keys, sorted

	Overdue Overdue // of an overdue notice alone, which is no decision, but says of one who and what it is about
}

// Charges says whether the decision has a billing event: its attempt has ended, or nobody knows whether it has.
func (d *Decision) Charges() bool { return d.Ended || d.Outcome == rules.OutcomeUnrecognized }

// TooFarAhead says whether the event's own time is too far ahead of its record's to be believed, so that Billing goes
// by the record's. It is for what has been decided here: of a decision that was read, nobody knows.
func (d *Decision) TooFarAhead() bool {
	return d.OccurredAtSource == OccurredAtSourceProvider && d.PricedAt != d.OccurredAt
}

// RiskBearing says whether the decision has a risk event.
func (d *Decision) RiskBearing() bool {
	if d.HasRisk || d.Outcome == rules.OutcomeDeclined || d.Outcome == rules.OutcomeReview {
		return true
	}
	for i := range d.Reasons {
		if d.Reasons[i].RiskBearing {
			return true
		}
	}
	return false
}

// Reason is one code, explained.
type Reason struct {
	Code        string
	Series      string
	Category    rules.Category
	Effect      rules.Effect
	NoRetry     bool
	Disclosable bool
	Known       bool

	RiskBearing bool  // makes a risk event
	number      int64 // sorts
}

// Risk is the provider's risk code and its meaning.
type Risk struct {
	Code  int32
	Level rules.RiskLevel
}

// Billing states what the provider charges its client.
type Billing struct {
	Flag  rules.BillingFlag
	Basis string
}

// Source is where the raw record was read.
type Source struct {
	Topic     string
	Partition int32
	Offset    int64
}

// OccurredAtSource says whose clock dated the event.
type OccurredAtSource uint8

// Sources of occurred_at.
const (
	OccurredAtSourceUnspecified OccurredAtSource = iota
	OccurredAtSourceProvider                     // the event
	OccurredAtSourceRecord                       // the raw record's timestamp
)

var occurredAtSourceNames = []string{"UNSPECIFIED", "PROVIDER", "RECORD"}

func (s OccurredAtSource) String() string { return rules.SymbolOf(occurredAtSourceNames, s) }

// OccurredAtSources lists every value but UNSPECIFIED.
func OccurredAtSources() []OccurredAtSource {
	return rules.ValuesOf[OccurredAtSource](occurredAtSourceNames)
}
