package rules_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

// What the sources have, counted by hand from their pages: 222 codes of three vocabularies, ubble's 77, and the 56 that
// copies of veriff's pages show. A code that is added needs no change here; one that is lost, or moved to another
// series or status, does.
func TestEmbeddedCatalogIsWhole(t *testing.T) {
	listed, err := os.ReadFile("testdata/codes.txt")
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, v := range rules.Embedded().Vocabularies() {
		for _, c := range v.Codes {
			has[codeLine(v, c)] = true
		}
	}
	lines := strings.Split(strings.TrimSpace(string(listed)), "\n")
	if len(lines) != 222+77+56 {
		t.Errorf("testdata/codes.txt has %d lines, wanted 355", len(lines))
	}
	for _, line := range lines {
		if !has[line] {
			t.Errorf("the catalog lacks: %s", line)
		}
	}
	for name, want := range map[string][3]int{ // statuses, risk codes, no_retry rows
		"yousign-video": {4, 0, 0}, "ubble-idv": {9, 0, 0}, "veriff-idv": {9, 0, 0},
		"fourthline-idv": {5, 4, 2}, "fourthline-docauth": {5, 2, 13},
	} {
		v := vocabulary(t, name)
		noRetry := 0
		for _, c := range v.Codes {
			if c.NoRetry {
				noRetry++
			}
		}
		if got := [3]int{len(v.Statuses), len(v.RiskCodes), noRetry}; got != want {
			t.Errorf("%s has %v statuses, risk codes and codes without retry, wanted %v", name, got, want)
		}
	}
}

// codeLine is how testdata/codes.txt lists a code: vocabulary, code, series, statuses.
func codeLine(v *rules.Vocabulary, c *rules.Code) string {
	var statuses []string
	for _, s := range v.Statuses {
		if c.Statuses&s.Mask != 0 {
			statuses = append(statuses, s.Name)
		}
	}
	slices.Sort(statuses)
	return fmt.Sprintf("%s,%s,%s,%s", v.Name, c.Text, c.Series, strings.Join(statuses, "|"))
}

func vocabulary(t *testing.T, name string) *rules.Vocabulary {
	t.Helper()
	for _, v := range rules.Embedded().Vocabularies() {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no vocabulary %s", name)
	return nil
}

// However many vocabularies there are, each is found by its product, and nothing else is.
func TestVocabularyOfAProduct(t *testing.T) {
	oneGoroutine(t)
	own := fstest.MapFS{"catalog.yaml": {Data: []byte("version: many\n")}}
	content, err := fs.ReadFile(rules.EmbeddedFS(), "yousign-video.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 20; n++ {
		name := fmt.Sprintf("own-%d", n)
		text := strings.Replace(string(content), "vocabulary: yousign-video", "vocabulary: "+name, 1)
		text = strings.Replace(strings.ReplaceAll(text, "identity_video", name), "- name: yousign\n", "- name: "+name+"\n", 1)
		own[name+".yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(text, "product: video", "product: "+name, 1))}
		catalog := load(t, own)
		for i := 0; i <= 21; i++ {
			v := catalog.Vocabulary("yousign", fmt.Sprintf("own-%d", i))
			if there := 1 <= i && i <= n; (v != nil) != there || there && v.Name != fmt.Sprintf("own-%d", i) {
				t.Errorf("of %d vocabularies, number %d is %+v", n, i, v)
			}
		}
		if catalog.Vocabulary("own-1", "yousign") != nil || catalog.Vocabulary("yousig", "nown-1") != nil {
			t.Errorf("of %d vocabularies, one belongs to a provider that has none", n)
		}
	}
}

// The categories that the person is never told about, and those that risk analytics always sees.
func TestEmbeddedCodesHoldTheLine(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		for _, c := range v.Codes {
			name := v.Name + "/" + c.Text
			switch c.Category {
			case rules.CategoryFraud, rules.CategoryBehavior, rules.CategoryScreening, rules.CategoryRisk,
				rules.CategoryRejection, rules.CategoryIdentityMismatch:
				if c.Disclosable || !c.RiskBearing {
					t.Errorf("%s is %s: disclosable %v, risk-bearing %v",
						name, c.Category, c.Disclosable, c.RiskBearing)
				}
			case rules.CategoryCopy:
				if !c.RiskBearing {
					t.Errorf("%s is COPY and not risk-bearing", name)
				}
			default: // the others may be disclosed or not, as their rows say
			}
			if c.NoRetry && c.Actions != 0 {
				t.Errorf("%s forbids a retry and has actions", name)
			}
			blocks := c.Number >= 4000 && c.Number < 6000 ||
				v.Name == "yousign-video" && c.Number >= 2000 && c.Number < 3000 ||
				c.Number >= 62000 && c.Number < 63000 || c.Number >= 72000 && c.Number < 73000 ||
				v.Name == "veriff-idv" && (c.Number < 200 || c.Number >= 500 && c.Number < 600)
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
		{idv.ContradictedBasis, "policy:fourthline-idv/approval-contradicted"},
		{idv.UnlistedBasis, "policy:fourthline-idv/unlisted-code-on-approval"},
		{idv.NoRetryBasis, "reading:fourthline-idv/no-retry-code"},
		{idv.MisplacedRetry.Basis, "policy:fourthline-idv/misplaced-code"},
		{idv.ReviewRetry.Basis, "policy:fourthline-idv/review-by-code"},
		{idv.SignatureRetry.Basis, "policy:fourthline-idv/unlisted-signature-code"},
		{idv.Ranges[0].Basis, "policy:fourthline-idv/range/100-199"},
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
	names, err := fs.Glob(rules.EmbeddedFS(), "*.yaml")
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

func load(t testing.TB, fsys fs.FS) *rules.Catalog {
	t.Helper()
	c, err := rules.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVersionFollowsTheContent(t *testing.T) {
	version := rules.Embedded().Version
	if human, hash, _ := strings.Cut(version, "+"); human != "2026.12.0" || len(hash) != 6 {
		t.Errorf("version %s", version)
	}
	if copied := load(t, files(t)).Version; copied != version {
		t.Errorf("an exported copy has version %s, the embedded catalog %s", copied, version)
	}
	changed := files(t)
	edit(t, changed, "fourthline-idv.yaml",
		`meaning: "ID document is a counterfeit"`, `meaning: "ID document is a fake"`)
	if got := load(t, changed).Version; got == version {
		t.Error("another content has the same version")
	}
	renamed := files(t)
	renamed["fourthline-ipv.yaml"] = renamed["fourthline-idv.yaml"]
	delete(renamed, "fourthline-idv.yaml")
	if got := load(t, renamed).Version; got != version {
		t.Errorf("with another file name the version is %s", got)
	}
	told := files(t)
	edit(t, told, "fourthline-idv.yaml", "vocabulary: fourthline-idv\nprovider: fourthline\n",
		"provider: fourthline\nvocabulary: fourthline-idv # its name\n")
	edit(t, told, "fourthline-idv.yaml", "{code: 200, label: completed_low_risk, level: LOW}",
		"{level: LOW, code: 200, label: \"completed_low_risk\"}")
	if got := load(t, told).Version; got != version {
		t.Errorf("with a comment, quotes and another order of keys the version is %s", got)
	}
	members := files(t)
	edit(t, members, "yousign-video.yaml", "      - {path: event_id, field: event_id, as: text}\n", "")
	edit(t, members, "yousign-video.yaml", "    examples:\n",
		"      - {path: event_id, field: event_id, as: text}\n    examples:\n")
	if got := load(t, members).Version; got != version {
		t.Errorf("with another order of an envelope's members the version is %s", got)
	}
	raised := files(t)
	edit(t, raised, "catalog.yaml", "version: 2026.12.0", "version: 2027.1.0")
	if got := load(t, raised).Version; !strings.HasPrefix(got, "2027.1.0+") {
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
    - {name: face, when: {status: [completed], risk_code: [200, 500], product_variant: [face]}, flag: BILLABLE,
       origin: operator}
`)
	v := load(t, own).Vocabulary("fourthline", "identity_verification")
	rule := v.Status("completed").ByRisk[300]
	const basis = "operator:fourthline-idv/status/completed/risk/300"
	if rule.Outcome != rules.OutcomeApproved || rule.OutcomeBasis != basis {
		t.Errorf("risk code 300: %s by %s", rule.Outcome, rule.OutcomeBasis)
	}
	var names []string
	for _, b := range v.Status("completed").ByRisk[500].Billing {
		names = append(names, b.Name)
	}
	if got := strings.Join(names, " "); got != "repeated face silent" {
		t.Errorf("billing rules of completed with 500: %s", got)
	}
	rest := v.Status("completed").ByRisk[300].Billing
	if len(rest) != 2 || rest[1].Basis != "source:fourthline-idv/billing/silent" {
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

// An envelope of one's own that would make a built-in body ambiguous is refused, with the places of both.
func TestOwnEnvelopeBesideTheBuiltIn(t *testing.T) {
	for shape, want := range map[string][]string{
		"[data.identity_video.id]":                          {"yousign"},
		"[version, data.identity_verification_id]":          {"checkout"},
		"[created_on, data]":                                {"checkout"},
		"[specversion], [verificationId, status, riskCode]": {"ubble-v2", "fourthline"},
		"[id, data.identity_verification_id, data.own]":     nil,
		"[own]": nil,
	} {
		own := sample(t)
		edit(t, own, "sample.yaml", "      - [check.id, check.state]\n", "      - [check.id, check.state]\n"+
			"      - "+strings.ReplaceAll(shape, "], [", "]\n      - [")+"\n")
		for name, file := range files(t) {
			own[name] = file
		}
		_, err := rules.Load(own)
		said := err.Error() // at least that no example has the shape
		for _, name := range []string{"yousign", "checkout", "ubble-v2", "fourthline"} {
			mistake := "this example of envelope " + name + " has the shape of acme (sample.yaml:77) too"
			if strings.Contains(said, mistake) != slices.Contains(want, name) {
				t.Errorf("%s: about %s\n%s", shape, name, said)
			}
		}
	}
}
