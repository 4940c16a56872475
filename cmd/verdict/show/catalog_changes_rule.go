package show

import (
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// ruleChanges says what the rule of a status does otherwise than the built-in one.
func ruleChanges(own, builtIn *rules.Vocabulary, o, b *rules.Status, ours, theirs *rules.Rule) string {
	charged, chargedBuiltIn := chargeTexts(ours, theirs)
	return otherwise([]difference{
		{"outcome", ours.Outcome.String(), theirs.Outcome.String()},
		{"final", finalText(ours), finalText(theirs)},
		{"ended", yesNo(ours.Ended), yesNo(theirs.Ended)},
		{"report_available", yesNo(ours.ReportAvailable), yesNo(theirs.ReportAvailable)},
		{"code_expected", expectsText(own, o, ours), expectsText(builtIn, b, theirs)},
		{"billing", charged, chargedBuiltIn},
		{"retry", retriesText(own, &ours.Retry), retriesText(builtIn, &theirs.Retry)},
	})
}

func expectsText(v *rules.Vocabulary, s *rules.Status, r *rules.Rule) string {
	if r.Expects == 0 {
		return "no"
	}
	return screen.Either(seriesExpected(v, s, r) == nil, "yes", screen.OrList(seriesExpected(v, s, r)))
}

// retriesText is one advice, or the three that depend on the integration, with all that belongs to it but the basis.
func retriesText(v *rules.Vocabulary, r *[3]rules.Retry) string {
	if sameForAll(r) {
		return oneRetryText(v, &r[0])
	}
	var texts []string
	for _, i := range integrationNames {
		texts = append(texts, i.name+" "+oneRetryText(v, &r[i.value]))
	}
	return strings.Join(texts, ", ")
}

func oneRetryText(v *rules.Vocabulary, r *rules.Retry) string {
	parts := []string{r.Advice.String()}
	if r.Scope != rules.ScopeUnspecified && r.Scope != rules.ScopeNone {
		parts = append(parts, r.Scope.String())
	}
	parts = append(append(parts, actionNames(r.Actions)...), v.AppendFields(nil, r.Fields)...)
	if r.ExpiresAfter > 0 {
		parts = append(parts, "for "+durationText(r.ExpiresAfter))
	}
	return strings.Join(parts, " ")
}
