package codec

import (
	"math"

	"verdict/processor"
)

// outputField says how a field of an output gets into a decision. Each of its functions takes one kind of value, and
// says whether it could; nil: the field has no values of that kind.
type outputField struct {
	wanted string                    // completes "is not ..."
	begin  func(*processor.Decision) // an object, or an item of a list, begins
	text   func(*processor.Decision, string) bool
	number func(*processor.Decision, int64) bool
	flag   func(*processor.Decision) *bool
	pair   func(d *processor.Decision, key, value string)
}

// outputFields are the fields of all output schemas, by path. Where several schemas have a path, it is the same in
// each.
var outputFields = map[string]outputField{
	"decision_id":     idOf(func(d *processor.Decision) *processor.ID { return &d.ID }),
	"charge_id":       idOf(func(d *processor.Decision) *processor.ID { return &d.ChargeID }),
	"event_id":        textOf(func(d *processor.Decision) *string { return &d.EventID }),
	"provider":        textOf(func(d *processor.Decision) *string { return &d.Provider }),
	"product":         textOf(func(d *processor.Decision) *string { return &d.Product }),
	"product_variant": textOf(func(d *processor.Decision) *string { return &d.ProductVariant }),
	"account":         textOf(func(d *processor.Decision) *string { return &d.Account }),
	"verification_id": textOf(func(d *processor.Decision) *string { return &d.VerificationID }),
	"subject_ref":     textOf(func(d *processor.Decision) *string { return &d.SubjectRef }),
	"journey_ref":     textOf(func(d *processor.Decision) *string { return &d.JourneyRef }),
	"attempt":         integerOf(func(d *processor.Decision) *int32 { return &d.Attempt }),
	"environment":     enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Environment, s) }),
	"provider_status": textOf(func(d *processor.Decision) *string { return &d.ProviderStatus }),

	"overdue_id":    idOf(func(d *processor.Decision) *processor.ID { return &d.Overdue.ID }),
	"sequence":      longOf(func(d *processor.Decision) *int64 { return &d.Overdue.Sequence }),
	"since":         timeOf(func(d *processor.Decision) *int64 { return &d.Overdue.Since }),
	"deadline":      timeOf(func(d *processor.Decision) *int64 { return &d.Overdue.Deadline }),
	"overdue_basis": textOf(func(d *processor.Decision) *string { return &d.Overdue.Basis }),
	"action":        enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Overdue.Action, s) }),

	"outcome":       enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Outcome, s) }),
	"outcome_basis": textOf(func(d *processor.Decision) *string { return &d.OutcomeBasis }),
	"final":         flagOf(func(d *processor.Decision) *bool { return &d.Final }),
	"ended":         flagOf(func(d *processor.Decision) *bool { return &d.Ended }),
	"signature":     enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Signature, s) }),
	"primary_code":  textOf(func(d *processor.Decision) *string { return &d.PrimaryCode }),
	"category":      enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Category, s) }),

	"lifecycle":            {begin: func(d *processor.Decision) { d.HasLifecycle = true }},
	"lifecycle.sequence":   longOf(func(d *processor.Decision) *int64 { return &d.Lifecycle.Sequence }),
	"lifecycle.transition": enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Lifecycle.Transition, s) }),
	"lifecycle.current":    flagOf(func(d *processor.Decision) *bool { return &d.Lifecycle.Current }),
	"lifecycle.previous":   idOf(func(d *processor.Decision) *processor.ID { return &d.Lifecycle.Previous }),

	"reasons":             {begin: func(d *processor.Decision) { d.Reasons = append(d.Reasons, processor.Reason{}) }},
	"reasons.code":        textOf(func(d *processor.Decision) *string { return &lastReason(d).Code }),
	"reasons.series":      textOf(func(d *processor.Decision) *string { return &lastReason(d).Series }),
	"reasons.category":    enumOf(func(d *processor.Decision, s string) { setSymbol(&lastReason(d).Category, s) }),
	"reasons.effect":      enumOf(func(d *processor.Decision, s string) { setSymbol(&lastReason(d).Effect, s) }),
	"reasons.no_retry":    flagOf(func(d *processor.Decision) *bool { return &lastReason(d).NoRetry }),
	"reasons.disclosable": flagOf(func(d *processor.Decision) *bool { return &lastReason(d).Disclosable }),
	"reasons.known":       flagOf(func(d *processor.Decision) *bool { return &lastReason(d).Known }),

	"risk":       {begin: func(d *processor.Decision) { d.HasRisk = true }},
	"risk.code":  integerOf(func(d *processor.Decision) *int32 { return &d.Risk.Code }),
	"risk.level": enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Risk.Level, s) }),
	"risk_code":  integerOf(func(d *processor.Decision) *int32 { d.HasRisk = true; return &d.Risk.Code }),

	"billing":       {},
	"billing.flag":  enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Billing.Flag, s) }),
	"billing.basis": textOf(func(d *processor.Decision) *string { return &d.Billing.Basis }),
	"flag":          enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Billing.Flag, s) }),
	"basis":         textOf(func(d *processor.Decision) *string { return &d.Billing.Basis }),

	"retry":         {},
	"retry.advice":  enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Retry.Advice, s) }),
	"retry.scope":   enumOf(func(d *processor.Decision, s string) { setSymbol(&d.Retry.Scope, s) }),
	"retry.actions": enumOf(addAction),
	"retry.fields": {wanted: "a string", text: func(d *processor.Decision, s string) bool {
		d.RetryFields = append(d.RetryFields, s)
		return true
	}},
	"retry.expires_at": timeOf(func(d *processor.Decision) *int64 {
		d.HasRetryExpiry = true
		return &d.RetryExpiresAt
	}),
	"retry.basis": textOf(func(d *processor.Decision) *string { return &d.Retry.Basis }),

	"report_available": flagOf(func(d *processor.Decision) *bool { return &d.ReportAvailable }),
	"anomalies":        enumOf(addAnomaly),
	"occurred_at":      timeOf(func(d *processor.Decision) *int64 { return &d.OccurredAt }),
	"occurred_at_source": enumOf(func(d *processor.Decision, s string) {
		setSymbol(&d.OccurredAtSource, s)
	}),
	"flag_since":       timeOf(func(d *processor.Decision) *int64 { return &d.FlagSince }),
	"rules_version":    textOf(func(d *processor.Decision) *string { return &d.RulesVersion }),
	"source":           {},
	"source.topic":     textOf(func(d *processor.Decision) *string { return &d.Source.Topic }),
	"source.partition": integerOf(func(d *processor.Decision) *int32 { return &d.Source.Partition }),
	"source.offset":    longOf(func(d *processor.Decision) *int64 { return &d.Source.Offset }),
	"metadata": {pair: func(d *processor.Decision, key, value string) {
		d.Metadata = append(d.Metadata, processor.Pair{Key: key, Value: value})
	}},
}

func lastReason(d *processor.Decision) *processor.Reason { return &d.Reasons[len(d.Reasons)-1] }

func textOf(of func(*processor.Decision) *string) outputField {
	return outputField{wanted: "a string", text: func(d *processor.Decision, s string) bool {
		*of(d) = s
		return true
	}}
}

func idOf(of func(*processor.Decision) *processor.ID) outputField {
	return outputField{wanted: "a UUID", text: func(d *processor.Decision, s string) (ok bool) {
		*of(d), ok = processor.ParseID(s)
		return ok
	}}
}

func integerOf(of func(*processor.Decision) *int32) outputField {
	return outputField{wanted: "an integer of 32 bits", number: func(d *processor.Decision, n int64) bool {
		*of(d) = int32(n)
		return math.MinInt32 <= n && n <= math.MaxInt32
	}}
}

func longOf(of func(*processor.Decision) *int64) outputField {
	return outputField{wanted: "an integer of 64 bits", number: func(d *processor.Decision, n int64) bool {
		*of(d) = n
		return true
	}}
}

// timeOf is for a time, in microseconds since 1970 UTC.
func timeOf(of func(*processor.Decision) *int64) outputField {
	set := func(d *processor.Decision, micros int64) bool {
		*of(d) = micros
		return minMicros <= micros && micros <= maxMicros
	}
	return outputField{wanted: "a time within the years 1 to 9999", number: set,
		text: func(d *processor.Decision, s string) bool {
			micros, ok := parseTime(s)
			return ok && set(d, micros)
		}}
}

func flagOf(of func(*processor.Decision) *bool) outputField {
	return outputField{wanted: "true or false", flag: of}
}

func enumOf(set func(*processor.Decision, string)) outputField {
	return outputField{wanted: "a symbol", text: func(d *processor.Decision, s string) bool {
		set(d, s)
		return true
	}}
}

// setSymbol sets an enum by its symbol. One that is unknown, because a later version of the schema has it, becomes the
// default: UNSPECIFIED.
func setSymbol[E interface {
	~uint8
	String() string
}](e *E, symbol string) {
	*e = 0
	unspecified := E(0).String()
	for n := E(1); ; n++ {
		switch n.String() {
		case unspecified: // no such number: the symbols are at their end
			return
		case symbol:
			*e = n
			return
		}
	}
}

func addAction(d *processor.Decision, symbol string) {
	action, _ := d.Retry.Actions.With(0).Next() // of its type
	setSymbol(&action, symbol)
	d.Retry.Actions = d.Retry.Actions.With(action)
}

func addAnomaly(d *processor.Decision, symbol string) {
	var anomaly processor.Anomaly
	setSymbol(&anomaly, symbol)
	d.Anomalies.Add(anomaly)
}
