package rules

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// agrees reports where a rule's outcome contradicts the rule's advice, its final, or what the built-in catalog says.
func (r *vocabularyReader) agrees(f *fields, s *Status, rule *Rule) {
	if rule.Outcome == OutcomeUnspecified {
		return // reported already
	}
	r.staysInconclusive(f, s, rule)
	r.adviceAgrees(f, rule)
	if n := f.values["final"]; n != nil && rule.Outcome == OutcomeApproved && !rule.Final {
		r.report(n, "outcome APPROVED is final; write true")
	}
}

// staysInconclusive holds that a verification without a result is never charged: a status that the built-in catalog
// calls INCONCLUSIVE, by its name or an alias, must have that outcome in an operator's catalog too. The other half,
// that no INCONCLUSIVE is BILLABLE, is held where billing rules are placed.
func (r *vocabularyReader) staysInconclusive(f *fields, s *Status, rule *Rule) {
	if rule.Outcome == OutcomeInconclusive {
		return
	}
	for _, other := range r.others {
		for _, spelling := range append([]string{s.Name}, s.Aliases...) {
			if other.isInconclusive(r.v, spelling) {
				r.report(f.values["outcome"], "%s says that status %s of this product is INCONCLUSIVE, which is never "+
					"charged, and here it is %s; give it a row of its own with outcome INCONCLUSIVE",
					other.name, quoted(spelling), rule.Outcome)
			}
		}
	}
}

// isInconclusive says whether the catalog calls a status of a vocabulary's product INCONCLUSIVE, by its name or alias.
func (c *Catalog) isInconclusive(v *Vocabulary, spelling string) bool {
	own := c.Vocabulary(v.Provider, v.Product)
	if own == nil {
		return false
	}
	s := own.Status(spelling)
	return s != nil && s.Rule != nil && s.Rule.Outcome == OutcomeInconclusive
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
				r.report(value, "outcome %s contradicts the advice %s; write %s",
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
