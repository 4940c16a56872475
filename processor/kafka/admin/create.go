package admin

import (
	"context"
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/createtopics"

	"verdict/processor/kafka/cluster"
)

// CreateTopics creates those that do not exist yet; it changes nothing about those that do. It is Compare and the part
// of Apply that creates. The error is one of the request as a whole; what concerns one topic is in its result.
func CreateTopics(ctx context.Context, to cluster.Connection, specs []TopicSpec) ([]TopicResult, error) {
	plan, err := Compare(ctx, to, specs)
	if err != nil {
		return nil, fmt.Errorf("no topic was created: %w", err)
	}
	return plan.Create(ctx, to)
}

// createTopic asks for one topic, unless nothing could be written to it. created is false where somebody else was
// faster. Where the brokers choose the number of replicas, and some have to be in sync, they are asked for it first.
func createTopic(ctx context.Context, to cluster.Connection, c *cluster.Client, spec *TopicSpec) (
	created bool, err error) {
	replicas := spec.ReplicationFactor
	if replicas < 1 && tooFew(spec.Configs["min.insync.replicas"], 1) {
		trial, err := tryToCreate(ctx, to, c, []*TopicSpec{spec})
		if err != nil {
			return false, err
		}
		if answer := trial[spec.Name]; answer.err != nil || answer.there {
			return false, answer.err
		}
		replicas = trial[spec.Name].replicas
	}
	if err := unwritable(spec, replicas); err != nil {
		return false, err
	}
	res, err := cluster.Ask[*createtopics.Response](ctx, c, &createtopics.Request{
		TimeoutMs: cluster.Millis(to.RequestTimeout), Topics: requestTopics([]*TopicSpec{spec})})
	if err != nil {
		return false, err
	}
	answer := creations(res)[spec.Name]
	return answer.err == nil && !answer.there, answer.err
}

// creation is what is said of one topic.
type creation struct {
	replicas int // below 1 where the broker does not say
	there    bool
	err      error
}

func creations(res *createtopics.Response) map[string]creation {
	all := map[string]creation{}
	for _, t := range res.Topics {
		answer := creation{replicas: int(t.ReplicationFactor)}
		switch {
		case kafka.Error(t.ErrorCode) == kafka.TopicAlreadyExists:
			answer = creation{there: true}
		case t.ErrorCode != 0:
			answer = creation{err: refused("CreateTopics", t.Name, t.ErrorCode, t.ErrorMessage)}
		}
		all[t.Name] = answer
	}
	return all
}

// refused is a broker's refusal, with its own words but where they repeat the code's.
func refused(api, topic string, code int16, words string) error {
	err := cluster.Refused(api, "topic "+topic, code)
	if err != nil && words != "" && kafka.Error(code) != kafka.TopicAuthorizationFailed {
		return fmt.Errorf("%w (%s)", err, words)
	}
	return err
}

func requestTopics(specs []*TopicSpec) (topics []createtopics.RequestTopic) {
	for _, spec := range specs {
		t := createtopics.RequestTopic{Name: spec.Name, NumPartitions: int32(spec.Partitions),
			ReplicationFactor: int16(spec.ReplicationFactor)}
		for name, value := range spec.Configs {
			t.Configs = append(t.Configs, createtopics.RequestConfig{Name: name, Value: value})
		}
		topics = append(topics, t)
	}
	return topics
}
