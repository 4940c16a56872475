package codec

import (
	"encoding/binary"
	"fmt"
	"math"

	"verdict/processor"
)

// The registry's wire format: a zero byte, the schema's id in four bytes, big-endian, and the body.
const (
	avroMagic      = 0
	avroHeaderSize = 5
)

// SchemaIDs are the registry's ids of the output schemas, by route.
type SchemaIDs [processor.NumRoutes]int

// AvroEncoder writes the values of the output topics as Avro in the registry's wire format, by the schemas of their
// routes. Fields are written one by one in the schemas' order, and an enum's index is the Go constant's number: tests
// hold both against the schemas. It is safe for concurrent use.
type AvroEncoder struct {
	ids SchemaIDs
}

// NewAvroEncoder makes an encoder. It refuses ids that no registry gives; 0 says that an optional route is off.
func NewAvroEncoder(ids SchemaIDs) (*AvroEncoder, error) {
	for _, route := range processor.EncodedRoutes() {
		if id := ids[route]; id < 0 || id > math.MaxInt32 || id == 0 && !route.Spec().Optional {
			return nil, fmt.Errorf("the %s schema has no registry id (%d): register or look up the output schemas "+
				"first", route, id)
		}
	}
	return &AvroEncoder{ids: ids}, nil
}

var _ processor.Encoder = (*AvroEncoder)(nil)

// ContentType is the media type of Avro.
func (*AvroEncoder) ContentType() string { return "application/avro" }

// Append appends the value that a decision has on a route. It fails for no route that has a schema and its id.
func (e *AvroEncoder) Append(route processor.Route, dst []byte, d *processor.Decision) ([]byte, error) {
	if int(route) < len(e.ids) && e.ids[route] == 0 {
		return dst, notEncoded(route)
	}
	switch route {
	case processor.RouteDecision, processor.RouteVerification:
		return e.start(route, dst).decision(d), nil
	case processor.RouteBilling:
		return e.start(route, dst).billingEvent(d), nil
	case processor.RouteRisk:
		return e.start(route, dst).riskEvent(d), nil
	case processor.RouteOverdue:
		return e.start(route, dst).overdueNotice(d), nil
	default:
		return dst, notEncoded(route)
	}
}

func notEncoded(route processor.Route) error {
	return fmt.Errorf("the route %s has no value that an encoder writes", route)
}

func (e *AvroEncoder) start(route processor.Route, dst []byte) avroBytes {
	return binary.BigEndian.AppendUint32(append(dst, avroMagic), uint32(e.ids[route]))
}

func (b avroBytes) decision(d *processor.Decision) avroBytes {
	b = b.id(d.ID)
	b = b.text(d.EventID)
	b = b.who(d)
	b = append(b, symbol(d.Outcome))
	b = b.text(d.OutcomeBasis)
	b = append(b, boolean(d.Final), boolean(d.Ended), symbol(d.Signature))
	b = b.lifecycle(d)
	b = b.primary(d)
	b = b.reasons(d, len(d.Reasons), false)
	b = b.risk(d)
	b = append(b, symbol(d.Billing.Flag))
	b = b.text(d.Billing.Basis)
	b = append(b, symbol(d.Retry.Advice), symbol(d.Retry.Scope))
	b = b.changes(d)
	b = b.text(d.Retry.Basis)
	b = append(b, boolean(d.ReportAvailable))
	b = b.anomalies(d)
	b = b.occurred(d)
	b = b.text(d.RulesVersion)
	b = b.source(d)
	return b.metadata(d)
}

func (b avroBytes) billingEvent(d *processor.Decision) avroBytes {
	b = b.id(d.ChargeID)
	b = append(b, symbol(d.Billing.Flag))
	b = b.text(d.Billing.Basis)
	b = b.who(d)
	b = append(b, symbol(d.Outcome))
	b = b.primary(d)
	b = append(b, branch(d.HasRisk))
	if d.HasRisk {
		b = b.long(int64(d.Risk.Code))
	}
	b = b.anomalies(d)
	b = b.occurred(d)
	b = b.long(d.FlagSince)
	b = b.id(d.ID)
	b = b.text(d.RulesVersion)
	b = b.source(d)
	return b.metadata(d)
}

func (b avroBytes) riskEvent(d *processor.Decision) avroBytes {
	reasons := 0
	for i := range d.Reasons {
		if inRiskEvent(&d.Reasons[i]) {
			reasons++
		}
	}
	b = b.id(d.ID)
	b = b.who(d)
	b = append(b, symbol(d.Outcome), boolean(d.Final))
	b = b.risk(d)
	b = b.primary(d)
	b = b.reasons(d, reasons, true)
	b = b.anomalies(d)
	b = b.occurred(d)
	b = b.text(d.RulesVersion)
	return b.metadata(d)
}

func (b avroBytes) who(d *processor.Decision) avroBytes {
	b = b.text(d.Provider)
	b = b.text(d.Product)
	b = b.optional(d.ProductVariant)
	b = b.optional(d.Account)
	b = b.text(d.VerificationID)
	b = b.optional(d.SubjectRef)
	b = b.optional(d.JourneyRef)
	b = b.long(int64(d.Attempt))
	b = append(b, symbol(d.Environment))
	return b.text(d.ProviderStatus)
}

func (b avroBytes) lifecycle(d *processor.Decision) avroBytes {
	if !d.HasLifecycle {
		return append(b, branch(false))
	}
	l := &d.Lifecycle
	b = append(b, branch(true)).long(l.Sequence)
	b = append(b, symbol(l.Transition), boolean(l.Current))
	if l.Previous.IsZero() {
		return append(b, branch(false))
	}
	return append(b, branch(true)).id(l.Previous)
}

// primary writes the code that counts most, and its category.
func (b avroBytes) primary(d *processor.Decision) avroBytes {
	return append(b.optional(d.PrimaryCode), symbol(d.Category))
}

// inRiskEvent says whether a risk event has the reason: one that bears on risk, or one of which nobody knows whether it
// does.
func inRiskEvent(r *processor.Reason) bool { return r.RiskBearing || !r.Known }

// reasons writes all reasons, or those of a risk event, of which there are n.
func (b avroBytes) reasons(d *processor.Decision, n int, ofRisk bool) avroBytes {
	b = b.block(n)
	for i := range d.Reasons {
		r := &d.Reasons[i]
		if ofRisk && !inRiskEvent(r) {
			continue
		}
		b = b.text(r.Code)
		b = b.optional(r.Series)
		b = append(b, symbol(r.Category), symbol(r.Effect),
			boolean(r.NoRetry), boolean(r.Disclosable), boolean(r.Known))
	}
	return append(b, endOfBlocks)
}

func (b avroBytes) risk(d *processor.Decision) avroBytes {
	if !d.HasRisk {
		return append(b, branch(false))
	}
	return append(append(b, branch(true)).long(int64(d.Risk.Code)), symbol(d.Risk.Level))
}

// changes writes what is to be done before or with a retry: for most events, nothing.
func (b avroBytes) changes(d *processor.Decision) avroBytes {
	if d.Retry.Actions == 0 && len(d.RetryFields) == 0 && !d.HasRetryExpiry {
		return append(b, endOfBlocks, endOfBlocks, branch(false))
	}
	b = b.block(d.Retry.Actions.Len())
	for rest := d.Retry.Actions; rest != 0; {
		action, after := rest.Next()
		b = append(b, symbol(action))
		rest = after
	}
	b = append(b, endOfBlocks).block(len(d.RetryFields))
	for _, f := range d.RetryFields {
		b = b.text(f)
	}
	b = append(b, endOfBlocks, branch(d.HasRetryExpiry))
	if d.HasRetryExpiry {
		b = b.long(d.RetryExpiresAt)
	}
	return b
}

func (b avroBytes) anomalies(d *processor.Decision) avroBytes {
	b = b.block(d.Anomalies.Len())
	for rest := d.Anomalies; rest != 0; {
		anomaly, after := rest.Next()
		b = append(b, symbol(anomaly))
		rest = after
	}
	return append(b, endOfBlocks)
}

func (b avroBytes) occurred(d *processor.Decision) avroBytes {
	return append(b.long(d.OccurredAt), symbol(d.OccurredAtSource))
}

func (b avroBytes) source(d *processor.Decision) avroBytes {
	b = b.text(d.Source.Topic)
	b = b.long(int64(d.Source.Partition))
	return b.long(d.Source.Offset)
}

func (b avroBytes) metadata(d *processor.Decision) avroBytes {
	b = b.block(len(d.Metadata))
	for i := range d.Metadata {
		b = b.text(d.Metadata[i].Key)
		b = b.text(d.Metadata[i].Value)
	}
	return append(b, endOfBlocks)
}
