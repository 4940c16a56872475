package explain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
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
	takes    [processor.NumRoutes]bool // the routes that it would go on
}

// nothing is what is known of the verification of an event that is decided by itself.
type nothing struct{}

func (nothing) Recall(processor.Key, *processor.Memory) bool { return false }

// decide decides a raw record by the present rules, by itself: what was known of its verification then is not known
// now.
func (x *explaining) decide(r *processor.Record) (*judged, error) {
	var res, first processor.Result
	p := pipeline.NewExplaining(x.Config, x.Version, x.Rules, x.registry)
	if err := p.Process(r, nil, &res); err != nil {
		return nil, err
	}
	if res.Decision == nil {
		rejected := &show.DeadLetter{Reason: res.Rejection.Reason.String(), Detail: res.Rejection.Detail}
		return &judged{rejected: rejected}, nil
	}
	now := &judged{decision: res.Decision}
	for i := range res.Outputs {
		now.takes[res.Outputs[i].Route] = true
	}
	// What needs state is asked with a memory in which the event is the first, and so the current word.
	if err := p.Process(r, nothing{}, &first); err != nil {
		return nil, err
	}
	now.takes[processor.RouteVerification] = true // each decision may be, for a time
	now.takes[processor.RouteOverdue] = p.Deadline(&first.Memory) != 0
	return now, nil
}

// judge decides the raw record, once. Where that cannot be done now, as the registry is silent, there is nil, and the
// report says why.
func (x *explaining) judge() *judged {
	if x.now == nil && x.report.PresentMissing == "" {
		now, err := x.decide(x.raw)
		if err != nil {
			x.report.PresentMissing = plainly(err)
		}
		x.now = now
	}
	return x.now
}

// plainly leaves out what a running instance would do about it.
func plainly(err error) string {
	silent := codec.ErrRegistryUnavailable.Error()
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		if strings.HasPrefix(inner.Error(), silent) {
			return inner.Error()
		}
	}
	return err.Error()
}

// compare holds what is published against what the present rules make of the raw record, and reports both.
func (x *explaining) compare(ctx context.Context) error {
	if p := x.published; p != nil && p.rejected != nil {
		at := text(p.record, processor.HeaderSourceTimestamp)
		if x.raw != nil && at != "" && at != strconv.FormatInt(x.raw.Timestamp, 10) {
			x.dropRaw()
		}
		if x.raw == nil {
			x.takeOriginal()
		}
	}
	var now *judged
	if x.raw != nil {
		now = x.judge()
	}
	if now != nil {
		var err error
		if x.ofAnother(now) {
			x.dropRaw()
			now = nil
		} else if x.report.Present, err = x.present(now); err != nil {
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

// dropRaw lets go of a raw record that is not the one that what is published is from.
func (x *explaining) dropRaw() {
	x.raw, x.now, x.report.Raw, x.report.Payload = nil, nil, nil, nil
	x.report.RawMissing = "another record stands there now (was the topic made anew?)"
}

// ofAnother says whether the raw record is about another verification than what is published.
func (x *explaining) ofAnother(now *judged) bool {
	if x.published == nil || x.published.decision == nil || now.decision == nil {
		return false
	}
	was, is := x.published.decision, now.decision
	return was.Provider != is.Provider || was.Product != is.Product || was.VerificationID != is.VerificationID
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
	shown := x.withheld(now.decision)
	s.Whole, s.Explanation = true, show.ExplainDecided(x.Rules.Catalog, shown)
	var err error
	s.Decision, err = codec.NewJSONEncoder().Append(processor.RouteDecision, nil, shown)
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
	if !now.takes[was.route] {
		x.report.Differences = append(x.report.Differences, show.Difference{Fields: []string{"record"},
			Published: was.route.Spec().Noun, Present: "none"})
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
	s.Explanation = x.explainPublished(s.Whole, now)
	return nil
}

// explainPublished gives the rules behind what is published. Those of a decision made here have more words than those
// of one that was read; what came from the events before is only in the published one.
func (x *explaining) explainPublished(whole bool, now *judged) []show.Because {
	was := x.published
	d := was.decision
	parts := show.ExplainRead(x.Rules.Catalog, d)
	if x.report.Result == show.ExplainedSame && (whole || was.rules == x.Rules.Catalog.Version) {
		same := *now.decision
		same.Anomalies = d.Anomalies
		decided := append(show.ExplainDecided(x.Rules.Catalog, &same), show.ExplainOverdue(d)...)
		if !whole {
			decided = slices.DeleteFunc(decided, func(b show.Because) bool {
				return !slices.ContainsFunc(parts, func(read show.Because) bool { return read.About == b.About })
			})
		}
		parts = decided
	}
	return append(parts, show.ExplainLifecycle(d)...)
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
	case utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' && r != '\n'
	}):
		return &show.PayloadBytes{Text: string(b)}
	}
	return &show.PayloadBytes{Base64: b}
}
