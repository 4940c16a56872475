package show

import (
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"verdict/processor"
	"verdict/rules"
)

// Field is one field of the decision contract, by its name in JSON.
type Field struct {
	Name string
	Same func(a, b *processor.Decision) bool
	// Past says that it also depends on the events before: where a side does not know them, it is not compared.
	Past bool
}

// Part is what a person sees as one thing: a value with the rule that gave it. Where one of its fields differs, old and
// new text are told.
type Part struct {
	Name   string
	Fields []Field
	Text   func(*processor.Decision) string
	Basis  func(*processor.Decision) string // nil: there is none
}

func of[T comparable](name string, value func(*processor.Decision) T) Field {
	return Field{Name: name, Same: func(a, b *processor.Decision) bool { return value(a) == value(b) }}
}

// ofPast is of for what depends on the events before.
func ofPast[T comparable](name string, value func(*processor.Decision) T) Field {
	f := of(name, value)
	f.Past = true
	return f
}

// Anomalies that an event has by itself, and those that it has among the events of its verification.
const (
	pastAnomalies = processor.AnomalySet(1<<processor.AnomalyUnexpectedTransition | 1<<processor.AnomalyEventChanged |
		1<<processor.AnomalyReversed)
	ownAnomalies = ^pastAnomalies
)

// Parts are all fields of a decision that rules have a say in, but for the reasons (reasons.go). Left out are
// rules_version, which differs whenever rules do, and source, by which the two are known to be about one record.
var Parts = []Part{
	{"outcome", []Field{
		of("outcome", func(d *processor.Decision) rules.Outcome { return d.Outcome }),
		of("outcome_basis", func(d *processor.Decision) string { return d.OutcomeBasis }),
	}, func(d *processor.Decision) string { return d.Outcome.String() }, outcomeBasis},
	{"final", []Field{of("final", func(d *processor.Decision) bool { return d.Final })},
		func(d *processor.Decision) string { return strconv.FormatBool(d.Final) }, outcomeBasis},
	{"ended", []Field{of("ended", func(d *processor.Decision) bool { return d.Ended })},
		func(d *processor.Decision) string { return strconv.FormatBool(d.Ended) }, outcomeBasis},
	{"signature", []Field{of("signature", func(d *processor.Decision) rules.Signature { return d.Signature })},
		func(d *processor.Decision) string { return d.Signature.String() }, nil},
	{"category", []Field{of("category", func(d *processor.Decision) rules.Category { return d.Category })},
		func(d *processor.Decision) string { return d.Category.String() }, nil},
	{"primary_code", []Field{of("primary_code", func(d *processor.Decision) string { return d.PrimaryCode })},
		func(d *processor.Decision) string { return CodeText(d.PrimaryCode) }, nil},
	{"risk", []Field{of("risk", func(d *processor.Decision) risk { return risk{d.HasRisk, d.Risk} })},
		riskLevelText, nil},
	{"billing", []Field{
		of("billing.flag", func(d *processor.Decision) rules.BillingFlag { return d.Billing.Flag }),
		of("billing.basis", func(d *processor.Decision) string { return d.Billing.Basis }),
	}, func(d *processor.Decision) string { return d.Billing.Flag.String() },
		func(d *processor.Decision) string { return d.Billing.Basis }},
	{"retry", []Field{
		of("retry.advice", func(d *processor.Decision) rules.Advice { return d.Retry.Advice }),
		of("retry.scope", func(d *processor.Decision) rules.Scope { return d.Retry.Scope }),
		of("retry.actions", func(d *processor.Decision) rules.ActionSet { return d.Retry.Actions }),
		{Name: "retry.fields", Same: func(a, b *processor.Decision) bool {
			return slices.Equal(a.RetryFields, b.RetryFields)
		}},
		of("retry.expires_at", expiryOf),
		of("retry.basis", func(d *processor.Decision) string { return d.Retry.Basis }),
	}, wholeRetryText, func(d *processor.Decision) string { return d.Retry.Basis }},
	{"report_available", []Field{of("report_available", func(d *processor.Decision) bool { return d.ReportAvailable })},
		func(d *processor.Decision) string { return strconv.FormatBool(d.ReportAvailable) }, nil},
	{"anomalies", []Field{
		of("anomalies", func(d *processor.Decision) processor.AnomalySet { return d.Anomalies & ownAnomalies }),
		ofPast("anomalies", func(d *processor.Decision) processor.AnomalySet { return d.Anomalies & pastAnomalies }),
	}, anomaliesText, nil},
	{"lifecycle", []Field{
		ofPast("lifecycle.transition", func(d *processor.Decision) processor.Transition {
			return d.Lifecycle.Transition
		}),
		ofPast("lifecycle.current", func(d *processor.Decision) bool { return d.Lifecycle.Current }),
	}, lifecycleText, nil},
	{"environment", []Field{
		of("environment", func(d *processor.Decision) processor.Environment { return d.Environment }),
	}, func(d *processor.Decision) string { return d.Environment.String() }, nil},
	{"occurred_at_source", []Field{
		of("occurred_at_source", func(d *processor.Decision) processor.OccurredAtSource { return d.OccurredAtSource }),
	}, func(d *processor.Decision) string { return d.OccurredAtSource.String() }, nil},
}

// OwnField is a field whose value is the event's own, or counts its verification's events. Values are compared, and
// never told. Whoever keeps many has Hash for that: it takes one of 65,536 differences for none.
type OwnField struct {
	Field
	Hash func(*processor.Decision) uint16
}

var seed = maphash.MakeSeed()

func own[T comparable](name string, past bool, value func(*processor.Decision) T) OwnField {
	f := of(name, value)
	f.Past = past
	return OwnField{f, func(d *processor.Decision) uint16 { return uint16(maphash.Comparable(seed, value(d))) }}
}

// NumOwn bounds an array that has a place for each of OwnFields.
const NumOwn = 14

// OwnFields are all fields of a decision but those of Parts and the reasons.
var OwnFields = [NumOwn]OwnField{
	own("decision_id", true, func(d *processor.Decision) processor.ID { return d.ID }),
	own("event_id", true, func(d *processor.Decision) string { return d.EventID }),
	own("lifecycle.sequence", true, func(d *processor.Decision) int64 { return d.Lifecycle.Sequence }),
	own("lifecycle.previous", true, func(d *processor.Decision) processor.ID { return d.Lifecycle.Previous }),
	own("verification_id", false, func(d *processor.Decision) string { return d.VerificationID }),
	own("product_variant", false, func(d *processor.Decision) string { return d.ProductVariant }),
	own("account", false, func(d *processor.Decision) string { return d.Account }),
	own("subject_ref", false, func(d *processor.Decision) string { return d.SubjectRef }),
	own("journey_ref", false, func(d *processor.Decision) string { return d.JourneyRef }),
	own("attempt", false, func(d *processor.Decision) int32 { return d.Attempt }),
	own("provider_status", false, func(d *processor.Decision) string { return d.ProviderStatus }),
	own("occurred_at", false, func(d *processor.Decision) int64 { return d.OccurredAt }),
	own("product", false, func(d *processor.Decision) [2]string { return [2]string{d.Provider, d.Product} }),
	{Field{Name: "metadata", Same: func(a, b *processor.Decision) bool {
		return slices.Equal(a.Metadata, b.Metadata)
	}}, metadataHash},
}

func metadataHash(d *processor.Decision) uint16 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, pair := range d.Metadata {
		maphash.WriteComparable(&h, pair)
	}
	return uint16(h.Sum64())
}

type risk struct {
	there bool
	processor.Risk
}

func riskLevelText(d *processor.Decision) string {
	if !d.HasRisk {
		return "none"
	}
	return d.Risk.Level.String()
}

// expiry is until when a retry's actions can be done, in microseconds after the event.
type expiry struct {
	limited bool
	after   int64
}

func expiryOf(d *processor.Decision) expiry {
	if !d.HasRetryExpiry {
		return expiry{}
	}
	return expiry{true, d.RetryExpiresAt - d.OccurredAt}
}

func outcomeBasis(d *processor.Decision) string { return d.OutcomeBasis }

func wholeRetryText(d *processor.Decision) string {
	words := []string{d.Retry.Advice.String(), d.Retry.Scope.String()}
	for set := d.Retry.Actions; set.Len() > 0; {
		var action rules.Action
		action, set = set.Next()
		words = append(words, action.String())
	}
	words = append(words, d.RetryFields...)
	if e := expiryOf(d); e.limited {
		words = append(words, "for "+(time.Duration(e.after)*time.Microsecond).String())
	}
	return strings.Join(words, " ")
}

func anomaliesText(d *processor.Decision) string {
	var names []string
	for set := d.Anomalies; set.Len() > 0; {
		var anomaly processor.Anomaly
		anomaly, set = set.Next()
		names = append(names, anomaly.String())
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, " ")
}

func lifecycleText(d *processor.Decision) string {
	switch {
	case !d.HasLifecycle:
		return "none"
	case d.Lifecycle.Current:
		return d.Lifecycle.Transition.String() + ", the current word"
	}
	return d.Lifecycle.Transition.String()
}

// CodeText is a code as it may be told: what is no number may be anything that the event says.
func CodeText(code string) string {
	switch {
	case code == "":
		return "none"
	case strings.Trim(code, "0123456789") == "":
		return code
	}
	return "unreadable"
}

// ExpiresAfter is for how long after the event a retry's actions can be done, in microseconds; 0 where no limit is
// known.
func ExpiresAfter(d *processor.Decision) int64 { return expiryOf(d).after }
