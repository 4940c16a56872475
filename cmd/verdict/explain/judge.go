package explain

import (
	"context"
	"fmt"
	"strconv"
	"unicode/utf8"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
)

// judged is what the present rules make of a raw record.
type judged struct {
	decision *processor.Decision // nil: a dead letter
	rejected *show.DeadLetter
}

// judge decides a raw record by the present rules, by itself: what was known of its verification then is not known now.
func (x *explaining) judge(r *processor.Record) (*judged, error) {
	var res processor.Result
	p := pipeline.NewComparing(x.Config, x.Version, x.Rules, nil, x.registry)
	if err := p.Process(r, nil, &res); err != nil {
		return nil, err
	}
	now := &judged{decision: res.Decision}
	if r := res.Rejection; r != nil {
		now.rejected = &show.DeadLetter{Reason: r.Reason.String(), Detail: r.Detail}
	}
	return now, nil
}

// compare holds what is published against what the present rules make of the raw record, and reports both.
func (x *explaining) compare(ctx context.Context) error {
	if x.raw == nil && x.published != nil && x.published.rejected != nil {
		x.takeOriginal()
	}
	var now *judged
	if x.raw != nil {
		var err error
		if now, err = x.judge(x.raw); err != nil {
			return err
		}
		if x.report.Present, err = x.present(now); err != nil {
			return err
		}
	}
	if x.published == nil {
		return nil
	}
	if now != nil {
		if err := x.differences(ctx, now); err != nil {
			return err
		}
	}
	return x.reportPublished(now)
}

// takeOriginal takes the raw record from its dead letter, if that has kept it whole.
func (x *explaining) takeOriginal() {
	letter := x.published.record
	source, err := sourceOf(letter)
	_, digest := letter.Header(processor.HeaderValueSHA256)
	if err != nil || digest || !isRaw(x.Config, source.Topic) {
		return
	}
	raw := *letter
	raw.Topic, raw.Partition, raw.Offset = source.Topic, source.Partition, source.Offset
	if at, err := strconv.ParseInt(text(letter, processor.HeaderSourceTimestamp), 10, 64); err == nil {
		raw.Timestamp = at
	}
	for i := len(raw.Headers) - 1; i >= 0; i-- {
		if raw.Headers[i].Key == processor.HeaderReason { // the first that is not the original's own
			raw.Headers = raw.Headers[:i]
			break
		}
	}
	x.raw = &raw
	x.report.RawMissing += "; what is decided here is the copy that the dead letter has kept"
	if x.Payload {
		x.report.Payload = payloadOf(&raw)
	}
}

func (x *explaining) present(now *judged) (*show.Said, error) {
	s := &show.Said{RulesVersion: x.Rules.Catalog.Version, Rejected: now.rejected}
	if now.decision == nil {
		return s, nil
	}
	s.Whole, s.Explanation = true, show.ExplainDecided(x.Rules.Catalog, now.decision)
	var err error
	s.Decision, err = codec.NewJSONEncoder().Append(processor.RouteDecision, nil, now.decision)
	return s, err
}

// differences finds in what both differ, of what the published record carries.
func (x *explaining) differences(ctx context.Context, now *judged) error {
	x.report.Result = show.ExplainedDiffers
	was := x.published
	switch {
	case was.rejected != nil && now.rejected != nil && was.rejected.Reason == now.rejected.Reason:
		x.report.Result = show.ExplainedSame
		return nil
	case was.rejected != nil || now.rejected != nil:
		x.report.Differences = append(x.report.Differences, show.Difference{Fields: []string{"record"},
			Published: becomes(was.rejected), Present: becomes(now.rejected)})
		return nil
	}
	carried, err := x.carried(ctx, was.route, now.decision)
	if err != nil {
		return err
	}
	x.report.Differences = append(x.report.Differences, show.Differences(was.decision, carried)...)
	if was.route == processor.RouteOverdue {
		x.report.Differences = append(x.report.Differences,
			show.OverdueDifferences(x.Rules.Catalog, was.decision)...)
	}
	if len(x.report.Differences) == 0 {
		x.report.Result = show.ExplainedSame
	}
	return nil
}

func becomes(rejected *show.DeadLetter) string {
	if rejected == nil {
		return "decision"
	}
	return show.DeadLetterOf + rejected.Reason
}

// carried is what an output of the route has of a decision: it is written, and read back.
func (x *explaining) carried(ctx context.Context, route processor.Route, d *processor.Decision) (*processor.Decision,
	error) {
	value, err := codec.NewJSONEncoder().Append(route, nil, d)
	if err != nil {
		return nil, err
	}
	carried := &processor.Decision{}
	return carried, x.reader.Read(ctx, route, value, carried)
}

// reportPublished puts what is published into the report. By rules that say the same it is explained in their words.
func (x *explaining) reportPublished(now *judged) error {
	was := x.published
	at := placed(was.route.Spec().Noun, was.record)
	s := &show.Said{Record: &at, Copies: was.copies, RulesVersion: was.rules, Rejected: was.rejected}
	x.report.Published = s
	d := was.decision
	if d == nil {
		return nil
	}
	var err error
	if s.Decision, err = codec.NewJSONEncoder().Append(was.route, nil, d); err != nil {
		return fmt.Errorf("%s: it cannot be shown: %w", placeOf(was.record), err)
	}
	s.Whole = was.route == processor.RouteDecision || was.route == processor.RouteVerification
	s.About = aboutOf(d)
	if s.Explanation = show.ExplainRead(x.Rules.Catalog, d); x.report.Result == show.ExplainedSame &&
		(s.Whole || was.rules == x.Rules.Catalog.Version) {
		s.Explanation = append(show.ExplainDecided(x.Rules.Catalog, now.decision), show.ExplainOverdue(d)...)
	}
	s.Explanation = append(s.Explanation, show.ExplainLifecycle(d)...)
	return nil
}

// aboutOf says which verification an output is about, and which charge.
func aboutOf(d *processor.Decision) string {
	text := fmt.Sprintf("verification %s of %s %s, status %s, attempt %d", d.VerificationID, d.Provider, d.Product,
		d.ProviderStatus, d.Attempt)
	if d.ChargeID.IsZero() {
		return text
	}
	return "charge " + d.ChargeID.String() + ": " + text
}

func payloadOf(r *processor.Record) *show.Payload {
	p := &show.Payload{Key: bytesOf(r.Key), Value: bytesOf(r.Value), Headers: []show.PayloadHeader{}}
	for _, h := range r.Headers {
		p.Headers = append(p.Headers, show.PayloadHeader{Key: h.Key, Value: bytesOf(h.Value)})
	}
	return p
}

func bytesOf(b []byte) *show.PayloadBytes {
	switch {
	case b == nil:
		return nil
	case utf8.Valid(b):
		return &show.PayloadBytes{Text: string(b)}
	}
	return &show.PayloadBytes{Base64: b}
}
