package codec

import (
	"fmt"

	"pgregory.net/rapid"

	"verdict/processor"
)

// set changes an enum or set of the rules' room, which this room does not know by name.
func set[E ~uint8 | ~uint16 | ~uint32](e *E, n int) { *e = E(n) }

// count says how many symbols an enum has: numbers beyond fall back to the zero value's or to the last one.
func count[E interface {
	~uint8
	String() string
}](zero E) int {
	for n := 1; ; n++ {
		if s := E(n).String(); s == zero.String() || s == E(n-1).String() {
			return n
		}
	}
}

func drawEnum[E interface {
	~uint8
	String() string
}](t *rapid.T, e *E, name string) {
	var zero E
	set(e, rapid.IntRange(1, count(zero)-1).Draw(t, name))
}

// drawDecision makes any decision that the types allow.
func drawDecision(t *rapid.T) *processor.Decision {
	text := func(name string) string { return rapid.String().Draw(t, name) }
	d := &processor.Decision{
		EventID: text("event_id"), Provider: text("provider"), Product: text("product"), ProductVariant: text("variant"),
		Account: text("account"), Ended: rapid.Bool().Draw(t, "ended"), HasLifecycle: rapid.Bool().Draw(t, "has lifecycle"),
		FlagSince:      rapid.Int64Range(minMicros, maxMicros).Draw(t, "flag since"),
		HasRetryExpiry: rapid.Bool().Draw(t, "has expiry"), RetryFields: rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "fields"),
		VerificationID: text("verification_id"), SubjectRef: text("subject"), JourneyRef: text("journey"),
		Attempt: rapid.Int32().Draw(t, "attempt"), ProviderStatus: text("status"), OutcomeBasis: text("outcome basis"),
		Final: rapid.Bool().Draw(t, "final"), HasRisk: rapid.Bool().Draw(t, "has risk"),
		ReportAvailable: rapid.Bool().Draw(t, "report"), OccurredAt: rapid.Int64Range(minMicros, maxMicros).Draw(t, "occurred"),
		RulesVersion: text("rules version"), Source: processor.Source{
			Topic: text("topic"), Partition: rapid.Int32().Draw(t, "partition"), Offset: rapid.Int64().Draw(t, "offset"),
		},
	}
	copy(d.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	copy(d.ChargeID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "charge id"))
	drawEnum(t, &d.Environment, "environment")
	drawEnum(t, &d.Outcome, "outcome")
	drawEnum(t, &d.Signature, "signature")
	drawEnum(t, &d.Category, "category")
	drawEnum(t, &d.Billing.Flag, "flag")
	drawEnum(t, &d.Retry.Advice, "advice")
	drawEnum(t, &d.Retry.Scope, "scope")
	drawEnum(t, &d.OccurredAtSource, "source")
	d.Billing.Basis, d.Retry.Basis = text("billing basis"), text("retry basis")
	if d.HasLifecycle {
		l := &d.Lifecycle
		l.Sequence, l.Current = rapid.Int64().Draw(t, "sequence"), rapid.Bool().Draw(t, "current")
		drawEnum(t, &l.Transition, "transition")
		copy(l.Previous[:], rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "previous")) // zero: there is none
	}
	if d.HasRetryExpiry {
		d.RetryExpiresAt = rapid.Int64Range(minMicros, maxMicros).Draw(t, "expiry")
	}
	d.Overdue = drawOverdue(t)
	action, _ := d.Retry.Actions.With(1).Next()
	set(&d.Retry.Actions, rapid.IntRange(0, 1<<(count(action-1)-1)-1).Draw(t, "actions")<<1)
	set(&d.Anomalies, rapid.IntRange(0, 1<<(processor.NumAnomalies-1)-1).Draw(t, "anomalies")<<1)
	if d.HasRisk {
		d.Risk.Code = rapid.Int32().Draw(t, "risk code")
		drawEnum(t, &d.Risk.Level, "level")
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "reasons") {
		r := processor.Reason{
			Code: text("code"), Series: text("series"), NoRetry: rapid.Bool().Draw(t, "no retry"),
			Disclosable: rapid.Bool().Draw(t, "disclosable"), Known: rapid.Bool().Draw(t, "known"),
			RiskBearing: rapid.Bool().Draw(t, "risk-bearing"),
		}
		drawEnum(t, &r.Category, "category")
		drawEnum(t, &r.Effect, "effect")
		d.Reasons = append(d.Reasons, r)
		d.PrimaryCode = r.Code
		d.Metadata = append(d.Metadata, processor.Pair{Key: fmt.Sprint(i, text("key")), Value: text("value")})
	}
	return d
}
