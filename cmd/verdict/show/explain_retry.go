package show

import (
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

// retryWords says where the advice is from, which codes brought its actions, which rule keeps a code's actions out of
// it, what it depends on, and until when the actions can be done.
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

// adviceCause says what gave the advice: a rule that no file states, codes, or the status, which codes may add to.
func (x *evidence) adviceCause() string {
	const look = "a person should look first: "
	r := &x.d.Retry
	switch {
	case r.Basis == x.v.MisplacedRetry.Basis:
		return look + x.each(x.intruder)
	case r.Basis == x.v.ReviewRetry.Basis:
		return look + x.reviewCause()
	case r.Basis == x.v.SignatureRetry.Basis:
		return look + x.each(x.unclearSignature)
	case x.status == nil:
		return "nothing is known about this status"
	}
	added := x.all(x.contribution)
	switch {
	case added != "" && (x.bySignature() || r.Advice == rules.AdviceDoNotRetry):
		return added
	case added != "":
		return x.statusAsks() + "; " + added
	}
	silent := x.d.Retry.TriesAgain() && len(x.codes) > 0 && !x.refused()
	return x.statusAsks() + screen.Either(silent, "; no code names a step", "")
}

// statusAsks says who says so where it is another than the one who gives the advice, which is a code's where codes have
// changed something.
func (x *evidence) statusAsks() string {
	text := "what " + x.statusName() + " asks for"
	if x.status.Rule != nil && x.status.Action != "" {
		text += " (provider recommends: " + x.status.Action + ")"
	}
	own := &x.rule.Retry[rules.IntegrationUnspecified]
	for i := range x.rule.Retry {
		if x.rule.Retry[i].Advice == x.d.Retry.Advice {
			own = &x.rule.Retry[i]
		}
	}
	return text + x.othersOrigin(own.Basis)
}

// othersOrigin names the origin of a basis where it is not that of the advice; else "".
func (x *evidence) othersOrigin(basis string) string {
	by := originWords(basis)
	return screen.Either(by == originWords(x.d.Retry.Basis), "", " ["+by+"]")
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

// unclearSignature says of a code in place that it is about the signature, and that no row tells how to go on after it.
func (x *evidence) unclearSignature(c *rules.Code) string {
	if !x.belongs(c) || c.Signature == rules.SignatureUnspecified || c.Advice != nil {
		return ""
	}
	return "code " + c.Text + " is not listed, its range says that the signature is " + c.Signature.String() +
		", and nothing how to go on"
}
