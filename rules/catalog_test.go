package rules_test

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

// What the sources have, counted by hand from their pages.
func TestEmbeddedCatalogIsWhole(t *testing.T) {
	type counts struct {
		statuses, riskCodes, noRetry int
		series, statusesOfCodes      string
	}
	want := map[string]counts{
		"yousign-video": {statuses: 4, series: "consistency 1, copy 2, document 3, document capture 8, engagement 6, face capture 7, " +
			"identity fraud 8, other 2, suspicious behaviour 2, technical 5 = 44", statusesOfCodes: "declined 16, inconclusive 28 = 44"},
		"fourthline-idv": {statuses: 5, riskCodes: 4, noRetry: 2, series: "aml 4, fraud 13, home address 4, identity data 30, qes 8, " +
			"rejection 22, sendback 73 = 154", statusesOfCodes: "completed 47, inconsistent_data 77, invalid_data 29, pending 1 = 154"},
		"fourthline-docauth": {statuses: 5, riskCodes: 2, noRetry: 13, series: "fraud 8, rejection 5, sendback 10, validation 1 = 24",
			statusesOfCodes: "completed 13, inconsistent_data 10, invalid_data 10, pending 1 = 34"},
		"ubble-idv": {statuses: 9, series: "applicant-engagement-issue 5, approved 1, document-capture-issue 9, document-non-compliant 6, " +
			"face-capture-issue 7, identity-fraud 13, medium-issue 3, other-issues-inconclusive 1, " +
			"other-issues-retry 1, pending-or-inconclusive 1, prohibited-behavior 5, refused 1, " +
			"secondary-document-capture-issue 6, secondary-document-non-compliant 6, video-streaming-issue 5, " +
			"website-compliance-issues 7 = 77",
			statusesOfCodes: "approved 1, declined 37, inconclusive 5, pending 1, refused 1, retry_required 33 = 78"},
	}
	codes := 0
	for _, v := range rules.Embedded().Vocabularies() {
		series, statuses, got := map[string]int{}, map[string]int{}, counts{statuses: len(v.Statuses), riskCodes: len(v.RiskCodes)}
		for _, c := range v.Codes {
			codes++
			series[c.Series]++
			if c.NoRetry {
				got.noRetry++
			}
			for _, s := range v.Statuses {
				if c.Statuses&s.Mask != 0 {
					statuses[s.Name]++
				}
			}
		}
		got.series, got.statusesOfCodes = sum(series), sum(statuses)
		if got != want[v.Name] {
			t.Errorf("%s has\n%+v, wanted\n%+v", v.Name, got, want[v.Name])
		}
	}
	if codes != 222+77 {
		t.Errorf("%d codes, wanted 299", codes)
	}
}

func sum(counts map[string]int) string {
	var parts []string
	total := 0
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", key, counts[key]))
		total += counts[key]
	}
	return fmt.Sprintf("%s = %d", strings.Join(parts, ", "), total)
}

// The categories that the person is never told about, and those that risk analytics always sees.
func TestEmbeddedCodesHoldTheLine(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		for _, c := range v.Codes {
			name := v.Name + "/" + c.Text
			switch c.Category {
			case rules.CategoryFraud, rules.CategoryBehavior, rules.CategoryScreening, rules.CategoryRejection:
				if c.Disclosable || !c.RiskBearing {
					t.Errorf("%s is %s: disclosable %v, risk-bearing %v", name, c.Category, c.Disclosable, c.RiskBearing)
				}
			case rules.CategoryCopy:
				if !c.RiskBearing {
					t.Errorf("%s is COPY and not risk-bearing", name)
				}
			}
			if !c.Disclosable && c.Actions != 0 {
				t.Errorf("%s is not disclosable and has actions", name)
			}
			if c.NoRetry && c.Actions != 0 {
				t.Errorf("%s forbids a retry and has actions", name)
			}
			blocks := c.Number >= 4000 && c.Number < 6000 || v.Name == "yousign-video" && c.Number >= 2000 && c.Number < 3000 ||
				c.Number >= 62000 && c.Number < 63000 || c.Number >= 72000 && c.Number < 73000
			if c.Blocks != blocks {
				t.Errorf("%s: blocks %v, wanted %v", name, c.Blocks, blocks)
			}
		}
	}
}

func TestBasesNameTheirRule(t *testing.T) {
	idv := rules.Embedded().Vocabulary("fourthline", "identity_verification")
	completed := idv.Status("completed")
	for _, test := range []struct{ got, want string }{
		{idv.Status("new").Rule.OutcomeBasis, "source:fourthline-idv/status/new"},
		{idv.Status("new").Rule.Retry[rules.IntegrationUnspecified].Basis, "policy:fourthline-idv/status/new"},
		{completed.ByRisk[200].OutcomeBasis, "reading:fourthline-idv/status/completed/risk/200"},
		{completed.ByRisk[300].OutcomeBasis, "policy:fourthline-idv/status/completed/risk/300"},
		{completed.ByRisk[400].OutcomeBasis, "policy:fourthline-idv/status/completed/risk/400"},
		{completed.ByRisk[500].Retry[rules.IntegrationSDK].Basis, "reading:fourthline-idv/status/completed/risk/500"},
		{completed.RiskMissing.OutcomeBasis, "policy:fourthline-idv/status/completed/risk/missing"},
		{completed.RiskUnknown.OutcomeBasis, "policy:fourthline-idv/status/completed/risk/unknown"},
		{completed.ByRisk[500].Billing[0].Basis, "source:fourthline-idv/billing/silent"},
		{idv.Unrecognized.OutcomeBasis, "policy:fourthline-idv/status/unknown"},
		{idv.Unrecognized.Billing[0].Basis, "policy:fourthline-idv/billing/unknown_status"},
		{idv.BlockedBasis, "policy:fourthline-idv/approval-contradicted"},
		{idv.BlockedRetry.Basis, "policy:fourthline-idv/blocking-code"},
		{idv.Ranges[0].Basis, "reading:fourthline-idv/range/4000-5999"},
		{idv.Codes[5].Basis, "source:fourthline-idv/code/1004"},
	} {
		if test.got != test.want {
			t.Errorf("basis %s, wanted %s", test.got, test.want)
		}
	}
}

// files is the embedded catalog, to be changed.
func files(t *testing.T) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	names, err := fs.Glob(rules.EmbeddedFS(), "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(rules.EmbeddedFS(), name)
		if err != nil {
			t.Fatal(err)
		}
		m[name] = &fstest.MapFile{Data: content}
	}
	return m
}

func load(t *testing.T, fsys fs.FS) *rules.Catalog {
	t.Helper()
	c, err := rules.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVersionFollowsTheContent(t *testing.T) {
	version := rules.Embedded().Version
	if human, hash, _ := strings.Cut(version, "+"); human != "2026.11.0" || len(hash) != 6 {
		t.Errorf("version %s", version)
	}
	if copied := load(t, files(t)).Version; copied != version {
		t.Errorf("an exported copy has version %s, the embedded catalog %s", copied, version)
	}
	changed := files(t)
	edit(t, changed, "fourthline-idv.yaml", `meaning: "ID document is a counterfeit"`, `meaning: "ID document is a fake"`)
	if got := load(t, changed).Version; got == version {
		t.Error("another content has the same version")
	}
	renamed := files(t)
	renamed["fourthline-ipv.yaml"] = renamed["fourthline-idv.yaml"]
	delete(renamed, "fourthline-idv.yaml")
	if got := load(t, renamed).Version; got == version {
		t.Error("another file name has the same version")
	}
	raised := files(t)
	edit(t, raised, "catalog.yaml", "version: 2026.11.0", "version: 2026.12.0")
	if got := load(t, raised).Version; !strings.HasPrefix(got, "2026.12.0+") {
		t.Errorf("version %s", got)
	}
}

func edit(t *testing.T, m fstest.MapFS, name, old, by string) {
	t.Helper()
	content := string(m[name].Data)
	if strings.Count(content, old) != 1 {
		t.Fatalf("%q is %d times in %s", old, strings.Count(content, old), name)
	}
	m[name] = &fstest.MapFile{Data: []byte(strings.Replace(content, old, by, 1))}
}

// What the page of the catalog invites an operator to do.
func TestOperatorsOwnRules(t *testing.T) {
	own := files(t)
	edit(t, own, "fourthline-idv.yaml", `      300:
        outcome: REVIEW
        origin: policy
        final: true
        report_available: true
        retry: {advice: AWAIT_REVIEW, scope: NONE, origin: policy}`, `      300:
        outcome: APPROVED
        origin: operator
        final: true
        report_available: true
        retry: {advice: NOT_APPLICABLE, scope: NONE, origin: operator}`)
	edit(t, own, "fourthline-idv.yaml", "billing:\n", `billing:
  rules:
    - {name: repeated, when: {status: [completed], attempt: {from: 4}}, flag: NOT_BILLABLE, origin: operator}
    - {name: face, when: {status: [completed], risk_code: [200, 500], product_variant: [face]}, flag: BILLABLE, origin: operator}
`)
	v := load(t, own).Vocabulary("fourthline", "identity_verification")
	rule := v.Status("completed").ByRisk[300]
	if rule.Outcome != rules.OutcomeApproved || rule.OutcomeBasis != "operator:fourthline-idv/status/completed/risk/300" {
		t.Errorf("risk code 300: %s by %s", rule.Outcome, rule.OutcomeBasis)
	}
	var names []string
	for _, b := range v.Status("completed").ByRisk[500].Billing {
		names = append(names, b.Name)
	}
	if got := strings.Join(names, " "); got != "repeated face silent" {
		t.Errorf("billing rules of completed with 500: %s", got)
	}
	if rest := v.Status("completed").ByRisk[300].Billing; len(rest) != 2 || rest[1].Basis != "source:fourthline-idv/billing/silent" {
		t.Errorf("billing rules of completed with 300: %+v", rest)
	}
	if rest := v.Status("new").Rule.Billing; len(rest) != 1 {
		t.Errorf("billing rules of new: %+v", rest)
	}
}

// A new code is one row and nothing else.
func TestOneRowAddsACode(t *testing.T) {
	own := files(t)
	edit(t, own, "yousign-video.yaml", "  # Technical.", `  - {code: 1131, statuses: [inconclusive], series: engagement,
     category: ENGAGEMENT, meaning: "fell asleep"}
  # Technical.`)
	var unlisted rules.Code
	c := load(t, own).Vocabulary("yousign", "video").Code("IDVV_1131", &unlisted)
	if !c.Known || c.Meaning != "fell asleep" || c.Effect != rules.EffectNegative || c.Disclosable {
		t.Errorf("%+v", c)
	}
}

// The loader compares a status's own rule with the built-in catalog; that is enough as long as no built-in INCONCLUSIVE is
// behind a risk code.
func TestNoInconclusiveBehindARiskCode(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		for _, s := range v.Statuses {
			behind := []*rules.Rule{s.RiskMissing, s.RiskUnknown}
			for _, r := range s.ByRisk {
				behind = append(behind, r)
			}
			for _, r := range behind {
				if r != nil && r.Outcome == rules.OutcomeInconclusive {
					t.Errorf("%s status %s: staysInconclusive must learn of risk codes", v.Name, s.Name)
				}
			}
		}
	}
}
