package processor_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// anyEvent draws an event of a vocabulary: what its page has, other spellings of it, and what nobody has heard of.
func anyEvent(t *rapid.T, v *rules.Vocabulary) *processor.Event {
	statuses := []string{"", "Completed", "timed_out", "verified", "failed"}
	for _, s := range v.Statuses {
		statuses = append(statuses, s.Name)
	}
	optional := func(name string) string { return rapid.SampledFrom([]string{"", "x", "y z"}).Draw(t, name) }
	e := &processor.Event{
		EventID: optional("event"), Provider: v.Provider, Product: v.Product, ProductVariant: optional("variant"),
		VerificationID: rapid.StringN(1, 10, 40).Draw(t, "verification"), SubjectRef: optional("subject"), JourneyRef: optional("journey"),
		Status:      rapid.OneOf(rapid.SampledFrom(statuses), rapid.String()).Draw(t, "status"),
		Codes:       rapid.SliceOfN(anyCode(v), 0, 6).Draw(t, "codes"),
		HasRiskCode: rapid.Bool().Draw(t, "has risk"),
		Attempt:     rapid.OneOf(rapid.Int32Range(0, 5), rapid.Int32Min(0)).Draw(t, "attempt"),
		Environment: rapid.SampledFrom([]processor.Environment{0, 1, 2}).Draw(t, "environment"),
		Integration: rapid.SampledFrom([]rules.Integration{0, 1, 2}).Draw(t, "integration"),
	}
	if e.HasRiskCode {
		e.RiskCode = rapid.OneOf(rapid.SampledFrom([]int32{200, 300, 400, 500}), rapid.Int32()).Draw(t, "risk")
	}
	if rapid.Bool().Draw(t, "has time") {
		e.HasOccurredAt, e.OccurredAt = true, rapid.Int64Range(-1e15, 1e16).Draw(t, "time")
	}
	return e
}

func anyCode(v *rules.Vocabulary) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		listed := rapid.SampledFrom(v.Codes).Draw(t, "listed").Text
		number := fmt.Sprint(rapid.OneOf(rapid.IntRange(0, 9999), rapid.IntRange(61000, 73999)).Draw(t, "number"))
		code := rapid.SampledFrom([]string{listed, listed, listed, number}).Draw(t, "code")
		zeros := strings.Repeat("0", rapid.SampledFrom([]int{0, 0, 0, 1, 30}).Draw(t, "zeros"))
		prefix := rapid.SampledFrom([]string{"", "", "IDVV_", "X-"}).Draw(t, "prefix")
		return rapid.SampledFrom([]string{prefix + zeros + code, code, rapid.String().Draw(t, "text")}).Draw(t, "spelling")
	})
}

func anyVocabulary(t *rapid.T) *rules.Vocabulary {
	return rapid.SampledFrom(rules.Embedded().Vocabularies()).Draw(t, "vocabulary")
}

func TestDecideHoldsTheInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyVocabulary(t)
		e := anyEvent(t, v)
		var d processor.Decision
		processor.Decide(v, e, &d)
		if what := violated(v, e, &d); what != "" {
			t.Fatalf("%s:\n%s", what, say(&d))
		}
	})
}

// The same under policies that an operator may write: whatever is billed, sandbox is not, nor is INCONCLUSIVE.
func TestDecideHoldsTheInvariantsUnderAnOperatorsPolicy(t *testing.T) {
	catalog := operatorsCatalog(t)
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(catalog.Vocabularies()).Draw(t, "vocabulary")
		e := anyEvent(t, v)
		var d processor.Decision
		processor.Decide(v, e, &d)
		sandbox := e.Environment == processor.EnvironmentSandbox
		if d.Billing.Flag == rules.BillingFlagBillable && (sandbox || d.Outcome == rules.OutcomeInconclusive) {
			t.Fatalf("charged:\n%s", say(&d))
		}
		for _, code := range e.Codes {
			if d.Outcome == rules.OutcomeApproved && wronglyApproved(v, e, code) != "" {
				t.Fatalf("%s:\n%s", wronglyApproved(v, e, code), say(&d))
			}
		}
	})
}

// Neither the order nor the repetition of codes changes a byte of what is published, and a reused Result remembers
// nothing.
func TestOrderAndRepetitionOfCodesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvent(t, anyVocabulary(t))
		shuffled := *e
		shuffled.Codes = rapid.Permutation(e.Codes).Draw(t, "permutation")
		for _, c := range e.Codes {
			if rapid.Bool().Draw(t, "again") {
				shuffled.Codes = append(shuffled.Codes, c)
			}
		}
		var reused processor.Result
		first := published(t, e, &reused)
		published(t, anyEvent(t, anyVocabulary(t)), &reused)
		for name, second := range map[string]string{
			"the same event":       published(t, e, &reused),
			"codes in other order": published(t, &shuffled, &processor.Result{}),
		} {
			if first != second {
				t.Fatalf("%s: published\n%s\nbefore\n%s", name, second, first)
			}
		}
	})
}

// published is all that Process makes of an event, as text.
func published(t *rapid.T, e *processor.Event, res *processor.Result) string {
	p := processor.New(rules.Embedded(), eventDecoder{e}, textEncoder{}, processor.Options{})
	record := &processor.Record{Topic: "raw", Partition: 1, Offset: 2, Timestamp: 3, Key: []byte(e.VerificationID), Value: []byte("x")}
	if err := p.Process(record, nil, res); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, out := range res.Outputs {
		fmt.Fprintf(&b, "%s %s %s\n%s\n", out.Route, out.Key, out.PartitionKey, out.Value)
		for _, h := range out.Headers {
			fmt.Fprintf(&b, "%s: %s\n", h.Key, h.Value)
		}
	}
	return b.String()
}
