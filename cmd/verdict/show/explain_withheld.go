package show

import (
	"slices"
	"strings"

	"verdict/rules"
)

// withheld names the rules that keep actions out of the advice which the catalog has for the codes of the event; "" if
// all are in it.
func (x *evidence) withheld() string {
	var texts []string
	for _, c := range x.codes {
		if actionsOf(c)&^x.d.Retry.Actions == 0 {
			continue
		}
		for _, text := range x.whyWithheld(c) {
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return strings.Join(texts, "; ")
}

// whyWithheld goes by the order of precedence in which advice is found.
func (x *evidence) whyWithheld(c *rules.Code) []string {
	r := &x.d.Retry
	switch {
	case r.Advice == rules.AdviceDoNotRetry:
		return []string{"beside DO_NOT_RETRY no code adds an action"}
	case r.Basis == x.v.MisplacedRetry.Basis, r.Basis == x.v.ReviewRetry.Basis, r.Basis == x.v.SignatureRetry.Basis:
		return []string{"no code adds an action before that"}
	case c.Advice != nil && x.belongs(c):
		return x.whySignatureWaits(c)
	case x.bySignature():
		return []string{"the advice is that of the signature's codes, and beside it no other code adds an action"}
	case x.refused():
		return []string{"the person refused, and beside that no code adds an action"}
	case c.Advice != nil && r.TakesActions():
		return x.whyStepWaits(c)
	}
	return []string{x.statusName() + " says " + r.Advice.String() + ", and beside that no code adds an action"}
}

// whySignatureWaits says why the own advice of a signature code in place does not stand.
func (x *evidence) whySignatureWaits(c *rules.Code) []string {
	var texts []string
	if x.d.Signature == rules.SignatureFailed && c.Signature == rules.SignatureOpen {
		texts = append(texts, "a signature that failed beats an open step: code "+c.Text+" adds none")
	}
	switch {
	case x.d.Outcome != rules.OutcomeApproved && x.d.Outcome != rules.OutcomeReview:
		texts = append(texts, "a signature code advises only where the identity is APPROVED or in REVIEW")
	case x.d.Signature == rules.SignatureFailed && x.d.Outcome == rules.OutcomeReview:
		texts = append(texts, "the signature failed, and a new verification waits for the review")
	}
	if texts != nil {
		return texts
	}
	return x.byIntegration(c)
}

// whyStepWaits says why a signature code beside a status that knows of no signature does not add all.
func (x *evidence) whyStepWaits(c *rules.Code) []string {
	if x.d.Retry.Scope != rules.ScopeSameVerification {
		return []string{"only the same verification repeats a step: code " + c.Text + " adds none"}
	}
	return x.byIntegration(c)
}

func (x *evidence) byIntegration(c *rules.Code) (texts []string) {
	for _, i := range integrationNames[:2] {
		if more := c.Advice[i.value].Actions &^ x.d.Retry.Actions; more != 0 {
			steps := strings.Join(actionNames(more), ", ")
			texts = append(texts, "code "+c.Text+" asks for "+steps+" only with the "+i.name)
		}
	}
	return texts
}
