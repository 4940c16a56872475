package rules

// The enums that catalog files and decisions share. In each, the zero value is UNSPECIFIED: the default symbol of the
// Avro schemas, which a catalog file may not use and Verdict never writes. The order is the order of the symbols in
// schemas/*.avsc.

// Outcome is what a provider's status means.
type Outcome uint8

// Outcomes; docs/decisions.md says what each means.
const (
	OutcomeUnspecified Outcome = iota
	OutcomePending
	OutcomeApproved
	OutcomeReview
	OutcomeDeclined
	OutcomeResubmissionRequired
	OutcomeInconclusive
	OutcomeUnrecognized
)

var outcomeNames = []string{
	"UNSPECIFIED", "PENDING", "APPROVED", "REVIEW", "DECLINED", "RESUBMISSION_REQUIRED", "INCONCLUSIVE", "UNRECOGNIZED",
}

func (o Outcome) String() string { return SymbolOf(outcomeNames, o) }

// Outcomes lists every value but UNSPECIFIED.
func Outcomes() []Outcome { return ValuesOf[Outcome](outcomeNames) }

// Category groups the causes of all providers.
type Category uint8

// Categories, independent of provider and outcome.
const (
	CategoryUnspecified Category = iota
	CategoryValidation
	CategoryScreening
	CategoryEngagement
	CategoryTechnical
	CategoryProvider
	CategoryDocumentCapture
	CategoryFaceCapture
	CategoryDocument
	CategoryCopy
	CategoryData
	CategoryIdentityMismatch // a mismatch that the provider does not call fraud
	CategoryEligibility
	CategoryFraud
	CategoryBehavior
	CategoryRisk // a risk signal that the provider does not explain further
	CategoryRejection
	CategorySignature
	CategoryUnknown // a code that the catalog does not list
	CategoryNone    // no code at all
)

var categoryNames = []string{
	"UNSPECIFIED", "VALIDATION", "SCREENING", "ENGAGEMENT", "TECHNICAL", "PROVIDER", "DOCUMENT_CAPTURE",
	"FACE_CAPTURE", "DOCUMENT", "COPY", "DATA", "IDENTITY_MISMATCH", "ELIGIBILITY", "FRAUD", "BEHAVIOR",
	"RISK", "REJECTION", "SIGNATURE", "UNKNOWN", "NONE",
}

func (c Category) String() string { return SymbolOf(categoryNames, c) }

// Categories lists every value but UNSPECIFIED.
func Categories() []Category { return ValuesOf[Category](categoryNames) }

// Effect is how a code bears on the result.
type Effect uint8

// Effects.
const (
	EffectUnspecified Effect = iota
	EffectPositive
	EffectCleared // a hit that proved false
	EffectNeutral
	EffectNegative
)

var effectNames = []string{"UNSPECIFIED", "POSITIVE", "CLEARED", "NEUTRAL", "NEGATIVE"}

func (e Effect) String() string { return SymbolOf(effectNames, e) }

// Effects lists every value but UNSPECIFIED.
func Effects() []Effect { return ValuesOf[Effect](effectNames) }

// Signature says what became of the electronic signature beside an identity that was verified.
type Signature uint8

// Signatures.
const (
	SignatureUnspecified Signature = iota
	SignatureNone                  // nothing is said of one
	SignatureOpen                  // a step of it is to be repeated
	SignatureFailed                // it came to no end, and no step of this verification can mend that
)

var signatureNames = []string{"UNSPECIFIED", "NONE", "OPEN", "FAILED"}

func (s Signature) String() string { return SymbolOf(signatureNames, s) }

// Signatures lists every value but UNSPECIFIED.
func Signatures() []Signature { return ValuesOf[Signature](signatureNames) }

// RiskLevel is the meaning of a risk code.
type RiskLevel uint8

// Risk levels.
const (
	RiskLevelUnspecified RiskLevel = iota
	RiskLevelLow
	RiskLevelMedium
	RiskLevelHigh
	RiskLevelUnacceptable
	RiskLevelUnknown // a risk code that the vocabulary does not have
)

var riskLevelNames = []string{"UNSPECIFIED", "LOW", "MEDIUM", "HIGH", "UNACCEPTABLE", "UNKNOWN"}

func (l RiskLevel) String() string { return SymbolOf(riskLevelNames, l) }

// RiskLevels lists every value but UNSPECIFIED.
func RiskLevels() []RiskLevel { return ValuesOf[RiskLevel](riskLevelNames) }

// BillingFlag states what the provider charges its client.
type BillingFlag uint8

// Billing flags.
const (
	BillingFlagUnspecified BillingFlag = iota
	BillingFlagBillable
	BillingFlagNotBillable
	BillingFlagUndetermined
)

var billingFlagNames = []string{"UNSPECIFIED", "BILLABLE", "NOT_BILLABLE", "UNDETERMINED"}

func (f BillingFlag) String() string { return SymbolOf(billingFlagNames, f) }

// BillingFlags lists every value but UNSPECIFIED.
func BillingFlags() []BillingFlag { return ValuesOf[BillingFlag](billingFlagNames) }

// Advice says whether and how to try again.
type Advice uint8

// Retry advice.
const (
	AdviceUnspecified Advice = iota
	AdviceNotApplicable
	AdviceContinue
	AdviceWait
	AdviceAwaitReview
	AdviceRetry
	AdviceRetryWithChanges
	AdviceOptional
	AdviceConditional
	AdviceDoNotRetry
	AdviceUnknown
)

var adviceNames = []string{
	"UNSPECIFIED", "NOT_APPLICABLE", "CONTINUE", "WAIT", "AWAIT_REVIEW", "RETRY", "RETRY_WITH_CHANGES", "OPTIONAL",
	"CONDITIONAL", "DO_NOT_RETRY", "UNKNOWN",
}

func (a Advice) String() string { return SymbolOf(adviceNames, a) }

// Advices lists every value but UNSPECIFIED.
func Advices() []Advice { return ValuesOf[Advice](adviceNames) }

// Scope says what a retry would be part of.
type Scope uint8

// Retry scopes.
const (
	ScopeUnspecified Scope = iota
	ScopeNone
	ScopeSameVerification
	ScopeNewVerification
	ScopeUnknown
)

var scopeNames = []string{"UNSPECIFIED", "NONE", "SAME_VERIFICATION", "NEW_VERIFICATION", "UNKNOWN"}

func (s Scope) String() string { return SymbolOf(scopeNames, s) }

// Scopes lists every value but UNSPECIFIED.
func Scopes() []Scope { return ValuesOf[Scope](scopeNames) }

// Integration is how the client is connected to the provider; some advice depends on it.
type Integration uint8

// Integrations. Unspecified: the event did not name one.
const (
	IntegrationUnspecified Integration = iota
	IntegrationSDK
	IntegrationAPI
)

var integrationNames = []string{"unspecified", "sdk", "api"}

func (i Integration) String() string { return SymbolOf(integrationNames, i) }

// Origin is who says what a rule says.
type Origin uint8

// Origins.
const (
	OriginUnspecified Origin = iota
	OriginSource             // the provider's page says it
	OriginReading            // our reading of a page that is silent or contradicts itself
	OriginPolicy             // ours
	OriginOperator           // the operator's own rule
)

var originNames = []string{"unspecified", "source", "reading", "policy", "operator"}

func (o Origin) String() string { return SymbolOf(originNames, o) }

// Origins lists every value but the unspecified one.
func Origins() []Origin { return ValuesOf[Origin](originNames) }

// SymbolOf is the symbol of an enum's value; that of the zero value for a number that is none. The enums of decisions
// are made of it as well.
func SymbolOf[E ~uint8](names []string, e E) string {
	if int(e) < len(names) {
		return names[e]
	}
	return names[0]
}

// ValuesOf lists the values of an enum but the zero value.
func ValuesOf[E ~uint8](names []string) []E {
	values := make([]E, 0, len(names)-1)
	for i := 1; i < len(names); i++ {
		values = append(values, E(i))
	}
	return values
}

// parse finds the value of a symbol; UNSPECIFIED and unlisted symbols are refused.
func parse[E ~uint8](names []string, symbol string) (E, bool) {
	for i := 1; i < len(names); i++ {
		if names[i] == symbol {
			return E(i), true
		}
	}
	return 0, false
}
