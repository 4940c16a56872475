package show

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func statusTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("STATUS", "OUTCOME", "FINAL", "ENDED", "REPORT", "BILLING", "MEANING")
	row := func(name string, r *rules.Rule, meaning string) {
		t.Row(name, r.Outcome.String(), finalText(r), yesNo(r.Ended), yesNo(r.ReportAvailable), billingFlags(r),
			meaning)
	}
	for _, s := range v.Statuses {
		name := strings.Join(append([]string{s.Name}, s.Aliases...), ", ")
		if s.Rule == nil {
			t.Row(name, "by risk code", "", "", "", "", s.Meaning)
		} else {
			row(name, s.Rule, s.Meaning)
		}
		for _, p := range riskPlaces(s) {
			row("  "+p.name, p.rule, "")
		}
	}
	return t
}

// statusAdviceTable says what each status advises, and what the provider recommends for it.
func statusAdviceTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{LeastLast: 36}
	t.Row("STATUS", "ADVICE", "SCOPE", "ACTIONS", "PROVIDER RECOMMENDS")
	rows := func(name string, r *rules.Rule, recommended string) {
		for _, cells := range adviceCells(name, &r.Retry) {
			t.Row(append(cells, recommended)...)
			recommended = ""
		}
	}
	for _, s := range v.Statuses {
		if s.Rule == nil {
			t.Row(s.Name, "by risk code", "", "", s.Action)
		} else {
			rows(s.Name, s.Rule, s.Action)
		}
		for _, p := range riskPlaces(s) {
			rows("  "+p.name, p.rule, "")
		}
	}
	return t
}

// riskPlace is what a status says with a risk code, without one, or with another.
type riskPlace struct {
	name string
	rule *rules.Rule
}

// riskPlaces lists none for a status whose result is not in the risk code.
func riskPlaces(s *rules.Status) []riskPlace {
	if s.Rule != nil {
		return nil
	}
	var places []riskPlace
	for _, code := range slices.Sorted(maps.Keys(s.ByRisk)) {
		places = append(places, riskPlace{strconv.Itoa(int(code)), s.ByRisk[code]})
	}
	return append(places, riskPlace{"none", s.RiskMissing}, riskPlace{"another", s.RiskUnknown})
}

// adviceCells are name, advice, scope and actions: one row, or more where they depend on the integration.
func adviceCells(name string, r *[3]rules.Retry) [][]string {
	cells := func(name string, i rules.Integration) []string {
		return []string{name, r[i].Advice.String(), scopeText(r[i].Scope), actionsText(&r[i])}
	}
	if sameForAll(r) {
		return [][]string{cells(name, rules.IntegrationUnspecified)}
	}
	margin := strings.Repeat(" ", len(name)-len(strings.TrimLeft(name, " "))+2)
	return [][]string{
		{name, "by integration", "", ""},
		cells(margin+"sdk", rules.IntegrationSDK),
		cells(margin+"api", rules.IntegrationAPI),
		cells(margin+"not named", rules.IntegrationUnspecified),
	}
}

// sameForAll says whether the advice does not depend on the integration.
func sameForAll(r *[3]rules.Retry) bool {
	for _, other := range r[1:] {
		if other.Basis, other.Origin = r[0].Basis, r[0].Origin; other != r[0] {
			return false
		}
	}
	return true
}

// actionsText names the actions, and how long they can be done.
func actionsText(r *rules.Retry) string {
	names := actionNames(r.Actions)
	if r.TriesAgain() {
		names = append(names, "those of its codes")
	}
	text := strings.Join(names, ", ")
	if r.ExpiresAfter > 0 {
		text += " (" + durationText(r.ExpiresAfter) + ")"
	}
	return screen.OrDash(text)
}

func scopeText(s rules.Scope) string {
	return screen.Either(s == rules.ScopeUnspecified, "-", s.String())
}

func finalText(r *rules.Rule) string {
	return screen.Either(r.Final, "yes", screen.Either(r.FinalOnNewCase, "by code", "no"))
}

func billingFlags(r *rules.Rule) string {
	var flags []string
	for _, b := range r.Billing {
		if f := b.Flag.String(); !slices.Contains(flags, f) {
			flags = append(flags, f)
		}
	}
	return strings.Join(flags, "|")
}
