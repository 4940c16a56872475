package rules

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// agrees reports where a rule's outcome contradicts the rule's advice or its final.
func (r *vocabularyReader) agrees(f *fields, rule *Rule) {
	if rule.Outcome == OutcomeUnspecified {
		return // reported already
	}
	r.adviceAgrees(f, rule)
	if n := f.values["final"]; n != nil && rule.Outcome == OutcomeApproved && !rule.Final {
		r.inOverlay("beside this, write final: true").report(n, "outcome APPROVED is final; write true")
	}
}

// staysInconclusive holds that a verification without a result is never charged: what the built-in catalog calls
// INCONCLUSIVE, a status by its name or an alias, with whichever risk code, must have that outcome in an operator's
// catalog too. The other half, that no INCONCLUSIVE is BILLABLE, is held where billing rules are placed.
func (r *vocabularyReader) staysInconclusive(s *Status) {
	for _, other := range r.others {
		own := other.Vocabulary(r.v.Provider, r.v.Product)
		if own == nil {
			continue
		}
		for _, spelling := range append([]string{s.Name}, s.Aliases...) {
			if theirs := own.Status(spelling); theirs != nil {
				r.staysInconclusiveAs(s, theirs, spelling, other.name)
			}
		}
	}
}

// staysInconclusiveAs compares what a status says with what another catalog's says: without a risk code, with each that
// one of the two knows, and with one that neither does.
func (r *vocabularyReader) staysInconclusiveAs(s, theirs *Status, spelling, name string) {
	const unknown = 0 // no risk code is 0
	risks := slices.Concat([]int32{unknown, unknown}, slices.Sorted(maps.Keys(s.ByRisk)),
		slices.Sorted(maps.Keys(theirs.ByRisk)))
	for i, risk := range risks {
		their, rule := theirs.RuleWith(risk, i > 0), s.RuleWith(risk, i > 0)
		if their == nil || their.Outcome != OutcomeInconclusive || rule == nil ||
			rule.Outcome == OutcomeInconclusive || rule.Outcome == OutcomeUnspecified {
			continue
		}
		with := ""
		switch {
		case theirs.Rule != nil:
		case i == 0:
			with = " without a risk code"
		case risk == unknown:
			with = " with an unknown risk code"
		default:
			with = fmt.Sprintf(" with risk code %d", risk)
		}
		r.report(r.outcomes[rule], "%s says that status %s of this product%s is INCONCLUSIVE, which is never "+
			"charged, and here it is %s; give it a row of its own with outcome INCONCLUSIVE",
			name, quoted(spelling), with, rule.Outcome)
	}
}

// adviceAgrees compares the outcome with the advice; where there is advice for each integration, with each of these.
func (r *vocabularyReader) adviceAgrees(f *fields, rule *Rule) {
	n := f.values["retry"]
	if n == nil {
		return
	}
	places := []*yaml.Node{n}
	if byIntegration := valuesOfKeys(n, integrationKeys[:]); byIntegration != nil {
		places = byIntegration
	}
	allowed := advicesOf(rule.Outcome)
	for _, place := range places {
		for _, value := range valuesOfKeys(place, []string{"advice"}) {
			advice, ok := parse[Advice](adviceNames, value.Value)
			if ok && !slices.Contains(allowed, advice) {
				r.inOverlay("beside this, write retry: {advice: %s, scope: %s, origin: operator}", allowed[0],
					scopesOf(allowed[0])[0]).
					report(value, "outcome %s contradicts the advice %s; write %s",
						rule.Outcome, advice, advicesToWrite(allowed))
			}
		}
	}
}

// valuesOfKeys finds the values of keys in a mapping, in the order of the file.
func valuesOfKeys(n *yaml.Node, keys []string) []*yaml.Node {
	var values []*yaml.Node
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if slices.Contains(keys, n.Content[i].Value) {
				values = append(values, n.Content[i+1])
			}
		}
	}
	return values
}

// advicesOf lists what may be advised after an outcome.
func advicesOf(o Outcome) []Advice {
	switch o {
	case OutcomeApproved:
		return []Advice{AdviceNotApplicable}
	case OutcomeDeclined:
		return []Advice{AdviceDoNotRetry, AdviceOptional}
	case OutcomeReview:
		return []Advice{AdviceAwaitReview}
	case OutcomePending:
		return []Advice{AdviceWait, AdviceContinue, AdviceConditional}
	case OutcomeResubmissionRequired:
		return []Advice{AdviceRetry, AdviceRetryWithChanges, AdviceDoNotRetry, AdviceConditional}
	case OutcomeInconclusive:
		return []Advice{AdviceRetry, AdviceRetryWithChanges, AdviceOptional, AdviceDoNotRetry}
	default:
		return nil
	}
}

func advicesToWrite(advices []Advice) string {
	if len(advices) == 1 {
		return fmt.Sprintf("%s with scope %s", advices[0], alternatives(scopesOf(advices[0])))
	}
	names := make([]string, len(advices))
	for i, a := range advices {
		names[i] = a.String()
	}
	last := len(names) - 1
	return listed(names[:last]) + " or " + names[last]
}
