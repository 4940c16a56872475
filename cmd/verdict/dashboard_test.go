package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dashboard is deploy/dashboard.json, as Grafana exports it. There is no program that makes it: who changes it does so
// in Grafana, and exports it, or in the file; this test holds what must hold.
type dashboard struct {
	UID        string
	Panels     []panel
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
}

type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Datasource  struct{ Type, UID string }
	FieldConfig struct {
		Defaults struct{ Unit string }
	}
	Targets []struct{ RefID, Expr, LegendFormat string }
}

func theDashboard(t *testing.T, text string) dashboard {
	t.Helper()
	var d dashboard
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Panels) < 20 {
		t.Fatalf("%d panels", len(d.Panels))
	}
	return d
}

func dashboardText(t *testing.T) string {
	t.Helper()
	return read(t, filepath.Join(root, "deploy/dashboard.json"))
}

// lacks says what the dashboard's queries read that is not there.
func (d dashboard) lacks(have series) (lacks []string) {
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			for _, lack := range have.lacks(target.Expr) {
				lacks = append(lacks, fmt.Sprintf("panel %s: %s", p.Title, lack))
			}
			for _, m := range inLegend.FindAllStringSubmatch(target.LegendFormat, -1) {
				if label := m[1]; !have.labels(target.Expr, label) {
					lacks = append(lacks, fmt.Sprintf("panel %s: its legend shows the label %s", p.Title, label))
				}
			}
		}
	}
	for _, v := range d.Templating.List {
		if of := labelValues.FindStringSubmatch(v.Definition); of != nil && have[of[1]] == nil {
			lacks = append(lacks, fmt.Sprintf("variable %s: no metric %s", v.Name, of[1]))
		}
	}
	return lacks
}

var inLegend = regexp.MustCompile(`{{(\w+)}}`)

// labels says whether a metric of the query has a label, or whoever scrapes it adds it.
func (s series) labels(query, label string) bool {
	for name, labels := range s {
		if strings.Contains(query, name+"{") && labels[label] != nil {
			return true
		}
	}
	return slices.Contains(targetLabels, label)
}

var labelValues = regexp.MustCompile(`^label_values\((\w+), \w+\)$`)

// TestDashboardReadsWhatIsThere: a panel on a metric that nobody writes looks like a quiet system. Each metric of the
// dashboard under another name, and each label, is found.
func TestDashboardReadsWhatIsThere(t *testing.T) {
	have := seriesOf(everyMetric(t))
	text := dashboardText(t)
	for _, lack := range theDashboard(t, text).lacks(have) {
		t.Error(lack)
	}
	names := regexp.MustCompile(`\b(verdict|process|go)_\w+`).FindAllString(text, -1)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		renamed := regexp.MustCompile(`\b`+name+`\b`).ReplaceAllString(text, name+"_now")
		if theDashboard(t, renamed).lacks(have) == nil {
			t.Errorf("%s under another name is not missed", name)
		}
	}
	for _, label := range []string{"version", "rules_version"} { // the columns of the table of versions
		if !have.labels("verdict_build_info{}", label) {
			t.Errorf("verdict_build_info has no label %s", label)
		}
	}
	if renamed := strings.ReplaceAll(text, "{{vocabulary}}", "{{vocabulary_now}}"); renamed == text ||
		theDashboard(t, renamed).lacks(have) == nil {
		t.Error("a legend with a label under another name is not missed")
	}
	for _, label := range []string{"outcome", "vocabulary", "reason", "topic", "billing_flag", "le"} {
		renamed := strings.ReplaceAll(text, "by ("+label+")", "by ("+label+"_now)")
		if renamed == text || theDashboard(t, renamed).lacks(have) == nil {
			t.Errorf("the label %s under another name is not missed", label)
		}
	}
}

// TestDashboardsPanels: each says what it shows and in which unit, of the group and Prometheus that are chosen.
func TestDashboardsPanels(t *testing.T) {
	d := theDashboard(t, dashboardText(t))
	if d.UID != "verdict" {
		t.Errorf("uid %q: links to it would lead nowhere", d.UID)
	}
	seen := map[string]bool{}
	for _, p := range d.Panels {
		for _, name := range []string{p.Title, fmt.Sprint("id ", p.ID)} {
			if seen[name] {
				t.Errorf("two panels have the %s", name)
			}
			seen[name] = true
		}
		if p.Type == "row" {
			continue
		}
		if !slices.Contains([]string{"timeseries", "stat", "table", "bargauge"}, p.Type) {
			t.Errorf("%s is a %s", p.Title, p.Type)
		}
		if !strings.HasSuffix(p.Description, ".") || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("%s: description %q, unit %q, %d queries", p.Title, p.Description, p.FieldConfig.Defaults.Unit,
				len(p.Targets))
		}
		if p.Datasource.UID != "${datasource}" {
			t.Errorf("%s reads from %q, not from the data source that is chosen", p.Title, p.Datasource.UID)
		}
		for _, target := range p.Targets {
			for _, name := range metricsIn(t, target.Expr) {
				if strings.Count(target.Expr, name) > strings.Count(target.Expr, name+`{job="$job"`) {
					t.Errorf("%s: %s is not of the chosen group: %s", p.Title, name, target.Expr)
				}
			}
		}
	}
}

// TestDashboardsPanelsDoNotOverlap, and are within Grafana's 24 columns.
func TestDashboardsPanelsDoNotOverlap(t *testing.T) {
	at := map[[2]int]string{}
	for _, p := range theDashboard(t, dashboardText(t)).Panels {
		g := p.GridPos
		if g.X < 0 || g.W < 1 || g.H < 1 || g.X+g.W > 24 {
			t.Errorf("%s is at %+v", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := at[[2]int{x, y}]; other != "" && other != p.Title {
					t.Fatalf("%s overlaps %s", p.Title, other)
				}
				at[[2]int{x, y}] = p.Title
			}
		}
	}
}
