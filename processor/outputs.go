package processor

import (
	"fmt"
	"strconv"

	"verdict/rules"
)

// CloudEvents 1.0, Kafka protocol binding, binary content mode: attributes are headers with the prefix ce_.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
var specVersion = []byte("1.0")

const traceParent = "traceparent"

type kind struct {
	route  Route
	letter byte // in ce_id
	ceType []byte
	encode func(Encoder, []byte, *Decision) ([]byte, error)
}

var (
	decisionKind = kind{RouteDecision, 'd', []byte("idv.decision.v1"), Encoder.AppendDecision}
	billingKind  = kind{RouteBilling, 'b', []byte("idv.billing.v1"), Encoder.AppendBilling}
	riskKind     = kind{RouteRisk, 'r', []byte("idv.risk.v1"), Encoder.AppendRisk}
)

// route adds an output for each topic that the decision belongs in.
func (p *Processor) route(r *Record, v *rules.Vocabulary, res *Result) error {
	d := res.Decision
	verification := res.text(func(dst []byte) []byte { return append(dst, d.VerificationID...) })
	time := res.text(func(dst []byte) []byte { return AppendTime(dst, d.OccurredAt) })
	add := func(k *kind, key []byte) error {
		value, err := res.encode(p.encoder, k, d)
		if err != nil {
			return fmt.Errorf("encode the %s: %w", k.route, err)
		}
		res.Outputs = append(res.Outputs, Output{
			Route: k.route, Key: key, PartitionKey: verification, Value: value, Headers: p.headers(r, v, k, verification, time, res),
		})
		return nil
	}
	if err := add(&decisionKind, verification); err != nil {
		return err
	}
	if d.Final {
		if err := add(&billingKind, res.text(d.ChargeID.AppendText)); err != nil {
			return err
		}
	}
	if d.RiskBearing() {
		return add(&riskKind, verification)
	}
	return nil
}

func (res *Result) encode(encoder Encoder, k *kind, d *Decision) ([]byte, error) {
	start := len(res.bytes)
	bytes, err := k.encode(encoder, res.bytes, d)
	if err != nil {
		return nil, err
	}
	res.bytes = bytes
	return bytes[start:len(bytes):len(bytes)], nil
}

// text writes into the result's memory.
func (res *Result) text(write func([]byte) []byte) []byte {
	start := len(res.bytes)
	res.bytes = write(res.bytes)
	return res.bytes[start:len(res.bytes):len(res.bytes)]
}

func (p *Processor) headers(r *Record, v *rules.Vocabulary, k *kind, verification, time []byte, res *Result) []Header {
	start := len(res.headers)
	id := res.text(func(dst []byte) []byte {
		dst = res.Decision.ID.AppendText(dst)
		dst = append(dst, ':', k.letter, ':')
		return append(dst, p.rulesVersion...)
	})
	res.headers = append(res.headers,
		Header{"ce_specversion", specVersion},
		Header{"ce_id", id},
		Header{"ce_type", k.ceType},
		Header{"ce_source", p.sources[v]},
		Header{"ce_time", time},
		Header{"ce_subject", verification},
		Header{"content-type", p.contentType},
	)
	if trace, ok := r.Header(traceParent); ok {
		res.headers = append(res.headers, Header{traceParent, trace})
	}
	return res.headers[start:len(res.headers):len(res.headers)]
}

// Headers that a dead letter has beside its original ones.
const (
	HeaderReason          = "verdict-reason"
	HeaderDetail          = "verdict-detail"
	HeaderSourceTopic     = "verdict-source-topic"
	HeaderSourcePartition = "verdict-source-partition"
	HeaderSourceOffset    = "verdict-source-offset"
	HeaderSourceTimestamp = "verdict-source-timestamp"
	HeaderVersion         = "verdict-version"
	HeaderRulesVersion    = "verdict-rules-version"
	// Instead of a value that no topic takes, or that is not to be kept:
	HeaderValueSHA256 = "verdict-value-sha256"
	HeaderValueBytes  = "verdict-value-bytes"
)

// deadLetter makes the one output of a rejected record: the original's key, value and headers byte for byte, and why. With
// DeadLetterDigest nothing of the original is in it but where it is and a digest of its value.
func (p *Processor) deadLetter(r *Record, rejection *Rejection, res *Result) {
	res.reset()
	res.Rejection = rejection
	number := func(n int64) []byte { return strconv.AppendInt(nil, n, 10) }
	res.headers = append(res.headers, r.Headers...)
	res.headers = append(res.headers,
		Header{HeaderReason, []byte(rejection.Reason.String())},
		Header{HeaderDetail, []byte(rejection.Detail)},
		Header{HeaderSourceTopic, []byte(r.Topic)},
		Header{HeaderSourcePartition, number(int64(r.Partition))},
		Header{HeaderSourceOffset, number(r.Offset)},
		Header{HeaderSourceTimestamp, number(r.Timestamp)},
		Header{HeaderVersion, p.version},
		Header{HeaderRulesVersion, p.rulesVersion},
	)
	res.Outputs = append(res.Outputs, Output{
		Route: RouteDeadLetter, Key: r.Key, PartitionKey: r.Key, Value: r.Value, Headers: res.headers,
	})
	if p.options.DeadLetterDigest {
		out := &res.Outputs[len(res.Outputs)-1]
		out.dropOriginals(r)
		out.digest(r)
	}
}
