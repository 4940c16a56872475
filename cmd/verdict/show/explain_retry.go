package show

import (
	"slices"
	"strings"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/rules"
)

// retryText is the whole advice, in the contract's symbols.
func retryText(d *processor.Decision) string {
	parts := []string{d.Retry.Advice.String()}
	if d.Retry.Scope == rules.ScopeSameVerification || d.Retry.Scope == rules.ScopeNewVerification {
		parts = append(parts, d.Retry.Scope.String())
	}
	text := strings.Join(append(parts, actionNames(d.Retry.Actions)...), ", ")
	if len(d.RetryFields) > 0 {
		text += "; fields " + strings.Join(d.RetryFields, ", ")
	}
	return text
}

// retryWords says where the advice is from, which rule keeps a code's actions out of it, what it depends on, and until
// when the actions can be done.
func (x *evidence) retryWords() string {
	texts := []string{x.adviceCause()}
	if text := x.withheld(); text != "" {
		texts = append(texts, text)
	}
	r := &x.d.Retry
	if r.Advice == rules.AdviceConditional {
		texts = append(texts, "it depends on the integration, sdk or api, which the event does not name"+
			screen.Either(r.Actions != 0, ": the actions are the API's", ""))
	}
	if r.ExpiresAfter > 0 {
		until := "after the event, which has no time of its own"
		if x.d.HasRetryExpiry {
			until = "after the event, until " + time.UnixMicro(x.d.RetryExpiresAt).UTC().Format(time.RFC3339)
		}
		texts = append(texts, "the actions can be done for "+durationText(r.ExpiresAfter)+" "+until+
			" ("+originWords(r.ExpiryBasis)+", "+r.ExpiryBasis+")")
	}
	return strings.Join(texts, "; ")
}

// adviceCause says what gave the advice: a rule that no file states, a code, or the status.
func (x *evidence) adviceCause() string {
	const look = "a person should look first: "
	r := &x.d.Retry
	switch {
	case r.Basis == x.v.MisplacedRetry.Basis:
		return look + x.each(x.intruder)
	case r.Basis == x.v.ReviewRetry.Basis:
		return look + x.reviewCause()
	case r.Basis == x.v.SignatureRetry.Basis:
		return look + x.each(func(c *rules.Code) string {
			said := x.belongs(c) && c.Signature == x.d.Signature
			return screen.Either(said, "code "+c.Text+" says that the signature is "+c.Signature.String(), "")
		}) + ", and no listed code how to go on"
	case x.status == nil:
		return "nothing is known about this status"
	}
	if said := x.each(x.advisor); said != "" {
		return said
	}
	text := "what " + x.statusName() + " asks for"
	if x.status.Rule != nil && x.status.Action != "" {
		text += " (recommended: " + x.status.Action + ")"
	}
	if x.rule.CodesAdvise && len(x.codes) > 0 && !slices.ContainsFunc(x.codes, addsSteps) {
		text += "; no code names a step"
	}
	return text
}

// intruder says of a code that blocks an approval or forbids a retry that it has no place here.
func (x *evidence) intruder(c *rules.Code) string {
	where := x.misplaced(c)
	if !c.Blocks && !c.NoRetry || where == "" {
		return ""
	}
	return "code " + c.Text + screen.Either(c.Blocks, " blocks an approval, and ", " forbids a retry, and ") + where
}

// reviewCause says which code made the outcome a REVIEW, or would make one of an approval.
func (x *evidence) reviewCause() string {
	if x.rule.Outcome == rules.OutcomeApproved {
		return "a code made this a REVIEW"
	}
	return x.each(x.doubt)
}

// doubt says why a code would not let an approval stand; "" if it would.
func (x *evidence) doubt(c *rules.Code) string {
	switch said := x.objection(c); {
	case said != "":
		return said
	case c.AsksReview:
		return "the row of code " + c.Text + " asks for it"
	case !c.Known && c.Statuses == 0 && !x.v.AcceptUnlisted:
		return "nothing is known of code " + c.Text
	}
	return ""
}

// addsSteps says whether a code shapes the advice of a status that asks for a retry.
func addsSteps(c *rules.Code) bool { return c.Actions != 0 || c.Scope != rules.ScopeUnspecified }

// advisor says what a code had to do with the advice; "" if nothing.
func (x *evidence) advisor(c *rules.Code) string {
	had := false
	switch {
	case x.d.Retry.Advice == rules.AdviceDoNotRetry:
		had = c.NoRetry && x.belongs(c)
	case x.bySignature():
		had = c.Advice != nil && x.belongs(c) && c.Signature == x.d.Signature
	case x.rule.CodesAdvise && !x.refused():
		had = addsSteps(c)
	}
	if !had {
		return ""
	}
	return "code " + c.Text + ", " + screen.Either(c.Action == "", screen.Either(c.Known, c.Meaning, "by its range"),
		c.Action)
}

// bySignature says whether the advice is that of signature codes. Its basis is then the path of one of them.
func (x *evidence) bySignature() bool {
	return slices.ContainsFunc(x.codes, func(c *rules.Code) bool {
		return c.Advice != nil && slices.ContainsFunc(c.Advice[:], func(own rules.Retry) bool {
			return own.Basis == x.d.Retry.Basis
		})
	})
}

func (x *evidence) refused() bool {
	return slices.ContainsFunc(x.codes, func(c *rules.Code) bool { return c.Refusal && x.belongs(c) })
}
