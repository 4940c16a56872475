package processor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/processor"
	"verdict/rules"
)

// Stand-ins for the codec, at the boundary that the core itself declares.

// eventDecoder decodes every record to one event.
type eventDecoder struct{ event *processor.Event }

func (d eventDecoder) Decode(_ *processor.Record, e *processor.Event) error {
	kept := *e
	*e = *d.event
	kept.Codes = append(kept.Codes, d.event.Codes...)
	kept.Metadata = append(kept.Metadata, d.event.Metadata...)
	e.Codes, e.Metadata = kept.Codes, kept.Metadata
	return nil
}

var errNoAnswer = errors.New("the registry does not answer")

// jsonDecoder decodes the fields of Event by their Go names.
type jsonDecoder struct{}

func (jsonDecoder) Decode(r *processor.Record, e *processor.Event) error {
	switch {
	case string(r.Value) == "no answer":
		return errNoAnswer
	case string(r.Value) == "wrapped":
		return fmt.Errorf("field %d: %w", 3, processor.Reject(processor.ReasonInvalidField, "status is no text"))
	case json.Unmarshal(r.Value, e) != nil:
		return processor.Reject(processor.ReasonMalformedJSON, "not JSON")
	}
	return nil
}

// textEncoder writes a decision as text. It refuses what the metadata asks it to.
type textEncoder struct{}

func (textEncoder) ContentType() string { return "text/plain" }

func (textEncoder) Append(route processor.Route, dst []byte, d *processor.Decision) ([]byte, error) {
	switch {
	case route == processor.RouteDecision:
		return fmt.Appendf(dst, "decision %s event %s at %d %s of %s %v\n%s", d.ID, d.EventID, d.OccurredAt, d.OccurredAtSource,
			d.RulesVersion, d.Metadata, say(d)), nil
	case route == processor.RouteBilling:
		return fmt.Appendf(dst, "charge %s %s", d.ChargeID, d.Billing.Flag), nil
	case d.SubjectRef == "broken":
		return nil, errors.New("no schema id")
	case d.SubjectRef == "large":
		return nil, processor.Reject(processor.ReasonTooLarge, "the risk event has 9 bytes, the limit is 8")
	default:
		return fmt.Appendf(dst, "%s %d", route, d.Risk.Code), nil
	}
}

// operators turns the embedded catalog into one that bills everything that may be billed, but a first attempt, and maps the
// risk codes that are left to policy.
var operators = strings.NewReplacer(
	"billing:\n  otherwise: {name: silent, flag: UNDETERMINED, origin: source}", `billing:
  rules:
    - {name: free_first, when: {status: [completed], risk_code: [200], product_variant: [face], attempt: {to: 1}},
       flag: NOT_BILLABLE, origin: operator}
  otherwise: {name: all, flag: BILLABLE, origin: operator}`,
	"{name: unstated, flag: UNDETERMINED, origin: policy}", "{name: all, flag: BILLABLE, origin: operator}",
	"300:\n"+policyReview, "300:\n"+operatorsWord("APPROVED", "NOT_APPLICABLE"),
	"400:\n"+policyReview, "400:\n"+operatorsWord("DECLINED", "DO_NOT_RETRY"),
)

const policyReview = `        outcome: REVIEW
        origin: policy
        final: true
        report_available: true
        retry: {advice: AWAIT_REVIEW, scope: NONE, origin: policy}`

func operatorsWord(outcome, advice string) string {
	text := strings.ReplaceAll(policyReview, "policy", "operator")
	return strings.NewReplacer("AWAIT_REVIEW", advice, "REVIEW", outcome).Replace(text)
}

func operatorsCatalog(t *testing.T) *rules.Catalog {
	t.Helper()
	own := fstest.MapFS{}
	names, err := fs.Glob(rules.EmbeddedFS(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(rules.EmbeddedFS(), name)
		if err != nil {
			t.Fatal(err)
		}
		own[name] = &fstest.MapFile{Data: []byte(operators.Replace(string(content)))}
	}
	c, err := rules.Load(own)
	if err != nil {
		t.Fatal(err)
	}
	if c.Version == rules.Embedded().Version {
		t.Fatal("the operator's catalog is the embedded one")
	}
	return c
}
