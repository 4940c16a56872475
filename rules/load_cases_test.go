package rules_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"verdict/rules"
)

// Each fixture of invalid/cases is files of cases with a mistake; the section want is what the loader says of them, to
// the letter.
func TestInvalidCases(t *testing.T) {
	for _, path := range caseFixtures(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files, want := fstest.MapFS{}, &archive.Files[len(archive.Files)-1]
			for _, f := range archive.Files[:len(archive.Files)-1] {
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			var mistakes rules.Mistakes
			if _, err := rules.LoadCases(files); !errors.As(err, &mistakes) {
				t.Fatalf("the loader accepts the cases (error %v)", err)
			}
			got := mistakes.Error() + "\n"
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want.Name != "want" || got != string(want.Data) {
				t.Errorf("the loader says\n%swanted\n%s", got, want.Data)
			}
		})
	}
}

func caseFixtures(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("invalid/cases/*.txtar")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d fixtures, error %v", len(paths), err)
	}
	return paths
}

const someCases = `
defaults:
  event: {provider: yousign, product: video, metadata: {a: b}}
  topic: {integration: sdk}
  at: 2026-11-20T08:00:00+01:00
cases:
  - name: one
    event: {status: declined, codes: [2301, "IDVV_2302"], metadata: {}, risk_code: null}
    key: k
    expect:
      decision: {primary_code: 2301, anomalies: [], risk: null, retry: {advice: OPTIONAL}}
      billing: none
  - name: two
    todo: not yet
    topic: {format: yousign, account: w}
    events:
      - {body: {"data": {"n": 1.50, "on": true}}, at: 2026-11-20T09:00:00Z, key: null}
      - body: 'no JSON'
        expect: {rejected: malformed_json}
`

func TestLoadCases(t *testing.T) {
	all, err := rules.LoadCases(fstest.MapFS{"cases/a.yaml": {Data: []byte(someCases)}, "cases/README.md": {},
		"a.yaml": {Data: []byte("no: case")}, "cases/..data/b.yaml": {Data: []byte("no: case")}})
	if err != nil || len(all) != 2 {
		t.Fatalf("%d cases, error %v", len(all), err)
	}
	one, two := all[0], all[1]
	if one.Name != "one" || one.File != "cases/a.yaml" || one.Line != 7 || one.Todo != "" || two.Todo != "not yet" {
		t.Errorf("%+v, %+v", one, two)
	}
	e := one.Events[0]
	if got, want := string(e.Value), `{"status":"declined","codes":[2301,"IDVV_2302"],"metadata":{},"risk_code":null,`+
		`"provider":"yousign","product":"video","verification_id":"v-1"}`; got != want {
		t.Errorf("the event is %s, not %s", got, want)
	}
	if string(e.Key) != "k" || e.Keyless || !e.At.Equal(time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("key %q, at %s", e.Key, e.At)
	}
	decision := e.Expect[0].Fields
	if decision[0].Text != "2301" || decision[1].Kind != rules.WantList || len(decision[1].Parts) != 0 ||
		decision[2].Kind != rules.WantNull || decision[3].Parts[0].Text != "OPTIONAL" || !e.Expect[1].None {
		t.Errorf("expected %+v", e.Expect)
	}
	first, second := two.Events[0], two.Events[1]
	if string(first.Value) != `{"data":{"n":1.50,"on":true}}` || !first.Keyless || len(first.Expect) != 0 ||
		first.Topic.Format != "yousign" || first.Topic.Integration != "sdk" || first.Topic.Account != "w" {
		t.Errorf("%s %+v", first.Value, first)
	}
	if string(second.Value) != "no JSON" || second.Rejected != "malformed_json" || second.Keyless ||
		!second.At.Equal(first.At) {
		t.Errorf("%s %+v", second.Value, second)
	}
}

func TestNoCases(t *testing.T) {
	if all, err := rules.LoadCases(fstest.MapFS{"catalog.yaml": {}}); err != nil || all != nil {
		t.Errorf("%v, error %v", all, err)
	}
	_, err := rules.LoadCases(unreadable{})
	if err == nil || !strings.Contains(err.Error(), "cases:1:1: cannot list the directory of cases: ") {
		t.Errorf("error %v", err)
	}
}

type unreadable struct{}

func (unreadable) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

// FuzzLoadCases: whatever is in a file of cases, it is cases or mistakes with places.
func FuzzLoadCases(f *testing.F) {
	f.Add([]byte(someCases))
	paths, err := filepath.Glob("invalid/cases/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		all, err := rules.LoadCases(fstest.MapFS{"cases/a.yaml": {Data: content}})
		var mistakes rules.Mistakes
		if errors.As(err, &mistakes) {
			for _, m := range mistakes {
				if m.Line < 1 || m.Column < 1 || m.Text == "" {
					t.Errorf("a mistake without a place: %v", m)
				}
			}
			return
		}
		for _, c := range all {
			if err != nil || c.Name == "" || len(c.Events) == 0 {
				t.Errorf("%+v, error %v", c, err)
			}
		}
	})
}
