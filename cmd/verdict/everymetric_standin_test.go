package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
)

// This file is a stand-in, to be deleted at the merge. everyMetric then is the one of the metrics' reference page;
// idleMetrics is the Gather whose lines the test of an idle instance counts; commands() is newRootCommand(streams{}).

// Series that are not in the code yet, and those that are made when first counted.
const (
	soonIdle = `verdict_ready 0
verdict_last_commit_timestamp_seconds 0
verdict_consecutive_aborts 0
verdict_partitions_restoring 0
verdict_registry_errors_total 0
verdict_overdue_total{vocabulary="yousign-video"} 0
`
	soonCounted = `verdict_oldest_undecided_seconds{topic="idv.raw.v1",partition="0"} 1
verdict_lag_records{topic="idv.raw.v1",partition="0"} 1
verdict_events_total{topic="idv.raw.v1"} 1
verdict_unread_fields_total{topic="idv.raw.v1"} 1
verdict_truncations_total{topic="idv.raw.v1"} 1
verdict_truncated_offsets_total{topic="idv.raw.v1"} 1
verdict_rewinds_total{topic="idv.raw.v1"} 1
verdict_state_verifications{topic="idv.raw.v1",partition="0"} 1
verdict_state_bytes{topic="idv.raw.v1",partition="0"} 1
`
)

// idleMetrics gathers the registry of a real pipeline that has counted nothing.
func idleMetrics(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	cfg, err := config.Load(config.Sources{Set: []string{"registry.url=http://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.New(cfg, "test", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	kafka.NewMetrics(p.Metrics, []string{"yousign-video"})
	families, err := p.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var soon strings.Builder
	soon.WriteString(soonIdle)
	for _, a := range processor.Anomalies() {
		soon.WriteString(`verdict_anomalies_total{vocabulary="yousign-video",anomaly="` + strings.ToLower(a.String()) + "\"} 0\n")
	}
	for _, f := range rules.BillingFlags() {
		soon.WriteString(`verdict_charges_total{vocabulary="yousign-video",billing_flag="` + f.String() + "\"} 0\n")
	}
	return with(t, families, soon.String())
}

// everyMetric is the same after each series has been counted once.
func everyMetric(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	return with(t, idleMetrics(t), soonCounted)
}

// with adds the series of a text, in the place of those of the same name.
func with(t *testing.T, families []*dto.MetricFamily, text string) []*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	more, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	families = slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return more[f.GetName()] != nil })
	return slices.AppendSeq(families, maps.Values(more))
}

// commands is the root command with those that come.
func commands() *cobra.Command {
	root := newRootCommand(streams{})
	for use, flags := range map[string][]string{
		"status":                         {"max-age", "instance", "format", "config", "set"},
		"explain TOPIC/PARTITION/OFFSET": {"within", "format", "config", "set"},
	} {
		cmd := &cobra.Command{Use: use, Args: cobra.MaximumNArgs(strings.Count(use, " "))}
		for _, name := range flags {
			cmd.Flags().String(name, "", "")
		}
		cmd.Flags().Bool("watch", false, "")
		cmd.Flags().Bool("payload", false, "")
		root.AddCommand(cmd)
	}
	return root
}
