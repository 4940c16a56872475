package processor

import (
	"fmt"

	"verdict/rules"
)

// RejectionReason is why a record can never be decided. Each is a metric label.
type RejectionReason uint8

// The closed list of reasons.
const (
	ReasonUnspecified RejectionReason = iota
	ReasonEmptyValue
	ReasonMalformedJSON
	ReasonMalformedAvro
	ReasonUnknownSchema
	ReasonUnknownVocabulary
	ReasonMissingField
	ReasonInvalidField
	ReasonIncompatibleSchema
	ReasonTooLarge
)

var rejectionReasonNames = []string{
	"unspecified", "empty_value", "malformed_json", "malformed_avro", "unknown_schema", "unknown_vocabulary",
	"missing_field", "invalid_field", "incompatible_schema", "too_large",
}

func (r RejectionReason) String() string { return rules.SymbolOf(rejectionReasonNames, r) }

// RejectionReasons lists every value but the unspecified one.
func RejectionReasons() []RejectionReason {
	return rules.ValuesOf[RejectionReason](rejectionReasonNames)
}

// Rejection is the error of a record that can never succeed. Any other error means that the world is broken, not the
// record.
type Rejection struct {
	Reason RejectionReason
	// Detail says what is wrong and where: field names, positions, limits. It never quotes the record, which may hold
	// personal data.
	Detail string
}

// Reject makes a Rejection. The arguments must not quote the record.
func Reject(reason RejectionReason, format string, args ...any) *Rejection {
	return &Rejection{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func (r *Rejection) Error() string { return r.Reason.String() + ": " + r.Detail }
