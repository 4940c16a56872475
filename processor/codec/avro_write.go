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

// SchemaIDs are the registry's ids of the schemas of the outputs.
type SchemaIDs struct{ Decision, Billing, Risk int }

// AvroEncoder writes the values of the output topics as Avro in the registry's wire format, by the schemas decision.avsc,
// billing.avsc and risk.avsc. Fields are written one by one in the schemas' order, and an enum's index is the Go
// constant's number: tests hold both against the schemas. It is safe for concurrent use.
type AvroEncoder struct {
	ids SchemaIDs
}

// NewAvroEncoder makes an encoder. It refuses ids that no registry gives.
func NewAvroEncoder(ids SchemaIDs) (*AvroEncoder, error) {
	for _, s := range []struct {
		name string
		id   int
	}{{"decision", ids.Decision}, {"billing", ids.Billing}, {"risk", ids.Risk}} {
		if s.id <= 0 || s.id > math.MaxInt32 {
			return nil, fmt.Errorf("the %s schema has no registry id (%d): register or look up the output schemas first", s.name, s.id)
		}
	}
	return &AvroEncoder{ids: ids}, nil
}

var _ processor.Encoder = (*AvroEncoder)(nil)

// ContentType is the media type of Avro.
func (*AvroEncoder) ContentType() string { return "application/avro" }

// AppendDecision appends a decision. It never fails.
func (e *AvroEncoder) AppendDecision(dst []byte, d *processor.Decision) ([]byte, error) {
	w := startValue(dst, e.ids.Decision)
	w.decision(d)
	return w.bytes, nil
}

// AppendBilling appends a billing event. It never fails.
func (e *AvroEncoder) AppendBilling(dst []byte, d *processor.Decision) ([]byte, error) {
	w := startValue(dst, e.ids.Billing)
	w.billingEvent(d)
	return w.bytes, nil
}

// AppendRisk appends a risk event. It never fails.
func (e *AvroEncoder) AppendRisk(dst []byte, d *processor.Decision) ([]byte, error) {
	w := startValue(dst, e.ids.Risk)
	w.riskEvent(d)
	return w.bytes, nil
}

func startValue(dst []byte, id int) avroWriter {
	return avroWriter{binary.BigEndian.AppendUint32(append(dst, avroMagic), uint32(id))}
}

// avroWriter appends the parts of which the three records consist.
type avroWriter struct{ bytes []byte }

func (w *avroWriter) decision(d *processor.Decision) {
	w.id(d.ID)
	w.text(d.EventID)
	w.who(d)
	w.symbol(uint8(d.Outcome))
	w.text(d.OutcomeBasis)
	w.bool(d.Final)
	w.primaryCode(d)
	w.symbol(uint8(d.Category))
	w.reasons(d, len(d.Reasons), false)
	w.risk(d)
	w.symbol(uint8(d.Billing.Flag))
	w.text(d.Billing.Basis)
	w.symbol(uint8(d.Retry.Advice))
	w.symbol(uint8(d.Retry.Scope))
	w.actions(d)
	w.text(d.Retry.Basis)
	w.bool(d.ReportAvailable)
	w.anomalies(d)
	w.occurred(d)
	w.text(d.RulesVersion)
	w.text(d.Source.Topic)
	w.long(int64(d.Source.Partition))
	w.long(d.Source.Offset)
	w.metadata(d)
}

func (w *avroWriter) billingEvent(d *processor.Decision) {
	w.id(d.ChargeID)
	w.symbol(uint8(d.Billing.Flag))
	w.text(d.Billing.Basis)
	w.who(d)
	w.symbol(uint8(d.Outcome))
	w.branch(d.HasRisk)
	if d.HasRisk {
		w.long(int64(d.Risk.Code))
	}
	w.occurred(d)
	w.id(d.ID)
	w.text(d.RulesVersion)
	w.metadata(d)
}

func (w *avroWriter) riskEvent(d *processor.Decision) {
	bearing := 0
	for i := range d.Reasons {
		if d.Reasons[i].RiskBearing {
			bearing++
		}
	}
	w.id(d.ID)
	w.who(d)
	w.symbol(uint8(d.Outcome))
	w.bool(d.Final)
	w.risk(d)
	w.reasons(d, bearing, true)
	w.anomalies(d)
	w.occurred(d)
	w.text(d.RulesVersion)
	w.metadata(d)
}

// long writes an int or a long: zig-zag, seven bits a byte, the lowest first.
func (w *avroWriter) long(n int64) {
	if -64 <= n && n < 64 {
		w.bytes = append(w.bytes, byte(n<<1^n>>63))
		return
	}
	w.bytes = binary.AppendVarint(w.bytes, n)
}

func (w *avroWriter) text(s string) {
	w.long(int64(len(s)))
	w.bytes = append(w.bytes, s...)
}

func (w *avroWriter) bool(b bool) {
	if b {
		w.bytes = append(w.bytes, 1)
		return
	}
	w.bytes = append(w.bytes, 0)
}

func (w *avroWriter) symbol(n uint8) { w.long(int64(n)) }

// branch chooses null or the value of a ["null", T] union.
func (w *avroWriter) branch(there bool) {
	if there {
		w.long(1)
		return
	}
	w.long(0)
}

func (w *avroWriter) id(id processor.ID) {
	w.bytes = id.AppendText(append(w.bytes, 2*36)) // the length of its text, as zig-zag
}

func (w *avroWriter) optional(s string) {
	w.branch(s != "")
	if s != "" {
		w.text(s)
	}
}

func (w *avroWriter) who(d *processor.Decision) {
	w.text(d.Provider)
	w.text(d.Product)
	w.optional(d.ProductVariant)
	w.text(d.VerificationID)
	w.optional(d.SubjectRef)
	w.optional(d.JourneyRef)
	w.long(int64(d.Attempt))
	w.symbol(uint8(d.Environment))
	w.text(d.ProviderStatus)
}

func (w *avroWriter) primaryCode(d *processor.Decision) {
	w.branch(len(d.Reasons) > 0)
	if len(d.Reasons) > 0 {
		w.text(d.PrimaryCode)
	}
}

// block starts the only block of an array or map of n items; end follows it. An empty one has the end alone.
func (w *avroWriter) block(n int) {
	if n > 0 {
		w.long(int64(n))
	}
}

func (w *avroWriter) endBlocks() { w.long(0) }

// reasons writes all reasons, or the risk-bearing ones, of which there are n.
func (w *avroWriter) reasons(d *processor.Decision, n int, riskBearing bool) {
	w.block(n)
	for i := range d.Reasons {
		r := &d.Reasons[i]
		if riskBearing && !r.RiskBearing {
			continue
		}
		w.text(r.Code)
		w.optional(r.Series)
		w.symbol(uint8(r.Category))
		w.symbol(uint8(r.Effect))
		w.bool(r.NoRetry)
		w.bool(r.Disclosable)
		w.bool(r.Known)
	}
	w.endBlocks()
}

func (w *avroWriter) risk(d *processor.Decision) {
	w.branch(d.HasRisk)
	if d.HasRisk {
		w.long(int64(d.Risk.Code))
		w.symbol(uint8(d.Risk.Level))
	}
}

func (w *avroWriter) actions(d *processor.Decision) {
	w.block(d.Retry.Actions.Len())
	for rest := d.Retry.Actions; rest != 0; {
		action, after := rest.Next()
		w.symbol(uint8(action))
		rest = after
	}
	w.endBlocks()
}

func (w *avroWriter) anomalies(d *processor.Decision) {
	w.block(d.Anomalies.Len())
	for rest := d.Anomalies; rest != 0; {
		anomaly, after := rest.Next()
		w.symbol(uint8(anomaly))
		rest = after
	}
	w.endBlocks()
}

func (w *avroWriter) occurred(d *processor.Decision) {
	w.long(d.OccurredAt)
	w.symbol(uint8(d.OccurredAtSource))
}

func (w *avroWriter) metadata(d *processor.Decision) {
	w.block(len(d.Metadata))
	for _, p := range d.Metadata {
		w.text(p.Key)
		w.text(p.Value)
	}
	w.endBlocks()
}
