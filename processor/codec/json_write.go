package codec

import (
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"verdict/processor"
)

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
	w := jsonWriter{bytes: append(dst, '{')}
	switch route {
	case processor.RouteDecision:
		w.decision(d)
	case processor.RouteBilling:
		w.billingEvent(d)
	case processor.RouteRisk:
		w.riskEvent(d)
	default:
		return dst, notEncoded(route)
	}
	return w.end(dst)
}

func (w *jsonWriter) decision(d *processor.Decision) {
	w.id("decision_id", d.ID)
	w.text("event_id", d.EventID)
	w.who(d)
	w.symbol("outcome", d.Outcome.String())
	w.text("outcome_basis", d.OutcomeBasis)
	w.bool("final", d.Final)
	w.primaryCode(d)
	w.symbol("category", d.Category.String())
	w.reasons(d, false)
	w.risk(d)
	w.name("billing")
	w.open('{')
	w.symbol("flag", d.Billing.Flag.String())
	w.text("basis", d.Billing.Basis)
	w.close('}')
	w.retry(d)
	w.bool("report_available", d.ReportAvailable)
	w.anomalies(d)
	w.occurred(d)
	w.text("rules_version", d.RulesVersion)
	w.name("source")
	w.open('{')
	w.text("topic", d.Source.Topic)
	w.int("partition", int64(d.Source.Partition))
	w.int("offset", d.Source.Offset)
	w.close('}')
	w.metadata(d)
}

func (w *jsonWriter) billingEvent(d *processor.Decision) {
	w.id("charge_id", d.ChargeID)
	w.symbol("flag", d.Billing.Flag.String())
	w.text("basis", d.Billing.Basis)
	w.who(d)
	w.symbol("outcome", d.Outcome.String())
	w.name("risk_code")
	if d.HasRisk {
		w.bytes = strconv.AppendInt(w.bytes, int64(d.Risk.Code), 10)
	} else {
		w.null()
	}
	w.occurred(d)
	w.id("decision_id", d.ID)
	w.text("rules_version", d.RulesVersion)
	w.metadata(d)
}

func (w *jsonWriter) riskEvent(d *processor.Decision) {
	w.id("decision_id", d.ID)
	w.who(d)
	w.symbol("outcome", d.Outcome.String())
	w.bool("final", d.Final)
	w.risk(d)
	w.reasons(d, true)
	w.anomalies(d)
	w.occurred(d)
	w.text("rules_version", d.RulesVersion)
	w.metadata(d)
}

// jsonWriter appends members of an object. It puts a comma wherever the byte before is not an opening bracket.
type jsonWriter struct {
	bytes []byte
	err   error
}

func (w *jsonWriter) end(dst []byte) ([]byte, error) {
	if w.err != nil {
		return dst, fmt.Errorf("write JSON: a text is not valid UTF-8: %w", w.err)
	}
	return append(w.bytes, '}'), nil
}

func (w *jsonWriter) comma() {
	if last := w.bytes[len(w.bytes)-1]; last != '{' && last != '[' {
		w.bytes = append(w.bytes, ',')
	}
}

// name starts a member; names are constants that need no escapes.
func (w *jsonWriter) name(name string) {
	w.comma()
	w.bytes = append(w.bytes, '"')
	w.bytes = append(w.bytes, name...)
	w.bytes = append(w.bytes, '"', ':')
}

func (w *jsonWriter) open(bracket byte)  { w.bytes = append(w.bytes, bracket) }
func (w *jsonWriter) close(bracket byte) { w.bytes = append(w.bytes, bracket) }
func (w *jsonWriter) null()              { w.bytes = append(w.bytes, "null"...) }

func (w *jsonWriter) quote(s string) {
	quoted, err := jsontext.AppendQuote(w.bytes, s)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.bytes = quoted
}

func (w *jsonWriter) text(name, s string) {
	w.name(name)
	w.quote(s)
}

func (w *jsonWriter) optional(name, s string) {
	if s == "" {
		w.name(name)
		w.null()
		return
	}
	w.text(name, s)
}

// symbol writes an enum's symbol, which needs no escapes.
func (w *jsonWriter) symbol(name, s string) {
	w.name(name)
	w.bareSymbol(s)
}

func (w *jsonWriter) bareSymbol(s string) {
	w.bytes = append(w.bytes, '"')
	w.bytes = append(w.bytes, s...)
	w.bytes = append(w.bytes, '"')
}

func (w *jsonWriter) id(name string, id processor.ID) {
	w.name(name)
	w.bytes = append(w.bytes, '"')
	w.bytes = id.AppendText(w.bytes)
	w.bytes = append(w.bytes, '"')
}

func (w *jsonWriter) int(name string, n int64) {
	w.name(name)
	w.bytes = strconv.AppendInt(w.bytes, n, 10)
}

func (w *jsonWriter) bool(name string, b bool) {
	w.name(name)
	w.bytes = strconv.AppendBool(w.bytes, b)
}

// who writes what all outputs say of the verification.
func (w *jsonWriter) who(d *processor.Decision) {
	w.text("provider", d.Provider)
	w.text("product", d.Product)
	w.optional("product_variant", d.ProductVariant)
	w.text("verification_id", d.VerificationID)
	w.optional("subject_ref", d.SubjectRef)
	w.optional("journey_ref", d.JourneyRef)
	w.int("attempt", int64(d.Attempt))
	w.symbol("environment", d.Environment.String())
	w.text("provider_status", d.ProviderStatus)
}

func (w *jsonWriter) primaryCode(d *processor.Decision) {
	w.name("primary_code")
	if len(d.Reasons) == 0 {
		w.null()
		return
	}
	w.quote(d.PrimaryCode)
}

// reasons writes all reasons, or the risk-bearing ones.
func (w *jsonWriter) reasons(d *processor.Decision, riskBearing bool) {
	w.name("reasons")
	w.open('[')
	for i := range d.Reasons {
		r := &d.Reasons[i]
		if riskBearing && !r.RiskBearing {
			continue
		}
		w.comma()
		w.open('{')
		w.text("code", r.Code)
		w.optional("series", r.Series)
		w.symbol("category", r.Category.String())
		w.symbol("effect", r.Effect.String())
		w.bool("no_retry", r.NoRetry)
		w.bool("disclosable", r.Disclosable)
		w.bool("known", r.Known)
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) risk(d *processor.Decision) {
	w.name("risk")
	if !d.HasRisk {
		w.null()
		return
	}
	w.open('{')
	w.int("code", int64(d.Risk.Code))
	w.symbol("level", d.Risk.Level.String())
	w.close('}')
}

func (w *jsonWriter) retry(d *processor.Decision) {
	w.name("retry")
	w.open('{')
	w.symbol("advice", d.Retry.Advice.String())
	w.symbol("scope", d.Retry.Scope.String())
	w.name("actions")
	w.open('[')
	for rest := d.Retry.Actions; rest != 0; {
		action, after := rest.Next()
		w.comma()
		w.bareSymbol(action.String())
		rest = after
	}
	w.close(']')
	w.text("basis", d.Retry.Basis)
	w.close('}')
}

func (w *jsonWriter) anomalies(d *processor.Decision) {
	w.name("anomalies")
	w.open('[')
	for rest := d.Anomalies; rest != 0; {
		anomaly, after := rest.Next()
		w.comma()
		w.bareSymbol(anomaly.String())
		rest = after
	}
	w.close(']')
}

func (w *jsonWriter) occurred(d *processor.Decision) {
	w.name("occurred_at")
	w.bytes = append(w.bytes, '"')
	w.bytes = processor.AppendTime(w.bytes, d.OccurredAt)
	w.bytes = append(w.bytes, '"')
	w.symbol("occurred_at_source", d.OccurredAtSource.String())
}

func (w *jsonWriter) metadata(d *processor.Decision) {
	w.name("metadata")
	w.open('{')
	for _, p := range d.Metadata {
		w.comma()
		w.quote(p.Key)
		w.bytes = append(w.bytes, ':')
		w.quote(p.Value)
	}
	w.close('}')
}
