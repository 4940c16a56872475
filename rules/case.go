package rules

import (
	"slices"
	"time"
)

// CasesDir is the directory of cases, beside the rules that they are about.
const CasesDir = "cases"

// Case says what an event, or a sequence of events, must come to. The rules know nothing of it: it is for whoever tests
// them.
type Case struct {
	Name   string
	File   string // from the directory of the rules on: "cases/mine.yaml"
	Line   int    // where it begins, from 1
	Todo   string // why it does not pass yet; "": it must
	Events []CaseEvent
}

// CaseEvent is a raw record, and what must come of it.
type CaseEvent struct {
	Line  int // in the case's file
	Value []byte
	At    time.Time // of the record
	// Key is the record's; nil: its verification id. Keyless: it has none.
	Key     []byte
	Keyless bool
	Topic   CaseTopic

	// Rejected is the reason of the dead letter that the record must become, RejectedAt where the file says so. "": it
	// must be none.
	Rejected   string
	RejectedAt CasePlace
	Expect     []Expected // at most one for each output
}

// CaseTopic is what the settings say about the record's raw topic, as topics.raw has it; "" is not set.
type CaseTopic struct {
	Format, Product, Integration, Account string

	FormatAt, IntegrationAt CasePlace // where the file says so
}

// CasePlace is a place in a case's file, counted from 1.
type CasePlace struct{ Line, Column int }

// Expected is what must be published for a record on one route.
type Expected struct {
	Output string // one of CaseOutputs
	Line   int
	None   bool // nothing
	Fields []Want
}

// WantKind is what kind of value is wanted.
type WantKind uint8

// Kinds of values.
const (
	WantText   WantKind = iota // a text, a number or a truth value, by its letters
	WantNull                   // null
	WantObject                 // an object with these fields, among others
	WantList                   // a list of just these items
)

// Want is a value that an output must have.
type Want struct {
	Name  string // of the field; "" for an item of a list
	Line  int
	Kind  WantKind
	Text  string
	Parts []Want // fields or items
}

// outputNames are the names of an output's fields in JSON, each with those below it; nil has none. Of a list it has
// those of an item. A test holds them equal to what is written.
type outputNames map[string]outputNames

// anyNames is for a field whose members have names of their own.
var anyNames = outputNames{}

var (
	riskNames   = outputNames{"code": nil, "level": nil}
	sourceNames = outputNames{"topic": nil, "partition": nil, "offset": nil}
	reasonNames = outputNames{
		"code": nil, "series": nil, "category": nil, "effect": nil, "no_retry": nil, "disclosable": nil, "known": nil,
	}
	decisionNames = outputNames{
		"decision_id": nil, "event_id": nil, "provider": nil, "product": nil, "product_variant": nil, "account": nil,
		"verification_id": nil, "subject_ref": nil, "journey_ref": nil, "attempt": nil, "environment": nil,
		"provider_status": nil, "outcome": nil, "outcome_basis": nil, "final": nil, "ended": nil, "signature": nil,
		"lifecycle":    {"sequence": nil, "transition": nil, "current": nil, "previous": nil},
		"primary_code": nil, "category": nil, "reasons": reasonNames, "risk": riskNames,
		"billing": {"flag": nil, "basis": nil},
		"retry": {
			"advice": nil, "scope": nil, "actions": nil, "fields": nil, "expires_at": nil, "basis": nil,
		},
		"report_available": nil, "anomalies": nil, "occurred_at": nil, "occurred_at_source": nil,
		"rules_version": nil, "source": sourceNames, "metadata": anyNames,
	}
	billingNames = outputNames{
		"charge_id": nil, "flag": nil, "basis": nil, "provider": nil, "product": nil, "product_variant": nil,
		"account": nil, "verification_id": nil, "subject_ref": nil, "journey_ref": nil, "attempt": nil,
		"environment": nil, "provider_status": nil, "outcome": nil, "primary_code": nil, "category": nil,
		"risk_code": nil, "anomalies": nil, "occurred_at": nil, "occurred_at_source": nil, "flag_since": nil,
		"decision_id": nil, "rules_version": nil, "source": sourceNames, "metadata": anyNames,
	}
	riskEventNames = outputNames{
		"decision_id": nil, "provider": nil, "product": nil, "product_variant": nil, "account": nil,
		"verification_id": nil, "subject_ref": nil, "journey_ref": nil, "attempt": nil, "environment": nil,
		"provider_status": nil, "outcome": nil, "final": nil, "risk": riskNames, "primary_code": nil, "category": nil,
		"reasons": reasonNames, "anomalies": nil, "occurred_at": nil, "occurred_at_source": nil,
		"rules_version": nil, "metadata": anyNames,
	}
)

// caseOutputs are what a case may expect, by the name of the route.
var caseOutputs = map[string]outputNames{
	"decision": decisionNames, "verification": decisionNames, "billing": billingNames, "risk": riskEventNames,
}

// CaseOutputs lists the outputs that a case may speak of, by the names of their routes.
func CaseOutputs() []string { return []string{"decision", "billing", "risk", "verification"} }

// CaseFields lists the fields of an output that a case may expect, with those below them ("retry.actions"), sorted.
func CaseFields(output string) []string {
	return slices.Sorted(slices.Values(caseOutputs[output].paths("")))
}

func (names outputNames) paths(before string) (paths []string) {
	for name, below := range names {
		paths = append(append(paths, before+name), below.paths(before+name+".")...)
	}
	return paths
}

// EventFields lists the fields of an event that is written in the canonical envelope's.
func EventFields() []string { return slices.Clone(eventKeys.names) }
