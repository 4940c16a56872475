package show

import (
	"fmt"
	"strconv"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/rules"
)

// ExplainDecided gives the rules behind a decision that was made by this catalog in this process.
func ExplainDecided(catalog *rules.Catalog, d *processor.Decision) []Because {
	return explain(catalog, d)
}

// ExplainRead says why a decision was made that was read from an output topic, as far as the record tells. By the same
// rules the catalog's words are beside its bases; those of other rules are not known here, and the bases stand alone.
// What the kind of output does not carry is left out.
func ExplainRead(catalog *rules.Catalog, d *processor.Decision) []Because {
	v := catalog.Vocabulary(d.Provider, d.Product)
	if d.OutcomeBasis == "" || d.RulesVersion != catalog.Version || v == nil {
		return explainBases(d)
	}
	parts := explain(catalog, d)
	for i := range parts {
		if parts[i].About == "billing" { // which time it went by is not published
			parts[i] = billingRead(d)
		}
	}
	return parts
}

func explainBases(d *processor.Decision) (parts []Because) {
	if d.Outcome != rules.OutcomeUnspecified {
		parts = append(parts, Because{"outcome", d.Outcome.String(), d.OutcomeBasis,
			byOrigin(d.OutcomeBasis, outcomeMeanings[d.Outcome])})
	}
	if d.OutcomeBasis != "" { // billing events tell neither of these
		parts = append(parts, Because{About: "final", Value: strconv.FormatBool(d.Final),
			Words: screen.Either(d.Final, "the provider will not change this answer", "another answer may follow")})
		if d.Ended != d.Final {
			parts = append(parts, Because{About: "ended", Value: strconv.FormatBool(d.Ended),
				Words: "whether the provider's work on this attempt is over"})
		}
	}
	if d.Category != rules.CategoryUnspecified {
		parts = append(parts, Because{"category", d.Category.String(),
			screen.Either(d.PrimaryCode == "", "", "code "+d.PrimaryCode), categoryMeanings[d.Category]})
	}
	if d.Signature == rules.SignatureOpen || d.Signature == rules.SignatureFailed {
		parts = append(parts, Because{About: "signature", Value: d.Signature.String(),
			Words: signatureMeanings[d.Signature]})
	}
	if d.Billing.Flag != rules.BillingFlagUnspecified {
		parts = append(parts, billingRead(d))
	}
	if d.Retry.Advice != rules.AdviceUnspecified {
		parts = append(parts, Because{"retry", retryText(d), d.Retry.Basis,
			byOrigin(d.Retry.Basis, adviceMeanings[d.Retry.Advice])})
	}
	for set := d.Anomalies; set.Len() > 0; {
		var a processor.Anomaly
		a, set = set.Next()
		parts = append(parts, Because{About: "anomaly", Value: a.String(), Words: anomalyMeanings[a]})
	}
	return append(parts, ExplainOverdue(d)...)
}

// ExplainOverdue says why there is an overdue notice; nil where there is none.
func ExplainOverdue(d *processor.Decision) []Because {
	o := &d.Overdue
	if o.ID.IsZero() {
		return nil
	}
	return []Because{{"overdue", timeText(o.Deadline), o.Basis, byOrigin(o.Basis, "the current word came at "+
		timeText(o.Since)+", and none had followed by then: ask the provider for the status")}}
}

func byOrigin(basis, words string) string {
	if basis == "" {
		return words
	}
	return originWords(basis) + ": " + words
}

func billingRead(d *processor.Decision) Because {
	return Because{"billing", d.Billing.Flag.String(), d.Billing.Basis,
		byOrigin(d.Billing.Basis, billingFlagMeanings[d.Billing.Flag])}
}

// ExplainLifecycle says how a published decision follows what was known, in the contract's words; nil: it has been
// decided without state.
func ExplainLifecycle(d *processor.Decision) []Because {
	if !d.HasLifecycle {
		return nil
	}
	l := &d.Lifecycle
	words := "its decision_id is that of the decision then"
	if l.Transition != processor.TransitionRepeated {
		words = fmt.Sprintf("the verification's decision %d, and %s", l.Sequence,
			screen.Either(l.Current, "its current word then", "not its current word"))
	}
	return []Because{{About: "lifecycle", Value: l.Transition.String(),
		Words: transitionMeanings[l.Transition] + "; " + words}}
}
