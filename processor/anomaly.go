package processor

import (
	"math/bits"

	"verdict/rules"
)

// Anomaly is something that contradicts the provider's own page, or that the page leaves unexplained. None is fatal.
type Anomaly uint8

// Anomalies, in the order in which a decision lists them.
const (
	AnomalyUnspecified Anomaly = iota
	AnomalyUnknownStatus
	AnomalyUnknownCode
	AnomalyUnknownRiskCode
	AnomalyRiskCodeMissing
	AnomalyRiskCodeNotAllowed
	AnomalyCodeNotAllowedForStatus
	AnomalyCodeContradictsRisk
	AnomalyApprovalContradicted
	AnomalyReasonMissing
	AnomalyKeyMismatch
	AnomalyWrongProductSuspected
	// The rest is only known with state.
	AnomalyUnexpectedTransition
	AnomalyEventChanged
	AnomalyReversed
)

// NumAnomalies bounds arrays that are indexed by Anomaly.
const NumAnomalies = int(AnomalyReversed) + 1

var anomalyNames = []string{
	"UNSPECIFIED", "UNKNOWN_STATUS", "UNKNOWN_CODE", "UNKNOWN_RISK_CODE", "RISK_CODE_MISSING", "RISK_CODE_NOT_ALLOWED",
	"CODE_NOT_ALLOWED_FOR_STATUS", "CODE_CONTRADICTS_RISK", "APPROVAL_CONTRADICTED", "REASON_MISSING", "KEY_MISMATCH",
	"WRONG_PRODUCT_SUSPECTED", "UNEXPECTED_TRANSITION", "EVENT_CHANGED", "REVERSED",
}

func (a Anomaly) String() string { return rules.SymbolOf(anomalyNames, a) }

// Anomalies lists every value but UNSPECIFIED.
func Anomalies() []Anomaly { return rules.ValuesOf[Anomaly](anomalyNames) }

// AnomalySet is a set of anomalies; bit n stands for Anomaly n.
type AnomalySet uint16

// Add puts a into the set.
func (s *AnomalySet) Add(a Anomaly) { *s |= 1 << a }

func (s *AnomalySet) addIf(is bool, a Anomaly) {
	if is {
		s.Add(a)
	}
}

// Has says whether a is in the set.
func (s AnomalySet) Has(a Anomaly) bool { return s&(1<<a) != 0 }

// Len is the number of anomalies in the set.
func (s AnomalySet) Len() int { return bits.OnesCount16(uint16(s)) }

// Next returns the first anomaly in order and the rest of the set. It must not be called on an empty set.
func (s AnomalySet) Next() (Anomaly, AnomalySet) {
	a := Anomaly(bits.TrailingZeros16(uint16(s)))
	return a, s &^ (1 << a)
}
