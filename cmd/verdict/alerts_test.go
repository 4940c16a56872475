package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// alert is one of deploy/alerts.yaml.
type alert struct {
	Alert       string
	Expr        string
	For         time.Duration
	Labels      struct{ Severity string }
	Annotations map[string]string
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root, "deploy/alerts.yaml"))), &file); err != nil {
		t.Fatal(err)
	}
	var all []alert
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 10 {
		t.Fatalf("%d alerts", len(all))
	}
	return all
}

var grouping = regexp.MustCompile(`by \(([^)]*)\)`)

// TestAlertsSayWhatIsNeeded: whoever is woken sees how bad it is, where it is, and where to read on.
func TestAlertsSayWhatIsNeeded(t *testing.T) {
	for _, a := range alerts(t) {
		if a.For < time.Minute {
			t.Errorf("%s: for %s; what is over within a minute is no alert", a.Alert, a.For)
		}
		if !slices.Contains([]string{"page", "ticket", "info"}, a.Labels.Severity) {
			t.Errorf("%s: severity %q", a.Alert, a.Labels.Severity)
		}
		if want := "docs/runbook.md#" + strings.ToLower(a.Alert); a.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url %q, want %q", a.Alert, a.Annotations["runbook_url"], want)
		}
		if d := a.Annotations["description"]; !strings.HasSuffix(d, ".") || strings.Contains(d, ". ") {
			t.Errorf("%s: the description is not one sentence: %s", a.Alert, d)
		}
		where := "job, instance"
		if m := grouping.FindStringSubmatch(a.Expr); m != nil {
			where = m[1]
		}
		labels := strings.Split(where, ", ")
		if len(labels) > 1 {
			labels = labels[1:] // the job is said where nothing else is
		}
		if a.Alert == "VerdictAllInstancesGone" {
			labels = []string{"job"}
		}
		for _, label := range labels {
			if !strings.Contains(a.Annotations["summary"], "{{ $labels."+label+" }}") {
				t.Errorf("%s: the summary does not name the %s: %s", a.Alert, label, a.Annotations["summary"])
			}
		}
	}
}

// TestAlertsReadWhatIsThere: an alert on a metric that nobody writes looks like a quiet night. A counter that is made
// when it is first counted begins at 1, which is no increase, so those that alerts read are there from the start.
func TestAlertsReadWhatIsThere(t *testing.T) {
	every, idle := seriesOf(everyMetric(t)), seriesOf(idleMetrics(t))
	for _, a := range alerts(t) {
		for _, lack := range every.lacks(a.Expr) {
			t.Errorf("%s: %s", a.Alert, lack)
		}
		if strings.Contains(a.Expr, "increase(") {
			for _, lack := range idle.lacks(a.Expr) {
				t.Errorf("%s: at the start %s", a.Alert, lack)
			}
		}
	}
}

// alertTest is a test of promtool's in deploy/alerts*_test.yaml.
type alertTest struct {
	Name        string
	InputSeries []struct{ Series, Values string } `yaml:"input_series"`
	Alerts      []struct {
		Name string        `yaml:"alertname"`
		At   time.Duration `yaml:"eval_time"`
		Fire []any         `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

var (
	unseen    = regexp.MustCompile(`( |^)(_|stale)( |$)`)
	restarted = regexp.MustCompile(` 0([+x]\S*)?( |$)`)
)

// TestEveryAlertIsTested: firing and silent, with a scrape that is missing, and a restart where counters are read.
// `make alerts` runs those tests.
func TestEveryAlertIsTested(t *testing.T) {
	type shown struct{ fires, silent, unseen, restarted bool }
	tested, known := map[string]shown{}, map[string]alert{}
	for _, a := range alerts(t) {
		known[a.Alert] = a
	}
	for _, path := range files(t, "deploy/alerts*_test.yaml") {
		var file struct{ Tests []alertTest }
		if err := yaml.Unmarshal([]byte(read(t, path)), &file); err != nil {
			t.Fatal(err)
		}
		for _, test := range file.Tests {
			for _, look := range test.Alerts {
				s, about := tested[look.Name], known[look.Name]
				s.fires = s.fires || len(look.Fire) > 0
				most, of := 0, map[string]int{} // series of each metric that the alert reads
				for _, in := range test.InputSeries {
					name, _, _ := strings.Cut(in.Series, "{")
					if !strings.Contains(about.Expr, name) {
						continue
					}
					of[name]++
					most = max(most, of[name])
					s.unseen = s.unseen || unseen.MatchString(in.Values) || name == "up"
					s.restarted = s.restarted || restarted.MatchString(in.Values)
				}
				// Silent for a series that could have fired: a look before `for` is over shows nothing.
				s.silent = s.silent || len(look.Fire) < most && look.At > about.For
				tested[look.Name] = s
			}
		}
	}
	for _, a := range alerts(t) {
		counters := strings.Contains(a.Expr, "increase(")
		if s := tested[a.Alert]; !s.fires || !s.silent || !s.unseen || counters && !s.restarted {
			t.Errorf("%s is not tested in each way: %+v", a.Alert, s)
		}
		delete(tested, a.Alert)
	}
	for name := range tested {
		t.Errorf("%s is tested, and there is no such alert", name)
	}
}
