package kafka_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
)

func TestCheckFindsNothingWrong(t *testing.T) {
	c := newCluster(t)
	findings := kafka.Check(t.Context(), config(c.ListenAddrs()))
	if len(findings) < 10 {
		t.Errorf("%d findings", len(findings))
	}
	for _, f := range findings {
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
}

func TestCheckSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	c := newCluster(t, kfake.BrokerConfigs(map[string]string{"transaction.max.timeout.ms": "5000"}))
	cfg := config(c.ListenAddrs())
	cfg.Topics[processor.RouteRisk] = "absent"
	want := map[string]string{"topic absent": "topics --create", "transactional ids": "transaction.max.timeout.ms"}
	for _, f := range kafka.Check(t.Context(), cfg) {
		for point, cure := range want {
			if strings.HasPrefix(f.Point, point) {
				delete(want, point)
				if f.OK || f.Problem == "" || !strings.Contains(f.Cure, cure) {
					t.Errorf("%+v", f)
				}
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}

func TestCheckOfAnAbsentCluster(t *testing.T) {
	cfg := config([]string{"127.0.0.1:1"})
	cfg.RequestTimeout = time.Second
	findings := kafka.Check(context.Background(), cfg)
	if len(findings) != 1 || findings[0].OK || findings[0].Cure == "" {
		t.Errorf("%+v", findings)
	}
}

func TestCreateTopicsThatTheRunnerNeeds(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cfg := config(c.ListenAddrs())
	for _, created := range []bool{true, false} {
		results, err := admin.CreateTopics(t.Context(), cfg.Connection, kafka.TopicPlan(cfg))
		if err != nil || len(results) != processor.NumRoutes {
			t.Fatal(results, err)
		}
		for _, r := range results {
			if r.Err != nil || r.Created != created {
				t.Errorf("%+v, want created %v", r, created)
			}
		}
	}
	for _, f := range kafka.Check(t.Context(), cfg) {
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
}

func TestCreateTopicsOnAnAbsentCluster(t *testing.T) {
	cfg := config([]string{"127.0.0.1:1"})
	cfg.RequestTimeout = time.Second
	_, err := admin.CreateTopics(t.Context(), cfg.Connection, kafka.TopicPlan(cfg))
	for _, want := range []string{"no topic was created", "127.0.0.1:1", "connection refused", "check the addresses"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
