package pipeline

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/cmd/verdict/config"
	"verdict/rules"
)

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
