package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"verdict/cmd/verdict/config"
	"verdict/rules"
)

// reloading is a reloader whose rules decide nothing.
type reloading struct {
	*reloader
	t       *testing.T
	dir     string          // a link to what the rules are in
	taken   []string        // versions that were taken over
	decided map[string]bool // by product
	logs    *observer.ObservedLogs
	shown   *prometheus.Registry
}

// newReloading begins with rules of version "first", in a directory that a link leads to.
func newReloading(t *testing.T, sets ...string) *reloading {
	t.Helper()
	l := &reloading{t: t, dir: filepath.Join(t.TempDir(), "rules"), decided: map[string]bool{}}
	l.link(writeRules(t, "first"))
	cfg, err := config.Load(config.Sources{Set: append(sets, "catalog.dir="+l.dir)})
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zapcore.InfoLevel)
	l.logs = logs
	p := &Pipeline{cfg: cfg, version: "test", log: zap.New(core)}
	source := takeSnapshot(pathsOf(rulesDirs(cfg)))
	if p.rules, err = p.load(source); err != nil {
		t.Fatal(err)
	}
	l.shown = prometheus.NewRegistry()
	metrics := newRulesMetrics(l.shown, "test")
	metrics.taken(p.rules.Catalog.Version)
	l.reloader = &reloader{dirs: pathsOf(rulesDirs(cfg)), load: p.load, metrics: metrics, log: p.log,
		settle: func(context.Context) {}, rules: p.rules, runs: source.sum, files: source.names(), patience: time.Minute,
		drops: func(from, to *Rules) error {
			return dropped(cfg, from, to, p.needs(func(_, product string) bool { return l.decided[product] }))
		},
		use: func(r *Rules) { l.taken = append(l.taken, r.Catalog.Version) }}
	return l
}

// wrongCase expects what the rules do not say.
const wrongCase = `cases:
  - name: a case that fails
    event: {provider: yousign, product: video, status: approved}
    expect: {decision: {outcome: DECLINED}}
`

// writeRules makes a directory with the built-in rules under another version. A case of the version "failing" fails,
// and one of "finished" passes though it is marked with todo.
func writeRules(t *testing.T, version string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, rules.EmbeddedFS()); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "catalog.yaml"), "version: "+version+"\n")
	cases := filepath.Join(dir, rules.CasesDir)
	if err := errors.Join(os.RemoveAll(cases), os.Mkdir(cases, 0o700)); err != nil {
		t.Fatal(err)
	}
	if version == "failing" {
		write(t, filepath.Join(cases, "wrong.yaml"), wrongCase)
	}
	if version == "finished" {
		right := strings.Replace(wrongCase, "DECLINED", "APPROVED", 1)
		write(t, filepath.Join(cases, "done.yaml"), right+"    todo: soon\n")
	}
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// link has the link lead elsewhere, in one step.
func (l *reloading) link(to string) {
	l.t.Helper()
	next := l.dir + ".next"
	if err := errors.Join(os.Symlink(to, next), os.Rename(next, l.dir)); err != nil {
		l.t.Fatal(err)
	}
}

// stands checks which rules run, how many were taken over, and what metrics and log say of the last look.
func (l *reloading) stands(version string, taken, refused int, said string) {
	l.t.Helper()
	if got := l.rules.Catalog.Version; !strings.HasPrefix(got, version+"+") {
		l.t.Errorf("rules %s run, want %s", got, version)
	}
	if len(l.taken) != taken {
		l.t.Errorf("taken over: %v, want %d", l.taken, taken)
	}
	if got := l.value("verdict_rules_refused_total"); got != float64(refused) {
		l.t.Errorf("%v were refused, want %d", got, refused)
	}
	for _, name := range []string{"verdict_build_info", "verdict_rules_info"} {
		if got := l.versions(name); len(got) != 1 || got[0] != l.rules.Catalog.Version {
			l.t.Errorf("%s has the versions %v", name, got)
		}
	}
	var text strings.Builder
	success := 1.0
	for _, entry := range l.logs.TakeAll() {
		fmt.Fprintln(&text, entry.Message, entry.ContextMap())
		if entry.Level == zapcore.ErrorLevel {
			success = 0
		}
	}
	if said == "" && text.Len() > 0 || !strings.Contains(text.String(), said) {
		l.t.Errorf("the log says %q, want %q", text.String(), said)
	}
	if got := l.value("verdict_rules_last_reload_successful"); said != "" && got != success {
		l.t.Errorf("success is %v, want %v", got, success)
	}
}

// value reads a metric without labels.
func (l *reloading) value(name string) (value float64) {
	l.t.Helper()
	families, err := l.shown.Gather()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			value = f.Metric[0].GetGauge().GetValue() + f.Metric[0].GetCounter().GetValue()
		}
	}
	return value
}

// versions lists the label rules_version of a metric.
func (l *reloading) versions(name string) (versions []string) {
	l.t.Helper()
	families, err := l.shown.Gather()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			for _, label := range m.Label {
				if f.GetName() == name && label.GetName() == "rules_version" {
					versions = append(versions, label.GetValue())
				}
			}
		}
	}
	return versions
}

// lookAgain looks by the clock, until what is there has been the same for long enough.
func (l *reloading) lookAgain() {
	l.look(l.t.Context(), false)
	if l.seen != "" {
		l.look(l.t.Context(), false)
	}
}

func removeAll(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// rename writes something else for a text in a file.
func rename(t *testing.T, file, from, to string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(content), from) {
		t.Fatalf("no %q in %s: %v", from, file, err)
	}
	write(t, file, strings.Replace(string(content), from, to, 1))
}

// lineOf is the number of the first line of a file that begins with a text.
func lineOf(t *testing.T, file, begin string) int {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(content), "\n") {
		if strings.HasPrefix(line, begin) {
			return i + 1
		}
	}
	t.Fatalf("no line of %s begins with %q", file, begin)
	return 0
}
