package show

import (
	"slices"
	"strings"

	"verdict/rules"
)

// withheld names the rules that keep actions out of the advice which the catalog has for codes that belong here; "" if
// all are in it.
func (x *evidence) withheld() string {
	var texts []string
	for _, c := range x.codes {
		if !x.belongs(c) || actionsOf(c)&^x.d.Retry.Actions == 0 {
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

// actionsOf are all actions that the catalog has for a code, whatever the integration.
func actionsOf(c *rules.Code) rules.ActionSet {
	all := c.Actions
	if c.Advice != nil {
		for _, own := range c.Advice {
			all |= own.Actions
		}
	}
	return all
}

// whyWithheld goes by the order of precedence in which advice is found.
func (x *evidence) whyWithheld(c *rules.Code) []string {
	r := &x.d.Retry
	switch {
	case r.Advice == rules.AdviceDoNotRetry:
		return []string{x.forbidden()}
	case r.Basis == x.v.MisplacedRetry.Basis, r.Basis == x.v.ReviewRetry.Basis:
		return []string{"no code adds an action before that"}
	case c.Advice != nil:
		return x.whySignatureWaits(c)
	case x.refused():
		return []string{"the person refused, and beside that no code adds an action"}
	}
	return []string{x.statusName() + " says " + r.Advice.String() +
		", and only where a status asks for a RETRY do its codes add actions"}
}

func (x *evidence) forbidden() string {
	for _, c := range x.codes {
		if c.NoRetry && x.belongs(c) {
			return "code " + c.Text + " forbids a retry, and beside that no code adds an action"
		}
	}
	return x.statusName() + " says DO_NOT_RETRY, and beside that no code adds an action"
}

// whySignatureWaits says why a signature code's own advice does not stand.
func (x *evidence) whySignatureWaits(c *rules.Code) []string {
	var texts []string
	if x.d.Signature == rules.SignatureFailed && c.Signature == rules.SignatureOpen {
		texts = append(texts, "a signature that failed beats an open step: code "+c.Text+" adds none")
	}
	switch {
	case x.d.Outcome != rules.OutcomeApproved && x.d.Outcome != rules.OutcomeReview:
		texts = append(texts, "a signature code advises only where the identity is APPROVED or in REVIEW")
	case x.d.Signature == rules.SignatureFailed && x.d.Outcome == rules.OutcomeReview:
		texts = append(texts, "the signature failed, and a new workflow waits for the review")
	}
	if texts != nil {
		return texts
	}
	for _, i := range integrationNames[:2] {
		if more := c.Advice[i.value].Actions &^ x.d.Retry.Actions; more != 0 {
			steps := strings.Join(actionNames(more), ", ")
			texts = append(texts, "code "+c.Text+" asks for "+steps+" only with the "+i.name)
		}
	}
	return texts
}
