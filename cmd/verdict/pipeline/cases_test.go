package pipeline

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/cmd/verdict/cases"
	"verdict/cmd/verdict/config"
	"verdict/rules"
)

// TestCasesBelowAnOverlay: whatever an overlay says, a case of the catalog below must pass on that. What passes there
// and not with the overlay is changed, and no failure.
func TestCasesBelowAnOverlay(t *testing.T) {
	dir, overlay := writeRules(t, "failing"), t.TempDir()
	write(t, filepath.Join(dir, "cases", "yousign.yaml"), `cases:
  - name: another meaning
    event: {provider: yousign, product: video, status: approved}
    expect: {billing: {flag: BILLABLE}}
`)
	write(t, filepath.Join(overlay, "mine.yaml"), `vocabulary: yousign-video
billing:
  rules:
    - {name: charged, flag: NOT_BILLABLE, origin: operator}
`)
	write(t, filepath.Join(mkdir(t, overlay, "cases"), "mine.yaml"), `cases:
  - name: mine
    event: {provider: yousign, product: video, status: approved}
    expect: {billing: {flag: NOT_BILLABLE}}
`)
	cfg, err := config.Load(config.Sources{Set: []string{"catalog.dir=" + dir, "catalog.overlay=" + overlay}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadRules(cfg)
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(dir, "cases", "wrong.yaml") + ":2: a case that fails: decision.outcome"
	report, err := TestOwn(cfg, "test", r)
	if err == nil || !strings.HasSuffix(err.Error(), wrong) || report.Count(nil, cases.Passed) != 2 {
		t.Errorf("at a start: %v, %+v", err, report)
	}
	suites, err := LoadCases(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if report, err = TestRules(cfg, "test", r, suites); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		name    string
		verdict cases.Verdict
	}{{"a case that fails", cases.Failed}, {"another meaning", cases.Changed}, {"mine", cases.Passed}} {
		for _, one := range report.Results {
			if one.Case.Name == want.name && one.Verdict != want.verdict {
				t.Errorf("%s has the verdict %d, want %d", want.name, one.Verdict, want.verdict)
			}
		}
	}
	var text strings.Builder
	report.WriteText(&text)
	if want := "2 cases in " + dir + ": 1 failed, 1 changed"; !strings.Contains(text.String(), want) {
		t.Errorf("no %q in\n%s", want, text.String())
	}
}

func mkdir(t *testing.T, elements ...string) string {
	t.Helper()
	dir := filepath.Join(elements...)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestOwnCases: the cases of the operator's own rules must pass; where there are none, nothing is asked.
func TestOwnCases(t *testing.T) {
	const passes = `
cases:
  - name: one
    event: {provider: yousign, product: video, status: approved}
    expect: {decision: {outcome: APPROVED}}
`
	for _, c := range []struct{ name, dir, content, want string }{
		{"no rules of one's own", "", "", ""},
		{"they pass", "mine", passes, ""},
		{"one fails", "mine", strings.ReplaceAll(passes, "APPROVED", "REVIEW"),
			"1 case failed, `verdict test` with the same settings shows their values:\n" +
				"mine/cases/a.yaml:3: one: decision.outcome"}, // a log has no value of a case
		{"one is done", "mine", passes + "    todo: some day\n", ""},
		{"they cannot be read", "mine", "cases: 5\n",
			"the cases in mine cannot be used:\nmine/cases/a.yaml:1:8: cases is the number 5; write a list: [...]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := config.Load(config.Sources{})
			if err != nil {
				t.Fatal(err)
			}
			cfg.Catalog.Dir = c.dir
			files := fstest.MapFS{rules.CasesDir + "/a.yaml": {Data: []byte(c.content)}}
			got := ""
			open := func(string) (fs.FS, error) { return files, nil }
			if _, err := testOwn(cfg, "test", BuiltIn(), open); err != nil {
				got = err.Error()
			}
			if !strings.HasSuffix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("error\n%s\nnot\n%s", got, c.want)
			}
		})
	}
}
