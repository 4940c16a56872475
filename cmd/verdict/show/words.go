package show

import (
	"verdict/processor"
	"verdict/rules"
)

// Enum is one enum of the published records.
type Enum struct {
	Name    string // as in the schemas
	Symbols []Symbol
}

// Symbol is one symbol of an enum, and what it means in one short line.
type Symbol struct{ Name, Words string }

// Enums lists the enums of the published records with all their symbols but UNSPECIFIED, in the schemas' order, and
// last the origins that begin a basis.
func Enums() []Enum {
	return []Enum{
		enumOf("Outcome", rules.Outcomes(), outcomeMeanings),
		enumOf("Signature", rules.Signatures(), signatureMeanings),
		enumOf("Category", rules.Categories(), categoryMeanings),
		enumOf("Effect", rules.Effects(), effectMeanings),
		enumOf("RiskLevel", rules.RiskLevels(), riskLevelMeanings),
		enumOf("BillingFlag", rules.BillingFlags(), billingFlagMeanings),
		enumOf("Advice", rules.Advices(), adviceMeanings),
		enumOf("Scope", rules.Scopes(), scopeMeanings),
		enumOf("Action", rules.Actions(), actionMeanings),
		enumOf("Anomaly", processor.Anomalies(), anomalyMeanings),
		enumOf("Transition", processor.Transitions(), transitionMeanings),
		enumOf("Environment", processor.Environments(), environmentMeanings),
		enumOf("OccurredAtSource", processor.OccurredAtSources(), occurredAtSourceMeanings),
		enumOf("EntryKind", rules.EntryKinds(), entryKindMeanings),
		enumOf("Origin", rules.Origins(), originMeanings),
	}
}

func enumOf[E interface {
	comparable
	String() string
}](name string, values []E, meanings map[E]string) Enum {
	e := Enum{Name: name}
	for _, v := range values {
		e.Symbols = append(e.Symbols, Symbol{v.String(), meanings[v]})
	}
	return e
}

var entryKindMeanings = map[rules.EntryKind]string{
	rules.EntryStatus:   "a spelling of a status",
	rules.EntryRiskCode: "a risk code",
	rules.EntryCode:     "a code that the catalog lists",
	rules.EntryRange:    "codes that it does not list, from the first to the last",
}

var outcomeMeanings = map[rules.Outcome]string{
	rules.OutcomePending:              "there is no result yet",
	rules.OutcomeApproved:             "the provider approved, and no code leaves that in doubt",
	rules.OutcomeReview:               "a person should look: the provider leaves it open, or a code asks for it",
	rules.OutcomeDeclined:             "the provider declined, or says that the client can't try again",
	rules.OutcomeResubmissionRequired: "the provider asks for better data or pictures",
	rules.OutcomeInconclusive:         "the verification ended without a result",
	rules.OutcomeUnrecognized:         "a status that the catalog does not have: nothing is known of it",
}

var signatureMeanings = map[rules.Signature]string{
	rules.SignatureNone:   "no code of this status says anything of a signature",
	rules.SignatureOpen:   "a step of the signature failed, and can be repeated if the advice says so",
	rules.SignatureFailed: "the signature failed for good; only a new verification can bring one",
}

var riskLevelMeanings = map[rules.RiskLevel]string{
	rules.RiskLevelLow:          "low risk, as the provider calls it",
	rules.RiskLevelMedium:       "medium risk",
	rules.RiskLevelHigh:         "high risk",
	rules.RiskLevelUnacceptable: "unacceptable risk",
	rules.RiskLevelUnknown:      "a risk code that this vocabulary does not have",
}

var billingFlagMeanings = map[rules.BillingFlag]string{
	rules.BillingFlagBillable:     "the provider charges its client for this",
	rules.BillingFlagNotBillable:  "the provider does not charge its client for this",
	rules.BillingFlagUndetermined: "whether the provider charges its client is not known; your contract tells",
}

var transitionMeanings = map[processor.Transition]string{
	processor.TransitionFirst:      "nothing was known of the verification",
	processor.TransitionAdvanced:   "a step that the provider's flow of statuses has, or a later attempt",
	processor.TransitionUnchanged:  "another event that says what is known already",
	processor.TransitionRepeated:   "this very event was seen before",
	processor.TransitionLate:       "what is known counts over it",
	processor.TransitionReopened:   "the attempt had ended, and goes on as the provider's flow allows",
	processor.TransitionReversed:   "an end became another end, with another outcome",
	processor.TransitionUnexpected: "no step that the provider's flow of statuses has",
}

var environmentMeanings = map[processor.Environment]string{
	processor.EnvironmentLive:    "about a real person; also where the event does not say",
	processor.EnvironmentSandbox: "a trial: in all topics like any other, and never charged",
}

var occurredAtSourceMeanings = map[processor.OccurredAtSource]string{
	processor.OccurredAtSourceProvider: "the event itself has its time",
	processor.OccurredAtSourceRecord:   "the event has none: the raw record's timestamp stands in",
}

var originMeanings = map[rules.Origin]string{
	rules.OriginSource:   "the provider's page says it",
	rules.OriginReading:  "our reading of a page that is silent or contradicts itself",
	rules.OriginPolicy:   "our policy",
	rules.OriginOperator: "the operator's own rule",
}

var anomalyMeanings = map[processor.Anomaly]string{
	processor.AnomalyUnknownStatus:           "a status that the catalog does not have",
	processor.AnomalyUnknownCode:             "a code that the catalog does not list, though a range may have it",
	processor.AnomalyUnknownRiskCode:         "a risk code that this vocabulary does not have",
	processor.AnomalyRiskCodeMissing:         "the result is in the risk code, and the event has none",
	processor.AnomalyRiskCodeNotAllowed:      "a risk code beside a status that takes none",
	processor.AnomalyCodeNotAllowedForStatus: "the provider's page has the code with other statuses only",
	processor.AnomalyCodeContradictsRisk:     "the provider's page has the code with other risk codes only",
	processor.AnomalyApprovalContradicted:    "an approval with a code that may not be part of it: a REVIEW",
	processor.AnomalyReasonMissing:           "the status should come with a code that explains it, and has none",
	processor.AnomalyKeyMismatch:             "the record's key is not the verification id",
	processor.AnomalyWrongProductSuspected:   "only another product of this provider lists the code or risk code",
	processor.AnomalyUnexpectedTransition:    "the provider's flow of statuses has no such step",
	processor.AnomalyEventChanged:            "the id of an event that was seen, with another content",
	processor.AnomalyReversed:                "an end became another end, with another outcome",
}
