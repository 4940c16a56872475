package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

// everyDecision decides each status of the catalog with each risk code and each code, listed or in a range, alone and
// beside a signature code, for each integration.
func everyDecision(then func(*processor.Decision)) {
	for _, v := range rules.Embedded().Vocabularies() {
		codes := []string{"", "999999"}
		for _, c := range v.Codes {
			codes = append(codes, c.Text)
		}
		for _, r := range v.Ranges {
			codes = append(codes, strconv.FormatInt(r.To, 10))
		}
		for _, s := range slices.Concat(v.Statuses, []*rules.Status{{Name: "no such status"}}) {
			for _, code := range codes {
				decideEach(v, s.Name, strings.Fields(code), then)
				decideEach(v, s.Name, strings.Fields(code+" 6002"), then)
			}
		}
	}
}

func decideEach(v *rules.Vocabulary, status string, codes []string, then func(*processor.Decision)) {
	for i := rules.IntegrationUnspecified; i <= rules.IntegrationAPI; i++ {
		e := processor.Event{VerificationID: "v", Status: status, Codes: codes, Integration: i}
		var d processor.Decision
		processor.Decide(v, &e, &d)
		then(&d)
		e.HasRiskCode = true
		for _, risk := range slices.Concat(v.RiskCodes, []*rules.RiskCode{{Code: 999}}) {
			e.RiskCode = risk.Code
			processor.Decide(v, &e, &d)
			then(&d)
		}
	}
}

// TestStartTable: whoever follows the table that the page begins with meets nothing that is not in it, and it has
// nothing that the catalog does not give.
func TestStartTable(t *testing.T) {
	_, text, _ := strings.Cut(read(t, filepath.Join(root, "docs/decisions.md")), "| outcome | signature | advice |")
	text, _, _ = strings.Cut(text, "\n\n")
	told := map[string]bool{}
	for _, row := range strings.Split(text, "\n")[2:] {
		cells := strings.Split(strings.NewReplacer("`", "", "any", "NONE, OPEN, FAILED").Replace(row), "|")
		for _, outcome := range strings.Split(cells[1], ",") {
			for _, advice := range strings.Split(cells[3], ",") {
				for _, signature := range strings.Split(cells[2], ",") {
					told[strings.Join(strings.Fields(outcome+signature+advice), " ")] = true
				}
			}
		}
	}
	met := map[string]bool{}
	everyDecision(func(d *processor.Decision) {
		met[d.Outcome.String()+" "+d.Retry.Advice.String()] = true
		if is := d.Outcome.String() + " " + d.Signature.String() + " " + d.Retry.Advice.String(); !told[is] {
			t.Errorf("the table lacks %s, as of %s", is, d.OutcomeBasis)
			told[is] = true
		}
	})
	for row := range told {
		if f := strings.Fields(row); !met[f[0]+" "+f[2]] {
			t.Errorf("the table has %s, which no event gives", row)
		}
	}
}

// basisPath gives a basis the form in which the page lists it.
var basisPath = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`^[a-z]+:[^/]+`), ""},
	{regexp.MustCompile(`/(code|risk)/[0-9]+`), "/$1/CODE"},
	{regexp.MustCompile(`/range/[0-9-]+`), "/range/FROM-TO"},
	{regexp.MustCompile(`(/status|/billing)/(unknown|unknown_status)$`), "$1=$2"},
	{regexp.MustCompile(`/status/\w+`), "/status/STATUS"},
	{regexp.MustCompile(`/billing/\w+`), "/billing/RULE"},
	{regexp.MustCompile(`=`), "/"},
}

// TestEveryBasisIsOnThePage: a basis is read by those who look its path up there.
func TestEveryBasisIsOnThePage(t *testing.T) {
	page := read(t, filepath.Join(root, "docs/decisions.md"))
	looked := map[string]bool{}
	everyDecision(func(d *processor.Decision) {
		for _, basis := range []string{d.OutcomeBasis, d.Billing.Basis, d.Retry.Basis} {
			if looked[basis] {
				continue
			}
			looked[basis] = true
			path := basis
			for _, step := range basisPath {
				path = step.from.ReplaceAllString(path, step.to)
			}
			if !strings.Contains(page, "`"+path+"`") {
				t.Errorf("the page does not list %s, as in %s", path, basis)
			}
		}
	})
}
