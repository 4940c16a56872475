package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
)

// TestMetricsPage holds the page of metrics equal to what an instance shows after each was counted.
func TestMetricsPage(t *testing.T) {
	var page strings.Builder
	for _, f := range ourMetrics(t) {
		page.WriteString(metricEntry(f))
	}
	holdPage(t, "docs/metrics.md", map[string]string{"metrics": page.String()})
}

// ourMetrics are those that are not Go's and the process's: these differ from one Go and system to the next.
func ourMetrics(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	ours := slices.DeleteFunc(slices.Clone(everyMetric(t)),
		func(f *dto.MetricFamily) bool { return !strings.HasPrefix(f.GetName(), "verdict_") })
	if len(ours) < 40 {
		t.Fatalf("%d metrics", len(ours))
	}
	return ours
}

// metricEntry is what the page has of one metric.
func metricEntry(f *dto.MetricFamily) string {
	kind := strings.ToLower(f.GetType().String())
	if unit := unitOf(f.GetName()); unit != "" {
		kind += ", " + unit
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n*%s.* %s\n", f.GetName(), strings.ToUpper(kind[:1])+kind[1:],
		screen.Wrap(f.GetHelp(), widestLine-len(kind)-4, ""))
	if labels := labelsOf(f); len(labels) > 0 {
		b.WriteString("\n")
		for _, name := range slices.Sorted(maps.Keys(labels)) {
			fmt.Fprintf(&b, "- %s\n", screen.Wrap(fmt.Sprintf("`%s`: %s", name, labels[name]), widestLine, "  "))
		}
	}
	b.WriteString("\n")
	return b.String()
}

func unitOf(name string) string {
	switch {
	case strings.HasSuffix(name, "_timestamp_seconds"):
		return "seconds since 1970 UTC"
	case strings.HasSuffix(name, "_seconds"):
		return "seconds"
	case strings.HasSuffix(name, "_bytes"):
		return "bytes"
	case strings.HasSuffix(name, "_records"):
		return "records"
	}
	return ""
}

// labelSources say where the values of labels come from that have no fixed list.
var labelSources = map[string]string{
	"vocabulary":    "the name of a vocabulary of the rules that decide (`verdict catalog`)",
	"topic":         "a raw topic (`topics.raw`)",
	"partition":     "its partition",
	"outcome":       "of [decisions](decisions.md#outcome)",
	"category":      "of [decisions](decisions.md#reasons-and-category)",
	"version":       "the program's",
	"rules_version": "that of the rules that decide, as decisions have it",
	"billing_flag":  either(processor.BillingFlagNames()),
}

// labelsOf says what each label of a metric may be.
func labelsOf(f *dto.MetricFamily) map[string]string {
	values := map[string][]string{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			values[l.GetName()] = append(values[l.GetName()], l.GetValue())
		}
	}
	labels := map[string]string{}
	for name, all := range values {
		slices.Sort(all)
		if labels[name] = labelSources[name]; labels[name] == "" {
			labels[name] = either(slices.Compact(all))
		}
	}
	return labels
}

// either lists values as code.
func either(values []string) string { return "`" + strings.Join(values, "`, `") + "`" }

// TestMetricsAreNamedAsOthersAre, and each says what it is.
func TestMetricsAreNamedAsOthersAre(t *testing.T) {
	problems, err := promlint.NewWithMetricFamilies(ourMetrics(t)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, f := range ourMetrics(t) {
		if !strings.HasSuffix(f.GetHelp(), ".") {
			t.Errorf("%s: the help is no sentence: %q", f.GetName(), f.GetHelp())
		}
	}
}

var aMetric = regexp.MustCompile(`\bverdict_[a-z][a-z_]*[a-z]\b`)

// TestPagesNameMetricsThatAreThere: who looks for one that was renamed finds nothing, and thinks that all is quiet.
func TestPagesNameMetricsThatAreThere(t *testing.T) {
	have := seriesOf(everyMetric(t))
	for _, f := range everyMetric(t) {
		have[f.GetName()] = map[string][]string{} // a histogram by its own name, too
	}
	found := 0
	for _, path := range files(t, "*.md", "docs/*.md", "deploy/*", "deploy/grafana/*") {
		for _, name := range aMetric.FindAllString(read(t, path), -1) {
			if found++; have[name] == nil {
				t.Errorf("%s names %s, and there is no such metric", path, name)
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d names of metrics were found", found)
	}
}
