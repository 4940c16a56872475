package rules

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// integrationKeys are the keys of advice by integration, in the order of the enum.
var integrationKeys = [3]string{IntegrationUnspecified: "unnamed", IntegrationSDK: "sdk", IntegrationAPI: "api"}

// retries reads advice: one for all, or one for each integration.
func (r *vocabularyReader) retries(n *yaml.Node, path string) [3]Retry {
	var all [3]Retry
	if !slices.ContainsFunc(integrationKeys[:], func(key string) bool { return hasKey(n, key) }) {
		one := r.retry(n, path)
		if one.Advice == AdviceConditional {
			r.report(n, "advice is CONDITIONAL for all integrations; write one advice each for sdk, api and unnamed")
		}
		return [3]Retry{one, one, one}
	}
	f, ok := r.fields(n, integrationAdviceKeys)
	if !ok {
		return all
	}
	for i, key := range integrationKeys {
		value := f.need(key)
		if value == nil {
			continue
		}
		all[i] = r.retry(value, path)
		if all[i].Advice == AdviceConditional && Integration(i) != IntegrationUnspecified {
			r.report(value, "advice is CONDITIONAL for a named integration; write what holds for it")
		}
	}
	if unnamed := f.values[integrationKeys[IntegrationUnspecified]]; unnamed != nil {
		r.conditional(unnamed, all[IntegrationUnspecified], all[IntegrationAPI])
	}
	return all
}

// conditional holds that advice which depends on the integration names the steps of a client that has any: those of the
// api, with their scope and time. With the sdk there are none to do, so nothing is asked in vain.
func (r *vocabularyReader) conditional(n *yaml.Node, unnamed, api Retry) {
	if unnamed.Advice != AdviceConditional || api.Advice == AdviceUnspecified {
		return
	}
	switch {
	case unnamed.Actions == api.Actions:
	case api.Actions == 0:
		r.report(n, "advice CONDITIONAL carries the actions of api, and these are none; remove the actions")
		return
	default:
		r.report(n, "advice CONDITIONAL carries the actions of api; write actions: [%s]", api.Actions.list())
	}
	if unnamed.Scope != api.Scope && unnamed.Scope != ScopeUnspecified && api.Scope != ScopeUnspecified {
		r.report(n, "advice CONDITIONAL carries the scope of api; write scope: %s", api.Scope)
	}
	switch {
	case unnamed.ExpiresAfter == api.ExpiresAfter, min(unnamed.ExpiresAfter, api.ExpiresAfter) < 0:
	case api.ExpiresAfter == 0:
		r.report(n, "advice CONDITIONAL carries the expires of api, and there is none; remove expires")
	default:
		r.report(n, "advice CONDITIONAL carries the expires of api; write expires with after: %s", api.ExpiresAfter)
	}
}

func (r *vocabularyReader) retry(n *yaml.Node, path string) Retry {
	f, ok := r.fields(n, retryKeys)
	if !ok {
		return Retry{}
	}
	retry := Retry{
		Advice:  enum[Advice](f, "advice", adviceNames),
		Scope:   enum[Scope](f, "scope", scopeNames),
		Actions: r.actions(f),
		Origin:  enum[Origin](f, "origin", originNames),
	}
	retry.Basis = f.basis(retry.Origin, path)
	if retry.Advice != AdviceUnspecified {
		r.consistent(f, retry)
	}
	r.expiry(f, &retry, path)
	return retry
}

// maxExpiry is longer than any provider keeps a verification open.
const maxExpiry = 365 * 24 * time.Hour

// expiry reads until when the actions can be done.
func (r *vocabularyReader) expiry(f *fields, t *Retry, path string) {
	n := f.values["expires"]
	if n == nil {
		return
	}
	e, ok := r.fields(n, expiresKeys)
	if !ok {
		return
	}
	t.ExpiryBasis = e.basis(enum[Origin](e, "origin", originNames), path+"/expires")
	t.ExpiresAfter = r.after(e)
	if !f.has("actions") {
		r.report(n, "expires is until when the actions can be done, and there are none; add actions, or remove expires")
	}
}

// after reads a required duration; negative after a mistake.
func (r *vocabularyReader) after(f *fields) time.Duration {
	n := f.need("after")
	if n == nil {
		return -1
	}
	d, err := time.ParseDuration(n.Value)
	if err != nil || d < time.Second || d > maxExpiry {
		r.report(n, "after is %s; write a duration from 1s to 8760h, which is 365 days, for example 15m", kindOf(n))
		return -1
	}
	return d
}

// consistent reports a scope or actions that contradict the advice.
func (r *vocabularyReader) consistent(f *fields, t Retry) {
	if scopes := scopesOf(t.Advice); t.Scope != ScopeUnspecified && !slices.Contains(scopes, t.Scope) {
		r.report(f.values["scope"], "advice %s contradicts scope %s; write scope %s",
			t.Advice, t.Scope, alternatives(scopes))
	}
	actions := f.values["actions"]
	switch {
	case actions == nil && needsActions(t.Advice):
		r.report(f.node, "advice %s needs actions: what the client is to do", t.Advice)
	case actions == nil || t.Actions == 0:
	case t.Advice == AdviceRetry:
		r.report(actions,
			"advice RETRY means that nothing needs to change; write RETRY_WITH_CHANGES, or remove the actions")
	case t.Advice == AdviceWait && t.Actions != ActionSet(0).With(ActionShareVerificationURL):
		r.report(actions,
			"advice WAIT has no action but SHARE_VERIFICATION_URL; remove the others, or change the advice")
	case !mayAct(t.Advice):
		r.report(actions, "advice %s has no actions; remove them, or change the advice", t.Advice)
	}
}

func needsActions(a Advice) bool { return a == AdviceRetryWithChanges || a == AdviceContinue }

func mayAct(a Advice) bool {
	return a == AdviceContinue || a == AdviceWait || a == AdviceRetryWithChanges || a == AdviceConditional
}

func scopesOf(a Advice) []Scope {
	switch a {
	case AdviceNotApplicable, AdviceAwaitReview, AdviceDoNotRetry:
		return []Scope{ScopeNone}
	case AdviceUnknown:
		return []Scope{ScopeUnknown}
	case AdviceContinue, AdviceWait:
		return []Scope{ScopeSameVerification}
	default:
		return []Scope{ScopeSameVerification, ScopeNewVerification}
	}
}

func alternatives(scopes []Scope) string {
	if len(scopes) == 1 {
		return scopes[0].String()
	}
	return scopes[0].String() + " or " + scopes[1].String()
}

func (r *vocabularyReader) actions(f *fields) ActionSet {
	var set ActionSet
	for _, n := range f.list("actions") {
		action := symbol[Action](r.page, n, "an action", actionNames)
		switch {
		case action == ActionUnspecified:
		case set.With(action) == set:
			r.report(n, "actions has %s twice; keep one", action)
		default:
			set = set.With(action)
		}
	}
	return set
}
