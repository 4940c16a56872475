package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
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

// createTopic asks for one topic. created is false where somebody else was faster. Where the brokers choose the number
// of replicas, and some have to be in sync, they are asked for it first.
func createTopic(ctx context.Context, to cluster.Connection, c *cluster.Client, spec *TopicSpec) (
	created bool, err error) {
	req := createtopics.Request{TimeoutMs: cluster.Millis(to.RequestTimeout),
		Topics: []createtopics.RequestTopic{requestTopic(spec)}}
	if insync := spec.Configs["min.insync.replicas"]; spec.ReplicationFactor < 1 && tooFew(insync, 1) {
		trial := trialRequest(req)
		trial.ValidateOnly = true
		res, err := cluster.Ask[*trialResponse](ctx, c, &trial)
		if err != nil {
			return false, err
		}
		replicas, there, err := answer((*createtopics.Response)(res))
		switch {
		case err != nil || there:
			return false, err
		case replicas > 0 && tooFew(insync, replicas):
			return false, fmt.Errorf("%w: min.insync.replicas is to be %s, but a partition would have %s "+
				"(default.replication.factor): ask for more (--replication-factor)", errUnwritable, insync,
				count(replicas, "replica"))
		}
	}
	res, err := cluster.Ask[*createtopics.Response](ctx, c, &req)
	if err != nil {
		return false, err
	}
	_, there, err := answer(res)
	return err == nil && !there, err
}

var errUnwritable = errors.New("nothing could be written to it")

// answer is what is said of one topic. replicas is below 1 where the broker does not say.
func answer(res *createtopics.Response) (replicas int, there bool, err error) {
	for _, t := range res.Topics {
		switch {
		case kafka.Error(t.ErrorCode) == kafka.TopicAlreadyExists:
			there = true
		case t.ErrorCode != 0:
			return 0, false, refused("CreateTopics", t.Name, t.ErrorCode, t.ErrorMessage)
		}
		replicas = int(t.ReplicationFactor)
	}
	return replicas, there, nil
}

// trialRequest only asks what would be created. By the answer's usual type the transport would wait for the topic.
type trialRequest createtopics.Request

func (r *trialRequest) ApiKey() protocol.ApiKey { return protocol.CreateTopics }

func (r *trialRequest) Broker(c protocol.Cluster) (protocol.Broker, error) {
	return c.Brokers[c.Controller], nil
}

func (r *trialRequest) Split(protocol.Cluster) ([]protocol.Message, protocol.Merger, error) {
	return []protocol.Message{r}, r, nil
}

func (r *trialRequest) Merge(_ []protocol.Message, results []any) (protocol.Message, error) {
	res, err := protocol.Result(results[0])
	if err != nil {
		return nil, err
	}
	return (*trialResponse)(res.(*createtopics.Response)), nil
}

type trialResponse createtopics.Response

func (r *trialResponse) ApiKey() protocol.ApiKey { return protocol.CreateTopics }

// refused is a broker's refusal, with its own words but where they repeat the code's.
func refused(api, topic string, code int16, words string) error {
	err := cluster.Refused(api, "topic "+topic, code)
	if err != nil && words != "" && kafka.Error(code) != kafka.TopicAuthorizationFailed {
		return fmt.Errorf("%w (%s)", err, words)
	}
	return err
}

func requestTopic(spec *TopicSpec) createtopics.RequestTopic {
	t := createtopics.RequestTopic{Name: spec.Name, NumPartitions: int32(spec.Partitions),
		ReplicationFactor: int16(spec.ReplicationFactor)}
	for name, value := range spec.Configs {
		t.Configs = append(t.Configs, createtopics.RequestConfig{Name: name, Value: value})
	}
	return t
}
