package rules_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

func over(t testing.TB, base fs.FS, overlay string) *rules.Catalog {
	t.Helper()
	c, err := rules.LoadOver(base, fstest.MapFS{"own.yaml": {Data: []byte(overlay)}})
	if err != nil {
		t.Fatalf("%v in\n%s", err, overlay)
	}
	return c
}

// An overlay over the sample makes what the sample says with the same text changed, to the version's last digit.
func TestOverlaySaysTheSameAsAChangedCopy(t *testing.T) {
	for name, test := range map[string]struct{ old, by, overlay string }{
		"a title": {"title: Sample checks", "title: Own checks", "title: Own checks"},
		"a switch": {"unlisted_code_on_approval: review", "unlisted_code_on_approval: accept",
			"unlisted_code_on_approval: accept"},
		"a prefix": {"[AC_]", "[AC_, B-]", "code_prefixes: [B-, AC_]"},
		"an alias": {"[undecided]", "[undecided, open-ended]", "statuses: [{name: unclear, aliases: [open-ended]}]"},
		"a series": {`{name: age, title: "Age limits"}`, `{name: age, title: "Age"}`, "series: [{name: age, title: Age}]"},
		"a source": {"read: 2026-11}", "read: 2026-12}", "sources: [{name: sample-terms, read: 2026-12}]"},
		"a risk code": {"level: LOW", "level: HIGH, origin: operator",
			"risk_codes: [{code: 200, level: HIGH, origin: operator}]"},
		"a range": {"risk_codes: [500], no_retry: true,\n     blocks_approval: true, origin: reading, reason",
			"risk_codes: [200], no_retry: true, blocks_approval: true, origin: operator, reason",
			"ranges: [{from: 5000, to: 5999, risk_codes: [200], origin: operator}]"},
		"a code": {`no_retry: true, meaning: "too young"`, `no_retry: true, disclosable: true, origin: operator, meaning: "a minor"`,
			`codes: [{code: 1400, disclosable: true, origin: operator, meaning: "a minor"}]`},
		"a new code": {"meaning: \"too young\"}\n", "meaning: \"too young\"}\n" +
			"  - {code: 1401, statuses: [unclear], series: age, category: ELIGIBILITY, meaning: \"old\"}\n",
			`codes: [{code: 1401, statuses: [unclear], series: age, category: ELIGIBILITY, meaning: "old"}]`},
		"a risk code's rule": {"missing: {outcome: REVIEW, origin: policy, final: false,",
			"missing: {outcome: REVIEW, origin: operator, final: false, ended: true,",
			"statuses: [{name: done, by_risk: {missing: {ended: true, origin: operator}}}]"},
		"advice": {"retry: {advice: RETRY, scope: NEW_VERIFICATION, origin: source}",
			"retry: {advice: OPTIONAL, scope: NEW_VERIFICATION, origin: operator}",
			"statuses: [{name: unclear, retry: {advice: OPTIONAL, scope: NEW_VERIFICATION, origin: operator}}]"},
		"a limit": {"    action: \"send the data\"\n", "    action: \"send the data\"\n    overdue_after: {after: 36h, origin: operator}\n",
			"statuses: [{name: open, overdue_after: {after: 36h, origin: operator}}]"},
		"what is charged otherwise": {"{name: rest, flag: UNDETERMINED, origin: policy}", "{name: rest, flag: NOT_BILLABLE, origin: operator}",
			"billing: {otherwise: {flag: NOT_BILLABLE, origin: operator}}"},
		"one step of a row": {"{from: open, to: [unclear, done], origin: source}",
			"{from: open, to: unclear, origin: source}\n  - {from: open, to: done, unexpected: true, reason: so, origin: operator}",
			"flow: [{from: [open], to: done, unexpected: true, reason: so, origin: operator}]"},
		"a new step": {"flow:\n", "flow:\n  - {from: done, final: false, to: open, origin: operator}\n",
			"flow: [{from: done, final: false, to: [open], origin: operator}]"},
		"steps, known and new": {"{from: open, to: [unclear, done], origin: source}",
			"{from: open, to: done, origin: source}\n  - {from: open, to: unclear, origin: operator}\n" +
				"  - {from: done, final: false, to: unclear, origin: operator}",
			"flow: [{from: done, final: false, to: unclear, origin: operator}, {from: open, to: unclear, origin: operator}]"},
		"nothing": {"{code: 200,", "{code:  200,", "codes: [{code: 1400, no_retry: true}]"},
	} {
		changed := sample(t)
		edit(t, changed, "sample.yaml", test.old, test.by)
		want, got := load(t, changed), over(t, sample(t), "vocabulary: sample\n"+test.overlay+"\n")
		if got.Version != want.Version {
			t.Errorf("%s: version %s, wanted %s", name, got.Version, want.Version)
		}
		if same := got.Version == load(t, sample(t)).Version; same != (name == "nothing") {
			t.Errorf("%s: version %s, that of the sample %v", name, got.Version, same)
		}
	}
}

func TestBillingRulesOfAnOverlayComeFirst(t *testing.T) {
	v := over(t, sample(t), `vocabulary: sample
billing:
  rules:
    - {name: first, flag: BILLABLE, when: {status: [done], product_variant: [face]}, origin: operator}
    - {name: mine, when: {status: [open]}, flag: NOT_BILLABLE, origin: operator}
    - {name: all, when: {status: [done], attempt: {to: 5}}, flag: BILLABLE, origin: operator}
  otherwise: {flag: NOT_BILLABLE, origin: operator}
`).Vocabulary("acme", "check")
	var got []string
	for _, b := range v.Billing {
		got = append(got, b.Basis+" "+b.Flag.String())
	}
	want := "operator:sample/billing/mine NOT_BILLABLE, operator:sample/billing/all BILLABLE, " +
		"operator:sample/billing/charged BILLABLE, operator:sample/billing/first BILLABLE, operator:sample/billing/rest NOT_BILLABLE"
	if strings.Join(got, ", ") != want {
		t.Errorf("billing rules %s, wanted %s", strings.Join(got, ", "), want)
	}
	if first := v.Billing[3]; first.MaxAttempt != 0 || len(first.Statuses) != 1 {
		t.Errorf("the conditions of a changed rule are %+v, and not the overlay's alone", first)
	}
}

// What an overlay takes from a rule of the base altogether is no mistake of that: it cannot be removed.
func TestOverlayMayLeaveNothingToABillingRule(t *testing.T) {
	v := over(t, sample(t), `vocabulary: sample
billing: {rules: [{name: mine, when: {status: [done]}, flag: NOT_BILLABLE, origin: operator}]}
`).Vocabulary("acme", "check")
	if placed := v.Status("done").RuleWith(200, true).Billing; len(placed) != 1 || placed[0].Name != "mine" {
		t.Errorf("an approval is billed by %+v", placed)
	}
}

// What the base calls INCONCLUSIVE by a risk code, without one or with one that it does not know, stays so as well.
func TestOverlayLeavesInconclusiveByRiskCode(t *testing.T) {
	base := sample(t)
	for _, key := range []string{"500", "missing", "unknown"} {
		old := "      " + key + ": {outcome: REVIEW, origin: policy, final: false, " +
			"retry: {advice: AWAIT_REVIEW, scope: NONE, origin: policy}}"
		if key == "500" {
			old = "      500: {outcome: DECLINED, origin: reading, final: true, " +
				"retry: {advice: DO_NOT_RETRY, scope: NONE, origin: reading}}"
		}
		edit(t, base, "sample.yaml", old, "      "+key+": {outcome: INCONCLUSIVE, origin: policy, final: false, "+
			"retry: {advice: OPTIONAL, scope: NEW_VERIFICATION, origin: policy}}")
	}
	const review = "{outcome: REVIEW, origin: operator, final: false, " +
		"retry: {advice: AWAIT_REVIEW, scope: NONE, origin: operator}}"
	for key, want := range map[string]string{
		"200":     "",
		"500":     " with risk code 500",
		"missing": " without a risk code",
		"unknown": " with an unknown risk code",
		"300":     " with risk code 300",
	} {
		own := "vocabulary: sample\nrisk_codes: [{code: 300, label: middle, level: MEDIUM}]\n" +
			"statuses: [{name: done, by_risk: {300: {outcome: INCONCLUSIVE, origin: operator, final: false, " +
			"retry: {advice: OPTIONAL, scope: NEW_VERIFICATION, origin: operator}}, " + key + ": " + review + "}}]\n"
		switch key {
		case "200":
			own = strings.Replace(own, review, "{report_available: true, origin: operator}", 1)
		case "300":
			own = strings.Replace(own, "300: {outcome: INCONCLUSIVE", "500: {outcome: INCONCLUSIVE", 1)
		}
		_, err := rules.LoadOver(base, fstest.MapFS{"own.yaml": {Data: []byte(own)}})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", key, err)
			}
			continue
		}
		want = "the base says that status \"done\" of this product" + want + " is INCONCLUSIVE"
		if err == nil || strings.Count(err.Error(), "INCONCLUSIVE, which") != 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, wanted %s", key, err, want)
		}
	}
}

func TestOverlayOverTheEmbeddedCatalog(t *testing.T) {
	c := over(t, nil, `vocabulary: yousign-video
codes:
  - {code: 1301, disclosable: false, origin: operator}
  - {code: 1316, statuses: [inconclusive], series: document capture, category: DOCUMENT_CAPTURE, origin: operator,
     meaning: "too far"}
`)
	builtIn, _, _ := strings.Cut(rules.Embedded().Version, "+")
	if human, _, _ := strings.Cut(c.Version, "+"); human != builtIn || c.Version == rules.Embedded().Version {
		t.Errorf("version %s over %s", c.Version, rules.Embedded().Version)
	}
	if c.Base() != rules.Embedded() || rules.Embedded().Base() != nil {
		t.Error("the base is not the embedded catalog")
	}
	for basis, want := range map[string]string{
		"operator:yousign-video/code/1301": "overlay/own.yaml:3", "operator:yousign-video/code/1316": "overlay/own.yaml:4",
		"policy:yousign-video/code/1302": place(rules.Embedded().Where("policy:yousign-video/code/1302")),
		"policy:yousign-video/code/1301": ":0",
	} {
		if got := place(c.Where(basis)); got != want {
			t.Errorf("%s is at %s, wanted %s", basis, got, want)
		}
	}
	if v := c.Vocabulary("yousign", "video"); v.Code("1301", nil).Disclosable || !v.Code("1302", nil).Disclosable {
		t.Error("another code than the overlay's row is changed")
	}
}

func place(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

// A vocabulary that the base lacks may stand in several files, and what is in them counts in no order.
func TestNewVocabularyInAnOverlay(t *testing.T) {
	text := string(sample(t)["sample.yaml"].Data)
	head, codes, _ := strings.Cut(text, "\ncodes:\n")
	var versions []string
	for _, names := range [][2]string{{"a.yaml", "b.yaml"}, {"b.yaml", "a.yaml"}} {
		c, err := rules.LoadOver(nil, fstest.MapFS{
			names[0]: {Data: []byte(head)}, names[1]: {Data: []byte("vocabulary: sample\ncodes:\n" + codes)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if v := c.Vocabulary("acme", "check"); v == nil || v.Code("1301", nil) == nil {
			t.Fatal("the vocabulary or a code of it is missing")
		}
		versions = append(versions, c.Version)
	}
	one := over(t, nil, text)
	if versions[0] != versions[1] || versions[0] != one.Version {
		t.Errorf("versions %s, and %s of one file", versions, one.Version)
	}
}

// Mistakes are those of the overlay's files, and as many as there are, also where each spoils something in the base.
func TestOverlayThatSpoilsMuch(t *testing.T) {
	var b strings.Builder
	b.WriteString("vocabulary: fourthline-idv\nstatuses:\n")
	for i := range 10 {
		fmt.Fprintf(&b, "  - {name: new-%d, meaning: new, outcome: PENDING, origin: operator, final: false,\n"+
			"     retry: {advice: WAIT, scope: SAME_VERIFICATION, origin: operator}}\n", i)
	}
	_, err := rules.LoadOver(nil, fstest.MapFS{"own.yaml": {Data: []byte(b.String())}})
	var mistakes rules.Mistakes
	if !errors.As(err, &mistakes) || len(mistakes) != 10 {
		t.Fatalf("error %v", err)
	}
	for i, m := range mistakes {
		if m.File != "own.yaml" || m.Line != 3+2*i || !strings.Contains(m.Text, fmt.Sprintf(`"new-%d"`, i)) {
			t.Errorf("mistake %d is %s", i, m)
		}
	}
}

func BenchmarkLoadOver(b *testing.B) {
	own := fstest.MapFS{"own.yaml": {Data: []byte("vocabulary: fourthline-idv\ncodes:\n" +
		"  - {code: 120, asks_review: true, origin: operator}\n")}}
	rules.Embedded()
	for b.Loop() {
		if _, err := rules.LoadOver(nil, own); err != nil {
			b.Fatal(err)
		}
	}
}

// What a hostile overlay can do at most is be refused, in about the time that the same takes in a catalog.
func TestHostileOverlay(t *testing.T) {
	oneGoroutine(t)
	for name, content := range map[string]string{
		"keys":     numbered("k%d: 1\n", 1_000),
		"statuses": "statuses:\n" + numbered("  - {name: s%d}\n", 1_000),
		"by_risk":  "statuses:\n  - name: completed\n    by_risk:\n" + numbered("      %d: {outcome: REVIEW}\n", 1_000),
		"billing":  "billing:\n  rules:\n" + numbered("    - {name: b%d, when: {}, flag: BILLABLE, origin: operator}\n", 1_000),
		"codes":    "codes:\n" + numbered("  - {code: %d, effect: POSITIVE, origin: operator}\n", 1_000),
		"steps": "flow:\n" + strings.Repeat("  - {from: [new, "+numbered("s%d, ", 60)+"], to: [pending, "+numbered("s%d, ", 60)+"], "+
			"origin: source}\n", 20),
		"deep": "flow: " + strings.Repeat("[", 1_000),
	} {
		t.Run(name, func(t *testing.T) {
			text := "vocabulary: fourthline-idv\n" + content
			_, err := rules.LoadOver(nil, fstest.MapFS{"hostile.yaml": {Data: []byte(text)}})
			var mistakes rules.Mistakes
			if !errors.As(err, &mistakes) || len(mistakes) == 0 {
				t.Fatalf("error %v", err)
			}
			for _, m := range mistakes {
				if m.Line < 1 || m.Column < 1 || len(m.Text) > 2_000 {
					t.Fatalf("%d:%d, %d bytes of text", m.Line, m.Column, len(m.Text))
				}
			}
		})
	}
}
