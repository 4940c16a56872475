//go:build unix

package faults

import (
	"fmt"
	"strings"
	"time"
	"unique"
)

// content is what an output says, as far as the checker compares it with its event. All but the verification and the
// attempt, which each event has for itself, are the same for all events of a variety.
type content struct {
	provider, product, status       string
	outcome, category, flag, advice string
	reasons                         string // code, series, category and effect of each
	riskCode                        int
	riskLevel                       string
	final                           bool
}

// says is what an output of this variety's events has to say in a topic.
func (v *variety) says(topic output) content {
	c := v.decision
	c.provider, c.product, c.status, c.riskCode = v.provider, v.product, v.status, v.riskCode
	switch topic {
	case billing:
		c.advice, c.reasons, c.riskLevel, c.final = "", "", "", false
	case table: // the decision itself
	case risk: // all reasons of the varieties that have risk events bear on risk
		c.flag, c.advice = "", ""
	default: // a decision says all of it
	}
	return c
}

// fields is what the checker reads of a decision, a billing event or a risk event. Those that one of them lacks stay
// zero.
type fields struct {
	EventID        string `json:"event_id" avro:"event_id"`
	DecisionID     string `json:"decision_id" avro:"decision_id"`
	ChargeID       string `json:"charge_id" avro:"charge_id"`
	VerificationID string `json:"verification_id" avro:"verification_id"`
	Attempt        int    `json:"attempt" avro:"attempt"`

	Provider string   `json:"provider" avro:"provider"`
	Product  string   `json:"product" avro:"product"`
	Status   string   `json:"provider_status" avro:"provider_status"`
	Outcome  string   `json:"outcome" avro:"outcome"`
	Final    bool     `json:"final" avro:"final"`
	Category string   `json:"category" avro:"category"`
	Flag     string   `json:"flag" avro:"flag"`
	RiskCode *int     `json:"risk_code" avro:"risk_code"`
	Reasons  []reason `json:"reasons" avro:"reasons"`
	Billing  struct {
		Flag string `json:"flag" avro:"flag"`
	} `json:"billing" avro:"billing"`
	Risk *struct {
		Code  int    `json:"code" avro:"code"`
		Level string `json:"level" avro:"level"`
	} `json:"risk" avro:"risk"`
	FlagSince any        `json:"flag_since" avro:"flag_since"`
	Deadline  any        `json:"deadline" avro:"deadline"`
	Lifecycle *lifecycle `json:"lifecycle" avro:"lifecycle"`
	Retry     struct {
		Advice string `json:"advice" avro:"advice"`
	} `json:"retry" avro:"retry"`
	Source struct {
		Topic     string `json:"topic" avro:"topic"`
		Partition int32  `json:"partition" avro:"partition"`
		Offset    int64  `json:"offset" avro:"offset"`
	} `json:"source" avro:"source"`
}

// lifecycle is a decision's place among those about its verification.
type lifecycle struct {
	Sequence   int64   `json:"sequence" avro:"sequence"`
	Transition string  `json:"transition" avro:"transition"`
	Current    bool    `json:"current" avro:"current"`
	Previous   *string `json:"previous" avro:"previous"`
}

// micros reads a time as JSON or Avro has it, in microseconds since 1970.
func micros(v any) (int64, error) {
	switch v := v.(type) {
	case nil:
		return 0, nil
	case time.Time:
		return v.UnixMicro(), nil
	case string:
		t, err := time.Parse(time.RFC3339Nano, v)
		return t.UnixMicro(), err
	}
	return 0, fmt.Errorf("%T is no time", v)
}

type reason struct {
	Code     string  `json:"code" avro:"code"`
	Series   *string `json:"series" avro:"series"`
	Category string  `json:"category" avro:"category"`
	Effect   string  `json:"effect" avro:"effect"`
}

func (f *fields) content() content {
	c := content{provider: f.Provider, product: f.Product, status: f.Status, outcome: f.Outcome, category: f.Category,
		flag:   f.Flag,
		advice: f.Retry.Advice, final: f.Final}
	if f.Billing.Flag != "" {
		c.flag = f.Billing.Flag
	}
	if f.RiskCode != nil {
		c.riskCode = *f.RiskCode
	}
	if f.Risk != nil {
		c.riskCode, c.riskLevel = f.Risk.Code, f.Risk.Level
	}
	var reasons []string
	for _, r := range f.Reasons {
		series := "-"
		if r.Series != nil {
			series = *r.Series
		}
		reasons = append(reasons, fmt.Sprintf("%s %s %s %s", r.Code, series, r.Category, r.Effect))
	}
	c.reasons = strings.Join(reasons, ", ")
	return c
}

// compare looks whether an output says what its event calls for. Dead letters say nothing of their own: they have the
// original's bytes.
func (c *checker) compare(topic output, r *outputRecord, e *event) {
	if topic == deadLetters {
		if string(r.value) != string(e.json(c.seed)) {
			c.report.add(otherBytes, "%s %d/%d of event %d has %d bytes, which are not those that were sent", topic,
				r.partition, r.offset, e.n,
				len(r.value))
		}
		return
	}
	if want := unique.Make(varieties[e.variety].says(topic)); r.says != want {
		c.report.add(altered, "%s %d/%d of event %d says %+v instead of %+v", topic, r.partition, r.offset, e.n,
			r.says.Value(), want.Value())
	}
	if r.verification.Value() != e.verification(c.seed) || r.attempt != e.attempt {
		c.report.add(altered, "%s %d/%d of event %d is about attempt %d of %s instead of attempt %d of %s", topic,
			r.partition, r.offset, e.n,
			r.attempt, r.verification.Value(), e.attempt, e.verification(c.seed))
	}
}

// order is what has been seen of each key in one topic.
type order struct {
	offset    map[int32]int64 // of the last raw record
	partition map[int32]int32 // of the topic
}

func newOrder() *order { return &order{map[int32]int64{}, map[int32]int32{}} }

// inOrder looks whether a key's records come in the order of its raw records, and all in one partition.
func (c *checker) inOrder(topic output, r *outputRecord, e *event, o *order) {
	in, sent := c.position[e.n]
	if !sent {
		return // a fault of the input, which is reported as such
	}
	if before, ok := o.offset[e.key]; ok && in.offset < before {
		c.report.add(reordered, "%s %d/%d: key %d's raw record %d comes after %d", topic, r.partition, r.offset, e.key,
			in.offset, before)
	}
	o.offset[e.key] = max(o.offset[e.key], in.offset)
	if before, ok := o.partition[e.key]; ok && before != r.partition {
		c.report.add(reordered, "%s of key %d are in partitions %d and %d", topic, e.key, before, r.partition)
	}
	o.partition[e.key] = r.partition
}

// atSource looks whether a decision or a dead letter names the place of its raw record.
func (c *checker) atSource(topic output, r *outputRecord, e *event) {
	if in := c.position[e.n]; r.sourcePartition != in.partition || r.sourceOffset != in.offset {
		c.report.add(strange, "%s %d/%d of event %d names %d/%d as its source instead of %d/%d",
			topic, r.partition, r.offset, e.n, r.sourcePartition, r.sourceOffset, in.partition, in.offset)
	}
}
