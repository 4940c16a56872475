package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/zap"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
)

// idlePartitions is how many partitions the instance has that idleMetrics and everyMetric are of.
const idlePartitions = 8

// idleMetrics is what an instance shows that has its partitions and has decided nothing.
func idleMetrics(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	m, err := shownMetrics()
	if err != nil {
		t.Fatal(err)
	}
	return m.idle
}

// everyMetric is the same after each metric has a series: those that are made when they are first counted, too.
func everyMetric(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	m, err := shownMetrics()
	if err != nil {
		t.Fatal(err)
	}
	return m.every
}

type shown struct{ idle, every []*dto.MetricFamily }

// shownMetrics runs the pipeline once for all tests that look at its metrics.
var shownMetrics = sync.OnceValues(func() (m shown, err error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	c, err := local.Start(ctx)
	if err != nil {
		return m, err
	}
	defer c.Stop()
	cfg, err := config.Load(config.Sources{Set: []string{"kafka.brokers=" + c.Broker(),
		"registry.url=" + c.RegistryURL()}})
	if err != nil {
		return m, err
	}
	if err := c.CreateTopics(idlePartitions, topicsOf(cfg)...); err != nil {
		return m, err
	}
	p, err := pipeline.New(cfg, "1.2.3", zap.NewNop())
	if err != nil {
		return m, err
	}
	run, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(run) }()
	m.idle, err = gatheredWhen(ctx, p.Metrics, func(of []*dto.MetricFamily) bool {
		return p.Ready() == nil && len(metricOf(of, "verdict_lag_records")) == idlePartitions &&
			len(metricOf(of, "verdict_state_bytes")) == idlePartitions
	})
	if err == nil {
		err = sendOneOfEach(ctx, c, cfg)
	}
	if err == nil {
		m.every, err = gatheredWhen(ctx, p.Metrics, func(of []*dto.MetricFamily) bool {
			decided := 0.0
			for _, series := range metricOf(of, "verdict_decisions_total") {
				decided += series.GetCounter().GetValue()
			}
			return decided == float64(len(oneOfEach))
		})
	}
	end()
	return m, errors.Join(err, <-ended)
})

// oneOfEach are events of which each is decided otherwise.
var oneOfEach = []string{"pending", "approved", "declined", "inconclusive", "started"}

func sendOneOfEach(ctx context.Context, c *local.Cluster, cfg *config.Loaded) error {
	producer, err := local.NewProducer(c, cfg.Topics.Raw[0].Name)
	if err != nil {
		return err
	}
	defer producer.Close()
	var records []processor.Record
	for i, status := range oneOfEach {
		id := fmt.Sprint("v-", i)
		records = append(records, processor.Record{Key: []byte(id), Value: fmt.Appendf(nil,
			`{"provider":"yousign","product":"video","verification_id":"%s","status":"%s"}`, id, status)})
	}
	return producer.Send(ctx, records...)
}

// gatheredWhen gathers until what is there is as it has to be.
func gatheredWhen(ctx context.Context, from prometheus.Gatherer,
	right func([]*dto.MetricFamily) bool) ([]*dto.MetricFamily, error) {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		families, err := from.Gather()
		if err != nil || right(families) {
			return families, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, errors.New("the metrics do not become as they have to be")
		}
	}
}

// metricOf is the series of a metric.
func metricOf(families []*dto.MetricFamily, name string) []*dto.Metric {
	at := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == name })
	if at < 0 {
		return nil
	}
	return families[at].GetMetric()
}

// mostIdleLines is what a person can still look through.
const mostIdleLines = 450

// TestAnIdleInstanceHasFewLines counts all that /metrics shows.
func TestAnIdleInstanceHasFewLines(t *testing.T) {
	var text bytes.Buffer
	lines := map[string]int{}
	for _, f := range idleMetrics(t) {
		before := bytes.Count(text.Bytes(), []byte("\n"))
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			t.Fatal(err)
		}
		room, _, _ := strings.Cut(f.GetName(), "_")
		lines[room] += bytes.Count(text.Bytes(), []byte("\n")) - before
	}
	total := bytes.Count(text.Bytes(), []byte("\n"))
	t.Logf("%d lines, %d bytes with %d partitions: %v", total, text.Len(), idlePartitions, lines)
	if total > mostIdleLines {
		t.Errorf("%d lines, at most %d:\n%s", total, mostIdleLines, text.String())
	}
}
