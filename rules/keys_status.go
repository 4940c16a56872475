package rules

import "slices"

// The keys of statuses and of advice.

// statusRule are the keys of a rule: of a status, or of one risk code of a status.
var statusRule = []key{
	{"outcome", needed, symbols(outcomeNames[:OutcomeUnrecognized]), "What it comes to. INCONCLUSIVE: an attempt " +
		"without a result, which is never charged."},
	originKey(needed, ""),
	{"final", needed, oneOf[any](true, false, "on_new_case"), "Whether the provider says no more. on_new_case: if " +
		"the advice is to begin anew."},
	{"ended", optional, aFlag, "Whether the provider's work is over, which is what billing goes by; if not said, " +
		"where the answer is final."},
	{"report_available", optional, aFlag, "Whether the provider has a report then."},
	{"code_expected", optional, orSetOf("boolean"), "Whether a code explains it: true for any, or the series that " +
		"one is of. Without one, a decision has the anomaly REASON_MISSING."},
	{"retry", needed, retryForm, "What the client is to do: one advice, or one each for sdk, api and unnamed."},
}

var (
	statusStart = []key{
		{"name", needed, spelling, "As it stands in events, letter for letter."},
		{"aliases", optional, setOf(spelling), "Newer or older spellings of it. An overlay's are added."},
		{"meaning", needed, aText, "What it means, in a few words."},
		{"action", optional, aText, "What the provider recommends."},
		{"overdue_after", optional, overdueKeys.form, "How long the next word may take after it. Later than that, " +
			"the verification is overdue."},
	}
	byRiskKey = key{"by_risk", optional, byRiskForm, "For a status whose result is in the risk code: what it means " +
		"with each risk code, with none (missing), and with one that is not listed (unknown)."}

	statusKeys = mappingOf("a status", slices.Concat(statusStart, statusRule, []key{byRiskKey})...).
			laidOver("name").where(outcomeRules)
	statusByRiskKeys = mappingOf("a status with by_risk", slices.Concat(statusStart, []key{byRiskKey})...).
				laidOver("name")
	riskRuleKeys = mappingOf("a rule of by_risk", statusRule...).laidOver().where(outcomeRules)
)

var statusForm = byKey([]string{byRiskKey.name}, statusByRiskKeys, statusKeys)

func byRiskForm(s *schemaWriter) object {
	rule := riskRuleKeys.form(s)
	schema := object{
		"type": "object", "additionalProperties": false,
		"properties":        object{"missing": rule, "unknown": rule},
		"patternProperties": object{"^[1-9][0-9]*$": rule},
	}
	if !s.overlay {
		schema["required"] = []string{"missing", "unknown"}
	}
	return schema
}

var afterKey = key{"after", needed, duration, "A duration from 1s to 8760h."}

var overdueKeys = mappingOf("overdue_after", afterKey, originKey(needed, ""))

var expiresKeys = mappingOf("expires", afterKey, originKey(needed, ""))

var retryKeys = mappingOf("retry",
	key{"advice", needed, symbols(adviceNames), "What to do next. CONDITIONAL, for unnamed alone: it depends on the " +
		"integration."},
	key{"scope", needed, symbols(scopeNames), "Whether that is part of the same verification or begins a new one."},
	key{"actions", optional, setOf(symbols(actionNames)), "What is to be done before or with it."},
	key{"expires", optional, expiresKeys.form, "Until when the actions can be done."},
	originKey(needed, ""),
).where(adviceRules)

var integrationAdviceKeys = mappingOf("retry by integration",
	key{integrationKeys[IntegrationUnspecified], needed, retryKeys.form, "Where an event does not say how the client " +
		"is connected."},
	key{integrationKeys[IntegrationSDK], needed, retryKeys.form, "For clients that the provider's SDK or page leads."},
	key{integrationKeys[IntegrationAPI], needed, retryKeys.form, "For clients that send data and files themselves."},
).where(allOf(properties(object{
	integrationKeys[IntegrationSDK]: notConditional, integrationKeys[IntegrationAPI]: notConditional})))

// notConditional is what advice must be of which is known whom it is for.
var notConditional = properties(object{"advice": object{"not": object{"const": AdviceConditional.String()}}})

// retryForm is advice by integration if it has a key of that, or else one for all.
func retryForm(s *schemaWriter) object {
	return object{"if": hasOneOf(integrationKeys[:]...), "then": integrationAdviceKeys.form(s),
		"else": object{"allOf": []object{retryKeys.form(s), notConditional}}}
}

// spelling is a text without white space around it.
var spelling = spelt(`^\S([\s\S]*\S)?$`)

// adviceRules are what consistent holds: the scopes that go with an advice, and whether actions do.
func adviceRules(*schemaWriter) object {
	rules := []object{ifThen(hasAll("expires"), hasAll("actions"))}
	for _, a := range Advices() {
		values := object{"scope": object{"enum": symbolsOf(scopeNames, scopesOf(a))}}
		then := properties(values)
		switch {
		case !mayAct(a):
			values["actions"] = false
		case a == AdviceWait:
			values["actions"] = object{"items": object{"const": ActionShareVerificationURL.String()}}
		case needsActions(a):
			then = and(then, hasAll("actions"))
		}
		rules = append(rules, ifThen(is("advice", a.String()), then))
	}
	return object{"allOf": rules}
}
