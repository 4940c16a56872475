package diff

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/processor/state"
	"verdict/rules"
)

// edits of the built-in catalog that change an outcome, charges, a range, a step of the flow, and what is a repeat.
var edits = [][2]string{
	{"      300:\n        outcome: REVIEW\n        origin: policy", "      300:\n        outcome: APPROVED\n        origin: operator"},
	{"report_available: true\n        retry: {advice: AWAIT_REVIEW, scope: NONE, origin: policy}\n      400:",
		"report_available: true\n        retry: {advice: NOT_APPLICABLE, scope: NONE, origin: operator}\n      400:"},
	{"billing:\n  otherwise: {name: silent, flag: UNDETERMINED, origin: source}",
		"billing:\n  rules:\n    - {name: refused, when: {status: [completed], risk_code: [500]}, flag: BILLABLE, origin: operator}\n" +
			"  otherwise: {name: silent, flag: UNDETERMINED, origin: source}"},
	{"  - {from: new, to: invalid_data, origin: reading}\n", ""},
	{"series: home address, category: DATA, disclosable: true", "series: home address, category: UNKNOWN, disclosable: false"},
}

// edited is the built-in catalog with edits and without the files that are gone, as the rules of a directory.
func edited(t testing.TB, gone ...string) *pipeline.Rules {
	t.Helper()
	names, err := fs.Glob(rules.EmbeddedFS(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := fstest.MapFS{}
	done := make([]bool, len(edits))
	for _, name := range names {
		content, err := fs.ReadFile(rules.EmbeddedFS(), name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		for i, e := range edits {
			if !done[i] && strings.Contains(text, e[0]) && name == "fourthline-idv.yaml" {
				text, done[i] = strings.Replace(text, e[0], e[1], 1), true
			}
		}
		own[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for i, e := range edits {
		if !done[i] {
			t.Fatalf("no file has %q", e[0])
		}
	}
	for _, name := range gone {
		delete(own, name)
	}
	dir := t.TempDir()
	for name, file := range own {
		writeFile(t, dir, name, file.Data)
	}
	r, err := pipeline.RulesIn(settings(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// alone is one side by itself.
type alone struct {
	p     *processor.Processor
	store *state.Store
	res   processor.Result
}

func newAlone(cfg *config.Loaded, r *pipeline.Rules) *alone {
	return &alone{p: pipeline.NewComparing(cfg, "test", r, &pipeline.Input{}, nil), store: state.New(state.Options{})}
}

func (a *alone) process(t *testing.T, r processor.Record) {
	if err := a.p.Process(&r, a.store, &a.res); err != nil {
		t.Fatal(err)
	}
	if a.res.Followed {
		a.store.Put(a.res.Key, &a.res.Memory)
	}
}

// TestSidesKnowWhatEachHasDecided: what the sides know is kept once where it is the same, and each decides as if it
// were alone: also where one of them does not have a vocabulary, and its events are dead letters there.
func TestSidesKnowWhatEachHasDecided(t *testing.T) {
	cfg := settings(t)
	for name, pair := range map[string][2]*pipeline.Rules{
		"same":          {pipeline.BuiltIn(), pipeline.BuiltIn()},
		"other":         {pipeline.BuiltIn(), edited(t, "ubble-idv.yaml")},
		"the other way": {edited(t, "ubble-idv.yaml"), pipeline.BuiltIn()},
	} {
		t.Run(name, func(t *testing.T) {
			old, now := newAlone(cfg, pair[0]), newAlone(cfg, pair[1])
			both := sides{old: pipeline.NewComparing(cfg, "test", pair[0], &pipeline.Input{}, nil),
				new: pipeline.NewComparing(cfg, "test", pair[1], &pipeline.Input{}, nil)}
			m := newMemories(state.Options{})
			defer m.free()
			differ := 0
			for n, line := range generated(6_000) {
				r := processor.Record{Topic: "raw", Offset: int64(n), Timestamp: at.UnixMilli(), Value: line}
				old.process(t, r)
				now.process(t, r)
				var was, is said
				if err := both.process(&r, m, &was, &is); err != nil {
					t.Fatal(err)
				}
				same(t, n, &old.res, &both.oldResult)
				same(t, n, &now.res, &both.newResult)
				if old.res.Memory != now.res.Memory {
					differ++
				}
			}
			if known := old.store.Len(); name == "same" && m.apart.Len() != 0 {
				t.Errorf("%d of %d verifications are kept twice", m.apart.Len(), known)
			}
			if name != "same" && (differ == 0 || m.apart.Len() == 0) {
				t.Error("the sides have never known something else")
			}
		})
	}
}

func same(t *testing.T, n int, wanted, got *processor.Result) {
	t.Helper()
	if (wanted.Decision == nil) != (got.Decision == nil) || wanted.Effects != got.Effects ||
		wanted.Followed && wanted.Memory != got.Memory {
		t.Fatalf("line %d: wanted %+v %+v\ngot %+v %+v", n+1, wanted.Effects, wanted.Memory, got.Effects, got.Memory)
	}
	if d := wanted.Decision; d != nil && (d.ID != got.Decision.ID || d.Lifecycle != got.Decision.Lifecycle ||
		d.Anomalies != got.Decision.Anomalies) {
		t.Fatalf("line %d: wanted %+v\ngot %+v", n+1, d, got.Decision)
	}
}

var at = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

// generated are lines in which much goes wrong on the way.
func generated(count int) [][]byte {
	g := events.NewGenerator(rules.Embedded(), 3, events.GeneratorStart)
	g.Mix = events.Mix{Repeats: 0.1, Late: 0.1, Reversed: 0.05}
	lines := make([][]byte, count)
	for i := range lines {
		lines[i] = g.Next().Value
	}
	return lines
}
