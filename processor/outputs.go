package processor

import (
	"fmt"
	"strconv"

	"verdict/rules"
)

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
	c := p.common(r, v, res)
	if err := p.add(&decisionKind, c.verification, &c, res); err != nil {
		return err
	}
	if d.Final {
		if err := p.add(&billingKind, res.text(d.ChargeID.AppendText(res.bytes)), &c, res); err != nil {
			return err
		}
	}
	if d.RiskBearing() {
		return p.add(&riskKind, c.verification, &c, res)
	}
	return nil
}

func (p *Processor) add(k *kind, key []byte, c *common, res *Result) error {
	value, err := res.encode(p.encoder, k)
	if err != nil {
		return fmt.Errorf("encode the %s: %w", k.route, err)
	}
	res.Outputs = append(res.Outputs, Output{
		Route: k.route, Key: key, PartitionKey: c.verification, Value: value, Headers: p.headers(k, c, res),
	})
	return nil
}

func (res *Result) encode(encoder Encoder, k *kind) ([]byte, error) {
	bytes, err := k.encode(encoder, res.bytes, res.Decision)
	if err != nil {
		return nil, err
	}
	return res.text(bytes), nil
}

// text takes what was appended to the result's memory.
func (res *Result) text(appended []byte) []byte {
	start := len(res.bytes)
	res.bytes = appended
	return appended[start:len(appended):len(appended)]
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
	// These two stand instead of a value that no topic takes, or that is not to be kept.
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
