package kafka

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/createtopics"

	"verdict/processor"
)

// TopicSpec is a topic that the runner needs.
type TopicSpec struct {
	Name       string
	Purpose    string // in a few words
	Partitions int
	// ReplicationFactor; -1 leaves it to the brokers' default.replication.factor.
	ReplicationFactor int
	Configs           map[string]string
}

// TopicResult says what became of one topic.
type TopicResult struct {
	Name    string
	Created bool // false with a nil Err: it was there already
	Err     error
}

// TopicPlan lists the topics that cfg needs, with settings to start from: raw topics first, then one for each route.
func TopicPlan(cfg Config) []TopicSpec {
	const day = 24 * time.Hour
	var plan []TopicSpec
	add := func(name, purpose string, partitions int, c processor.Cleanup) {
		plan = append(plan, TopicSpec{Name: name, Purpose: purpose, Partitions: partitions, ReplicationFactor: -1, Configs: cleanup(c)})
	}
	for _, topic := range cfg.RawTopics {
		add(topic, "raw events", 8, processor.Cleanup{After: 30 * day})
	}
	for _, route := range processor.Routes() {
		spec := route.Spec()
		add(cfg.Topics[route], spec.Purpose, spec.Partitions, spec.Cleanup)
	}
	return plan
}

func cleanup(c processor.Cleanup) map[string]string {
	after := fmt.Sprint(c.After.Milliseconds())
	if c.Compact {
		return map[string]string{"cleanup.policy": "compact", "min.compaction.lag.ms": after}
	}
	return map[string]string{"cleanup.policy": "delete", "retention.ms": after}
}

// CreateTopics creates those that do not exist yet; it changes nothing about those that do. The error is one of the request as a
// whole; what concerns one topic is in its result.
func CreateTopics(ctx context.Context, cfg Config, specs []TopicSpec) ([]TopicResult, error) {
	cfg = cfg.WithDefaults()
	c, err := newClient(cfg, cfg.ClientID, nil)
	if err != nil {
		return nil, err
	}
	defer c.close()
	k := &checker{cfg: cfg, client: c}
	if !k.brokers(ctx) { // the transport's own word for it tells nothing of the cause
		f := k.findings[0]
		return nil, fmt.Errorf("no topic was created: %s: %s; %s", f.Point, f.Problem, f.Cure)
	}
	results := make([]TopicResult, len(specs))
	for i, spec := range specs {
		results[i].Name = spec.Name
		req := &createtopics.Request{TimeoutMs: millis(cfg.RequestTimeout), Topics: []createtopics.RequestTopic{requestTopic(spec)}}
		res, err := ask[*createtopics.Response](ctx, c, req)
		if err != nil {
			return results[:i], fmt.Errorf("topic %s was not created by %s: %w; see that the brokers stay up and try again, what exists is left as it is",
				spec.Name, strings.Join(cfg.Brokers, ","), err)
		}
		for _, t := range res.Topics {
			switch {
			case kafka.Error(t.ErrorCode) == kafka.TopicAlreadyExists:
			case t.ErrorCode != 0:
				results[i].Err = fmt.Errorf("%w (%s)", explain(refused("CreateTopics", "topic "+spec.Name, t.ErrorCode)), t.ErrorMessage)
			default:
				results[i].Created = true
			}
		}
	}
	return results, nil
}

func requestTopic(spec TopicSpec) createtopics.RequestTopic {
	t := createtopics.RequestTopic{Name: spec.Name, NumPartitions: int32(spec.Partitions),
		ReplicationFactor: int16(spec.ReplicationFactor)}
	for name, value := range spec.Configs {
		t.Configs = append(t.Configs, createtopics.RequestConfig{Name: name, Value: value})
	}
	return t
}
