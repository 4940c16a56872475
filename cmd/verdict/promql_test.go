package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	dto "github.com/prometheus/client_model/go"
)

// series are metrics by name, with the values of each of their labels.
type series map[string]map[string][]string

// targetLabels are what Prometheus adds to all that it scrapes.
var targetLabels = []string{"job", "instance"}

// seriesOf lists what families have, a histogram as the three metrics that a query names, and what Prometheus writes of
// a target itself.
func seriesOf(families []*dto.MetricFamily) series {
	all := series{"up": {}}
	for _, f := range families {
		names := []string{f.GetName()}
		if f.GetType() == dto.MetricType_HISTOGRAM {
			names = []string{f.GetName() + "_bucket", f.GetName() + "_sum", f.GetName() + "_count"}
		}
		for _, name := range names {
			all[name] = map[string][]string{}
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					all[name][l.GetName()] = append(all[name][l.GetName()], l.GetValue())
				}
			}
			if strings.HasSuffix(name, "_bucket") {
				all[name]["le"] = nil
			}
		}
	}
	return all
}

// grafana are what stands for variables: a query is parsed as Grafana would send it.
var grafana = strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h")

// lacks says what a query reads that is not there: metrics, labels that choose or group, values of labels.
func (s series) lacks(query string) []string {
	parsed, err := metricsql.Parse(grafana.Replace(query))
	if err != nil {
		return []string{err.Error()}
	}
	var lacks []string
	metricsql.VisitAll(parsed, func(e metricsql.Expr) {
		switch e := e.(type) {
		case *metricsql.MetricExpr:
			lacks = append(lacks, s.lacksOf(e)...)
		case *metricsql.AggrFuncExpr:
			lacks = append(lacks, s.lacksLabels(e, e.Modifier.Args)...)
		case *metricsql.BinaryOpExpr:
			labels := slices.Concat(e.GroupModifier.Args, e.JoinModifier.Args)
			lacks = slices.Concat(lacks, s.lacksLabels(e.Left, labels), s.lacksLabels(e.Right, labels))
		}
	})
	return lacks
}

// aChoice is a value, or several of them as a regular expression.
var aChoice = regexp.MustCompile(`^[\w-]+(\|[\w-]+)*$`)

func (s series) lacksOf(e *metricsql.MetricExpr) (lacks []string) {
	for _, filters := range e.LabelFilterss {
		name := filters[0].Value
		if filters[0].Label != "__name__" || s[name] == nil {
			return []string{fmt.Sprintf("no metric %s", e.AppendString(nil))}
		}
		for _, f := range filters[1:] {
			values, ok := s[name][f.Label]
			if slices.Contains(targetLabels, f.Label) {
				continue
			}
			if !ok {
				lacks = append(lacks, fmt.Sprintf("%s has no label %s", name, f.Label))
			} else if aChoice.MatchString(f.Value) {
				for value := range strings.SplitSeq(f.Value, "|") {
					if !slices.Contains(values, value) {
						lacks = append(lacks, fmt.Sprintf("%s has no %s %q", name, f.Label, value))
					}
				}
			}
		}
	}
	return lacks
}

// lacksLabels says which labels a metric below e does not have, of those whose labels come out of e.
func (s series) lacksLabels(e metricsql.Expr, labels []string) (lacks []string) {
	chooses := map[*metricsql.MetricExpr]bool{} // which of others come out, and no more
	metricsql.VisitAll(e, func(e metricsql.Expr) {
		if e, ok := e.(*metricsql.BinaryOpExpr); ok && (e.Op == "and" || e.Op == "unless") {
			for _, m := range metricsBelow(e.Right) {
				chooses[m] = true
			}
		}
	})
	for _, m := range metricsBelow(e) {
		name := nameOf(m)
		for _, label := range labels {
			if _, ok := s[name][label]; !ok && !chooses[m] && !slices.Contains(targetLabels, label) {
				lacks = append(lacks, fmt.Sprintf("%s has no label %s", name, label))
			}
		}
	}
	return lacks
}

func metricsBelow(e metricsql.Expr) (metrics []*metricsql.MetricExpr) {
	metricsql.VisitAll(e, func(e metricsql.Expr) {
		if m, ok := e.(*metricsql.MetricExpr); ok && len(m.LabelFilterss) > 0 {
			metrics = append(metrics, m)
		}
	})
	return metrics
}

func nameOf(m *metricsql.MetricExpr) string { return m.LabelFilterss[0][0].Value }

// metricsIn lists the metrics that a query reads.
func metricsIn(t *testing.T, query string) []string {
	t.Helper()
	parsed, err := metricsql.Parse(grafana.Replace(query))
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var names []string
	for _, m := range metricsBelow(parsed) {
		names = append(names, nameOf(m))
	}
	return names
}

func TestLacks(t *testing.T) {
	have := series{"up": {}, "a_total": {"route": {"x", "y"}}, "b": {"topic": {"t"}}}
	for query, want := range map[string]string{
		`sum by (route, job) (rate(a_total{route="x",instance="i"}[5m])) > 1`: "",
		`rate(a_total{route=~"x|y"}[$__rate_interval])`:                       "",
		`up == 0 or absent(up{job="verdict"})`:                                "",
		`a_total and c`:                                                       "no metric c",
		`a_total{topic="t"}`:                                                  "a_total has no label topic",
		`a_total{route="z"}`:                                                  `a_total has no route "z"`,
		`a_total{route=~"x|z"}`:                                               `a_total has no route "z"`,
		`sum by (topic) (a_total)`:                                            "a_total has no label topic",
		`b / on (topic) a_total`:                                              "a_total has no label topic",
		`sum by (topic) (b unless on (job) a_total)`:                          "",
		`sum by (topic) (a_total unless on (job) b)`:                          "a_total has no label topic",
		`sum by (topic) (b unless on (job) a_total or a_total)`:               "a_total has no label topic",
		`b unless on (topic) a_total`:                                         "a_total has no label topic",
		`{route="x"}`:                                                         `no metric {route="x"}`,
		`count by (job) (count by (topic) (b)) > sum(`:                        "unexpected token",
	} {
		lacks := strings.Join(have.lacks(query), "; ")
		if (want == "") != (lacks == "") || !strings.Contains(lacks, want) {
			t.Errorf("%s lacks %q, want %q", query, lacks, want)
		}
	}
}
