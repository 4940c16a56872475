package codec

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"

	"github.com/hamba/avro/v2"

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
	ids     SchemaIDs
	writers sync.Pool // of *avroWriter
}

// NewAvroEncoder makes an encoder. It refuses ids that no registry gives.
func NewAvroEncoder(ids SchemaIDs) (*AvroEncoder, error) {
	for _, s := range []struct {
		name string
		id   int
	}{{"decision", ids.Decision}, {"billing", ids.Billing}, {"risk", ids.Risk}} {
		if s.id <= 0 || s.id > math.MaxInt32 {
			return nil, fmt.Errorf("the %s schema has no registry id (%d): register the output schemas or look them up first", s.name, s.id)
		}
	}
	e := &AvroEncoder{ids: ids}
	e.writers.New = func() any { return &avroWriter{Writer: avro.NewWriter(nil, 1024)} }
	return e, nil
}

var _ processor.Encoder = (*AvroEncoder)(nil)

// ContentType is the media type of Avro.
func (*AvroEncoder) ContentType() string { return "application/avro" }

// AppendDecision appends a decision. It never fails.
func (e *AvroEncoder) AppendDecision(dst []byte, d *processor.Decision) ([]byte, error) {
	return e.append(dst, e.ids.Decision, d, (*avroWriter).decision), nil
}

// AppendBilling appends a billing event. It never fails.
func (e *AvroEncoder) AppendBilling(dst []byte, d *processor.Decision) ([]byte, error) {
	return e.append(dst, e.ids.Billing, d, (*avroWriter).billingEvent), nil
}

// AppendRisk appends a risk event. It never fails.
func (e *AvroEncoder) AppendRisk(dst []byte, d *processor.Decision) ([]byte, error) {
	return e.append(dst, e.ids.Risk, d, (*avroWriter).riskEvent), nil
}

func (e *AvroEncoder) append(dst []byte, id int, d *processor.Decision, write func(*avroWriter, *processor.Decision)) []byte {
	w := e.writers.Get().(*avroWriter)
	w.Reset(nil)
	write(w, d)
	dst = append(dst, avroMagic)
	dst = binary.BigEndian.AppendUint32(dst, uint32(id))
	dst = append(dst, w.Buffer()...)
	e.writers.Put(w)
	return dst
}

// avroWriter writes the parts of which the three records consist.
type avroWriter struct{ *avro.Writer }

func (w *avroWriter) decision(d *processor.Decision) {
	w.id(d.ID)
	w.WriteString(d.EventID)
	w.who(d)
	w.symbol(uint8(d.Outcome))
	w.WriteString(d.OutcomeBasis)
	w.WriteBool(d.Final)
	w.primaryCode(d)
	w.symbol(uint8(d.Category))
	w.reasons(d, len(d.Reasons), false)
	w.risk(d)
	w.symbol(uint8(d.Billing.Flag))
	w.WriteString(d.Billing.Basis)
	w.symbol(uint8(d.Retry.Advice))
	w.symbol(uint8(d.Retry.Scope))
	w.actions(d)
	w.WriteString(d.Retry.Basis)
	w.WriteBool(d.ReportAvailable)
	w.anomalies(d)
	w.occurred(d)
	w.WriteString(d.RulesVersion)
	w.WriteString(d.Source.Topic)
	w.WriteInt(d.Source.Partition)
	w.WriteLong(d.Source.Offset)
	w.metadata(d)
}

func (w *avroWriter) billingEvent(d *processor.Decision) {
	w.id(d.ChargeID)
	w.symbol(uint8(d.Billing.Flag))
	w.WriteString(d.Billing.Basis)
	w.who(d)
	w.symbol(uint8(d.Outcome))
	w.branch(d.HasRisk)
	if d.HasRisk {
		w.WriteInt(d.Risk.Code)
	}
	w.occurred(d)
	w.id(d.ID)
	w.WriteString(d.RulesVersion)
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
	w.WriteBool(d.Final)
	w.risk(d)
	w.reasons(d, bearing, true)
	w.anomalies(d)
	w.occurred(d)
	w.WriteString(d.RulesVersion)
	w.metadata(d)
}

func (w *avroWriter) symbol(n uint8) { w.WriteInt(int32(n)) }

// branch chooses null or the value of a ["null", T] union.
func (w *avroWriter) branch(there bool) {
	if there {
		w.WriteLong(1)
		return
	}
	w.WriteLong(0)
}

func (w *avroWriter) id(id processor.ID) {
	var text [36]byte
	w.WriteBytes(id.AppendText(text[:0])) // a string is written like bytes
}

func (w *avroWriter) optional(s string) {
	w.branch(s != "")
	if s != "" {
		w.WriteString(s)
	}
}

func (w *avroWriter) who(d *processor.Decision) {
	w.WriteString(d.Provider)
	w.WriteString(d.Product)
	w.optional(d.ProductVariant)
	w.WriteString(d.VerificationID)
	w.optional(d.SubjectRef)
	w.optional(d.JourneyRef)
	w.WriteInt(d.Attempt)
	w.symbol(uint8(d.Environment))
	w.WriteString(d.ProviderStatus)
}

func (w *avroWriter) primaryCode(d *processor.Decision) {
	w.branch(len(d.Reasons) > 0)
	if len(d.Reasons) > 0 {
		w.WriteString(d.PrimaryCode)
	}
}

// block starts the only block of an array or map of n items; end follows it. An empty one has the end alone.
func (w *avroWriter) block(n int) {
	if n > 0 {
		w.WriteLong(int64(n))
	}
}

func (w *avroWriter) endBlocks() { w.WriteLong(0) }

// reasons writes all reasons, or the risk-bearing ones, of which there are n.
func (w *avroWriter) reasons(d *processor.Decision, n int, riskBearing bool) {
	w.block(n)
	for i := range d.Reasons {
		r := &d.Reasons[i]
		if riskBearing && !r.RiskBearing {
			continue
		}
		w.WriteString(r.Code)
		w.optional(r.Series)
		w.symbol(uint8(r.Category))
		w.symbol(uint8(r.Effect))
		w.WriteBool(r.NoRetry)
		w.WriteBool(r.Disclosable)
		w.WriteBool(r.Known)
	}
	w.endBlocks()
}

func (w *avroWriter) risk(d *processor.Decision) {
	w.branch(d.HasRisk)
	if d.HasRisk {
		w.WriteInt(d.Risk.Code)
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
	w.WriteLong(d.OccurredAt)
	w.symbol(uint8(d.OccurredAtSource))
}

func (w *avroWriter) metadata(d *processor.Decision) {
	w.block(len(d.Metadata))
	for _, p := range d.Metadata {
		w.WriteString(p.Key)
		w.WriteString(p.Value)
	}
	w.endBlocks()
}
