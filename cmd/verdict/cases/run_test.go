package cases_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/cmd/verdict/cases"
	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/rules"
)

var update = flag.Bool("update", false, "write testdata anew")

// TestBuiltInCases: the built-in catalog decides what its cases say, and each of its rows has one.
func TestBuiltInCases(t *testing.T) {
	own, err := rules.LoadCases(rules.EmbeddedFS())
	if err != nil {
		t.Fatal(err)
	}
	report := run(t, &cases.Suite{Cases: own})
	if report.Count(nil, cases.Passed) != len(own) || len(own) < 400 || len(report.Unnamed) > 0 {
		var text strings.Builder
		report.WriteText(&text)
		t.Error(text.String())
	}
}

func run(t testing.TB, suites ...*cases.Suite) *cases.Report {
	t.Helper()
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := pipeline.TestRules(cfg, "test", pipeline.BuiltIn(), suites)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// load reads one file of cases.
func load(t testing.TB, content string) []*rules.Case {
	t.Helper()
	list, err := rules.LoadCases(fstest.MapFS{"cases/mine.yaml": {Data: []byte(content)}})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestReport compares what is said of cases that fail in each way, as text and as JUnit, with testdata.
func TestReport(t *testing.T) {
	content, err := os.ReadFile("testdata/mine.yaml")
	if err != nil {
		t.Fatal(err)
	}
	report := run(t, &cases.Suite{Cases: load(t, builtIn), Others: true},
		&cases.Suite{Dir: "dir", Cases: load(t, string(content))})
	var text, junit strings.Builder
	report.WriteText(&text)
	if err := report.WriteJUnit(&junit); err != nil {
		t.Fatal(err)
	}
	if n := report.Failures(); n != report.Count(nil, cases.Failed, cases.Finished) || n == 0 {
		t.Errorf("%d failures", n)
	}
	told, _, _ := strings.Cut(text.String(), "no case names") // that changes with each row of the catalog
	golden(t, "testdata/report.txt", told)
	golden(t, "testdata/report.xml", junit.String())
}

// What a start says of many cases that fail is short, and says no value of them.
func TestErrNamesTheFirstCases(t *testing.T) {
	var file strings.Builder
	file.WriteString("cases:\n")
	for i := range 25 {
		fmt.Fprintf(&file, "  - {name: c%d, event: {provider: yousign, product: video, status: approved, "+
			"subject_ref: secret}, expect: {decision: {outcome: REVIEW, subject_ref: other}}}\n", i)
	}
	text := run(t, &cases.Suite{Dir: "dir", Cases: load(t, file.String())}).Err().Error()
	if lines := strings.Split(text, "\n"); len(lines) != 22 || !strings.HasPrefix(lines[0], "25 cases failed, ") ||
		lines[20] != "dir/cases/mine.yaml:21: c19: decision.outcome, decision.subject_ref" || lines[21] != "and 5 more" {
		t.Error(text)
	}
	for _, value := range []string{"secret", "other", "REVIEW"} {
		if strings.Contains(text, value) {
			t.Errorf("it says %s: %s", value, text)
		}
	}
}

// builtIn stands for cases of rules below those under test: one has changed.
const builtIn = `
cases:
  - name: it is as before
    event: {provider: yousign, product: video, status: approved}
    expect: {decision: {outcome: APPROVED}}
  - name: it has changed
    event: {provider: yousign, product: video, status: approved}
    expect: {decision: {outcome: REVIEW}}
  - name: it was to be done
    todo: some time
    event: {provider: yousign, product: video, status: approved}
    expect: {decision: {outcome: APPROVED}}
`

// golden compares a text with a file, but for the lines of the catalog, which move with each row.
func golden(t *testing.T, path, got string) {
	t.Helper()
	got = rowLine.ReplaceAllString(got, "$1:N")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nnot\n%s", path, got, want)
	}
}

// TestUnnamed: a row that an event has is named, whatever is expected of it, but by a case that is yet to do.
func TestUnnamed(t *testing.T) {
	report := run(t, &cases.Suite{Cases: load(t, `
defaults: {event: {provider: yousign, product: video}}
cases:
  - {name: a, event: {status: declined, codes: [2301, 2999]}, expect: {decision: {final: true}}}
  - {name: b, event: {status: inconclusive, codes: [IDVV_1301]}, expect: {decision: {final: true}}}
  - {name: c, event: {status: verified}, expect: {decision: {final: true}}}
  - {name: d, todo: later, event: {status: declined, codes: [1302]}, expect: {decision: {outcome: APPROVED}}}
`)})
	names := map[string]string{}
	for _, u := range report.Unnamed {
		names[u.Vocabulary+" "+u.Kind] = strings.Join(u.Names, " ")
	}
	for kind, want := range map[string]string{
		"yousign-video status": "pending", "yousign-video range": "1000-1999 3000-3999",
		"yousign-video billing rule": "not_yet",
		"fourthline-docauth status":  "new pending inconsistent_data invalid_data completed",
	} {
		if names[kind] != want {
			t.Errorf("no case names the %s %q, not %q", kind, names[kind], want)
		}
	}
	if codes := " " + names["yousign-video code"] + " "; strings.Contains(codes, " 2301 ") ||
		strings.Contains(codes, " 1301 ") || !strings.Contains(codes, " 1302 ") {
		t.Errorf("codes %s", codes)
	}
}

// BenchmarkCases reads and runs ten thousand cases.
func BenchmarkCases(b *testing.B) {
	const copies = 21
	built, files := rules.EmbeddedFS(), fstest.MapFS{}
	names, err := fs.Glob(built, "cases/*.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(built, name)
		if err != nil {
			b.Fatal(err)
		}
		for i := range copies {
			files[fmt.Sprintf("cases/%d-%s", i, path.Base(name))] = &fstest.MapFile{Data: content}
		}
	}
	for b.Loop() {
		list, err := rules.LoadCases(files)
		if err != nil {
			b.Fatal(err)
		}
		if report := run(b, &cases.Suite{Cases: list}); len(list) < 10_000 || report.Failures() > 0 {
			b.Fatalf("%d cases, %d failures", len(list), report.Failures())
		}
	}
}
