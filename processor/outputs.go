package processor

import (
	"fmt"
	"strconv"

	"verdict/rules"
)

// route adds an output for each topic that the decision belongs in. A repeat has none, unless the operator wants to see
// it among the decisions.
func (p *Processor) route(r *Record, v *rules.Vocabulary, res *Result) error {
	d, effects := res.Decision, &res.Effects
	if effects.Repeat && !p.options.PublishRepeats {
		return nil
	}
	c := p.common(r, v, d.ID, d.OccurredAt, res)
	if err := p.add(RouteDecision, c.verification, &c, res); err != nil {
		return err
	}
	if effects.Table && !p.options.Off[RouteVerification] {
		p.addCurrent(&c, res)
	}
	if effects.Bill && !p.options.Off[RouteBilling] {
		if err := p.add(RouteBilling, res.text(d.ChargeID.AppendText(res.bytes)), &c, res); err != nil {
			return err
		}
	}
	if d.RiskBearing() && !effects.Repeat && !p.options.Off[RouteRisk] {
		return p.add(RouteRisk, c.verification, &c, res)
	}
	return nil
}

// addCurrent adds the decision to the table of verifications: in its own bytes, which are there already.
func (p *Processor) addCurrent(c *common, res *Result) {
	d, decision := res.Decision, &res.Outputs[len(res.Outputs)-1]
	key := append(append(res.bytes, d.Provider...), '/')
	key = append(append(key, d.Product...), '/')
	res.Outputs = append(res.Outputs, Output{
		Route: RouteVerification, Key: res.text(append(key, d.VerificationID...)), PartitionKey: c.verification,
		Value: decision.Value, Headers: p.headers(RouteVerification, c, res),
	})
}

func (p *Processor) add(r Route, key []byte, c *common, res *Result) error {
	bytes, err := p.encoder.Append(r, res.bytes, &res.decision)
	if err != nil {
		return fmt.Errorf("encode the %s: %w", r, err)
	}
	value := res.text(bytes)
	res.Outputs = append(res.Outputs, Output{
		Route: r, Key: key, PartitionKey: c.verification, Value: value, Headers: p.headers(r, c, res),
	})
	return nil
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

// deadLetter makes the one output of a rejected record: the original's key, value and headers byte for byte, and why.
// With DeadLetterDigest nothing of the original is in it but where it is and a digest of its value.
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
