package codec

import "verdict/processor"

// JSONEncoder writes the values of the output topics as JSON, with the field names and enum symbols of the Avro
// schemas. An absent optional field is null, a time is RFC 3339 in UTC. The zero value is ready.
type JSONEncoder struct{}

// NewJSONEncoder makes an encoder.
func NewJSONEncoder() *JSONEncoder { return &JSONEncoder{} }

var _ processor.Encoder = (*JSONEncoder)(nil)

// ContentType is the media type of JSON.
func (*JSONEncoder) ContentType() string { return "application/json" }

// Append appends the value that a decision has on a route. The error is a text that is not valid UTF-8, which no
// decoded event has, or a route without a schema.
func (*JSONEncoder) Append(route processor.Route, dst []byte, d *processor.Decision) ([]byte, error) {
	w := jsonWriter{bytes: dst}
	switch route {
	case processor.RouteDecision, processor.RouteVerification:
		w.decision(d)
	case processor.RouteBilling:
		w.billingEvent(d)
	case processor.RouteRisk:
		w.riskEvent(d)
	case processor.RouteOverdue:
		w.overdueNotice(d)
	default:
		return dst, notEncoded(route)
	}
	return w.end(dst)
}

func (w *jsonWriter) decision(d *processor.Decision) {
	w.id(`{"decision_id":"`, d.ID)
	w.text(`,"event_id":`, d.EventID)
	w.who(d)
	w.symbol(`,"outcome":"`, d.Outcome.String())
	w.text(`,"outcome_basis":`, d.OutcomeBasis)
	w.bool(`,"final":`, d.Final)
	w.bool(`,"ended":`, d.Ended)
	w.symbol(`,"signature":"`, d.Signature.String())
	w.lifecycle(d)
	w.primary(d)
	w.reasons(d, false)
	w.risk(d)
	w.symbol(`,"billing":{"flag":"`, d.Billing.Flag.String())
	w.text(`,"basis":`, d.Billing.Basis)
	w.symbol(`},"retry":{"advice":"`, d.Retry.Advice.String())
	w.symbol(`,"scope":"`, d.Retry.Scope.String())
	w.changes(d)
	w.text(`,"basis":`, d.Retry.Basis)
	w.bool(`},"report_available":`, d.ReportAvailable)
	w.anomalies(d)
	w.occurred(d)
	w.text(`,"rules_version":`, d.RulesVersion)
	w.source(d)
	w.metadata(d)
}

func (w *jsonWriter) billingEvent(d *processor.Decision) {
	w.id(`{"charge_id":"`, d.ChargeID)
	w.symbol(`,"flag":"`, d.Billing.Flag.String())
	w.text(`,"basis":`, d.Billing.Basis)
	w.who(d)
	w.symbol(`,"outcome":"`, d.Outcome.String())
	w.primary(d)
	if d.HasRisk {
		w.int(`,"risk_code":`, int64(d.Risk.Code))
	} else {
		w.raw(`,"risk_code":null`)
	}
	w.anomalies(d)
	w.occurred(d)
	w.time(`,"flag_since":"`, d.FlagSince)
	w.id(`,"decision_id":"`, d.ID)
	w.text(`,"rules_version":`, d.RulesVersion)
	w.source(d)
	w.metadata(d)
}

func (w *jsonWriter) riskEvent(d *processor.Decision) {
	w.id(`{"decision_id":"`, d.ID)
	w.who(d)
	w.symbol(`,"outcome":"`, d.Outcome.String())
	w.bool(`,"final":`, d.Final)
	w.risk(d)
	w.primary(d)
	w.reasons(d, true)
	w.anomalies(d)
	w.occurred(d)
	w.text(`,"rules_version":`, d.RulesVersion)
	w.metadata(d)
}

// who writes what all outputs say of the verification.
func (w *jsonWriter) who(d *processor.Decision) {
	w.text(`,"provider":`, d.Provider)
	w.text(`,"product":`, d.Product)
	w.optional(`,"product_variant":`, d.ProductVariant)
	w.optional(`,"account":`, d.Account)
	w.text(`,"verification_id":`, d.VerificationID)
	w.optional(`,"subject_ref":`, d.SubjectRef)
	w.optional(`,"journey_ref":`, d.JourneyRef)
	w.int(`,"attempt":`, int64(d.Attempt))
	w.symbol(`,"environment":"`, d.Environment.String())
	w.text(`,"provider_status":`, d.ProviderStatus)
}

func (w *jsonWriter) lifecycle(d *processor.Decision) {
	if !d.HasLifecycle {
		w.raw(`,"lifecycle":null`)
		return
	}
	l := &d.Lifecycle
	w.int(`,"lifecycle":{"sequence":`, l.Sequence)
	w.symbol(`,"transition":"`, l.Transition.String())
	w.bool(`,"current":`, l.Current)
	if l.Previous.IsZero() {
		w.raw(`,"previous":null}`)
		return
	}
	w.id(`,"previous":"`, l.Previous)
	w.raw(`}`)
}

// primary writes the code that counts most, and its category.
func (w *jsonWriter) primary(d *processor.Decision) {
	w.optional(`,"primary_code":`, d.PrimaryCode)
	w.symbol(`,"category":"`, d.Category.String())
}

// reasons writes all reasons, or those of a risk event.
func (w *jsonWriter) reasons(d *processor.Decision, ofRisk bool) {
	w.raw(`,"reasons":[`)
	for i := range d.Reasons {
		r := &d.Reasons[i]
		if ofRisk && !inRiskEvent(r) {
			continue
		}
		w.text(`{"code":`, r.Code)
		w.optional(`,"series":`, r.Series)
		w.symbol(`,"category":"`, r.Category.String())
		w.symbol(`,"effect":"`, r.Effect.String())
		w.bool(`,"no_retry":`, r.NoRetry)
		w.bool(`,"disclosable":`, r.Disclosable)
		w.bool(`,"known":`, r.Known)
		w.raw(`},`)
	}
	w.close(']')
}

func (w *jsonWriter) risk(d *processor.Decision) {
	if !d.HasRisk {
		w.raw(`,"risk":null`)
		return
	}
	w.int(`,"risk":{"code":`, int64(d.Risk.Code))
	w.symbol(`,"level":"`, d.Risk.Level.String())
	w.raw(`}`)
}

// changes writes what is to be done before or with a retry: for most events, nothing.
func (w *jsonWriter) changes(d *processor.Decision) {
	if d.Retry.Actions == 0 && len(d.RetryFields) == 0 && !d.HasRetryExpiry {
		w.raw(`,"actions":[],"fields":[],"expires_at":null`)
		return
	}
	w.raw(`,"actions":[`)
	for rest := d.Retry.Actions; rest != 0; {
		action, after := rest.Next()
		w.item(action.String())
		rest = after
	}
	w.close(']')
	w.raw(`,"fields":[`)
	for _, f := range d.RetryFields {
		w.quote(f)
		w.raw(`,`)
	}
	w.close(']')
	if d.HasRetryExpiry {
		w.time(`,"expires_at":"`, d.RetryExpiresAt)
	} else {
		w.raw(`,"expires_at":null`)
	}
}

func (w *jsonWriter) anomalies(d *processor.Decision) {
	w.raw(`,"anomalies":[`)
	for rest := d.Anomalies; rest != 0; {
		anomaly, after := rest.Next()
		w.item(anomaly.String())
		rest = after
	}
	w.close(']')
}

func (w *jsonWriter) occurred(d *processor.Decision) {
	w.time(`,"occurred_at":"`, d.OccurredAt)
	w.symbol(`,"occurred_at_source":"`, d.OccurredAtSource.String())
}

func (w *jsonWriter) source(d *processor.Decision) {
	w.text(`,"source":{"topic":`, d.Source.Topic)
	w.int(`,"partition":`, int64(d.Source.Partition))
	w.int(`,"offset":`, d.Source.Offset)
	w.raw(`}`)
}

// metadata writes the last member of each output, and with it the output's end.
func (w *jsonWriter) metadata(d *processor.Decision) {
	w.raw(`,"metadata":{`)
	for i := range d.Metadata {
		w.quote(d.Metadata[i].Key)
		w.text(`:`, d.Metadata[i].Value)
		w.raw(`,`)
	}
	w.close('}')
	w.raw(`}`)
}
