package show

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func (x *evidence) outcomeWords() string {
	switch x.d.OutcomeBasis {
	case x.v.ContradictedBasis:
		return "the provider approved, but " + x.each(x.objection)
	case x.v.UnlistedBasis:
		return "the provider approved, but nothing is known of " + x.each(func(c *rules.Code) string {
			return screen.Either(c.Known || c.Statuses != 0, "", "code "+c.Text)
		}) + ": neither a row nor a range has it"
	case x.v.NoRetryBasis:
		return "the provider asks for a resubmission, but " + x.each(func(c *rules.Code) string {
			return screen.Either(c.NoRetry && x.belongs(c), "code "+c.Text+" says that the client can't retry", "")
		})
	}
	if c := x.asker(); c != nil {
		return "the provider approved, but the row of code " + c.Text + " asks that a person look: " + c.Meaning
	}
	return x.ruleWords()
}

// asker is the code that made an approval a REVIEW without contradicting it; nil if none did.
func (x *evidence) asker() *rules.Code {
	for _, c := range x.codes {
		if c.AsksReview && x.rule.Outcome == rules.OutcomeApproved && c.Basis == x.d.OutcomeBasis {
			return c
		}
	}
	return nil
}

// objection says how a code contradicts an approval; "" if it does not.
func (x *evidence) objection(c *rules.Code) string {
	switch {
	case c.Blocks:
		return "code " + c.Text + " must never be part of an approval"
	case c.Effect != rules.EffectNegative:
		return ""
	}
	if where := x.misplaced(c); where != "" {
		return "code " + c.Text + " speaks against an approval, and " + where
	}
	return ""
}

// misplaced says where the provider's page has a code that does not belong here; "" if it does belong, or if nothing is
// known of it.
func (x *evidence) misplaced(c *rules.Code) string {
	switch {
	case c.Statuses == 0:
		return ""
	case x.status == nil:
		return "goes with " + screen.OrList(statusesOf(x.v, c.Statuses)) + " only"
	case !x.belongs(c):
		return "goes with " + screen.OrList(statusesOf(x.v, c.Statuses)) + ", not with " + x.status.Name
	case x.againstRisk(c):
		return fmt.Sprintf("goes with risk code %s, not with %d", screen.OrList(intTexts(c.RiskCodes)), x.d.Risk.Code)
	}
	return ""
}

// againstRisk says whether the provider's page has a code with other risk codes only than the event has.
func (x *evidence) againstRisk(c *rules.Code) bool {
	return len(c.RiskCodes) > 0 && x.d.HasRisk && !slices.Contains(c.RiskCodes, x.d.Risk.Code)
}

// ruleWords says what the status means, and the risk code where that decides.
func (x *evidence) ruleWords() string {
	if x.status == nil {
		return "the catalog has no such status"
	}
	text := "status " + x.status.Name + ", " + x.status.Meaning
	risk := x.v.RiskCode(x.d.Risk.Code)
	switch {
	case x.d.HasRisk && risk != nil:
		text += "; risk code " + strconv.Itoa(int(risk.Code)) + ", " + risk.Label
	case x.d.HasRisk:
		text += "; the catalog has no such risk code"
	case x.status.Rule == nil:
		text += "; the event has no risk code"
	}
	return text
}

// final says what `final` rests on, and `ended` where it is the same. A status's row has one origin, which is that of
// its outcome: here the row is named without it.
func (x *evidence) final() Because {
	b := Because{About: "final", Value: strconv.FormatBool(x.d.Final), Rule: pathOf(x.rule.OutcomeBasis)}
	switch {
	case x.d.OutcomeBasis == x.v.NoRetryBasis:
		b.Rule, b.Words = x.v.NoRetryBasis, "nothing can follow, as the client can't retry"
	case x.rule.Final:
		b.Words = "by the rule of " + x.statusName() + ": the provider will not change this answer"
	case x.d.Final:
		b.Words = x.each(func(c *rules.Code) string {
			if c.Scope != rules.ScopeNewVerification {
				return ""
			}
			b.Rule = screen.Either(strings.Contains(b.Rule, "/code/"), b.Rule, c.Basis)
			return "code " + c.Text + " asks for a new verification"
		}) + ": the answer about this one stays"
	case x.status == nil:
		b.Words = "nothing is known of the status; there is a billing event, as it may be an end"
	default:
		b.Words = "by the rule of " + x.statusName() + ": another answer may follow"
	}
	if x.d.Ended && x.d.Final {
		b.Words += ", and the attempt has ended"
	}
	return b
}

// ended says why the attempt has ended although its answer is not final.
func (x *evidence) ended() Because {
	return Because{"ended", strconv.FormatBool(x.d.Ended), pathOf(x.rule.OutcomeBasis), "by the rule of " +
		x.statusName() + ": the provider's work on this attempt is over, so there is a billing event"}
}
