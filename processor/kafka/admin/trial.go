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

// try asks the brokers whether they would do what is planned, and notes in found what they would refuse: a new topic by
// the name "", or a setting. That a right is missing is no refusal, as somebody else may apply the plan; nor is what
// may pass.
func (p *Plan) try(ctx context.Context, to cluster.Connection, c *cluster.Client, found map[string]Found) error {
	var creations []*TopicSpec
	var changes []*Planned
	for i := range p.Topics {
		t := &p.Topics[i]
		if t.Create != nil {
			creations = append(creations, t.Create)
		}
		if len(t.Settings) > 0 {
			changes = append(changes, t)
		}
	}
	note := func(topic, setting string, err error) {
		f := found[topic]
		if f.refused == nil {
			f.refused = map[string]error{}
		}
		f.refused[setting] = err
		found[topic] = f
	}
	if creations != nil {
		answers, err := tryToCreate(ctx, to, c, creations)
		if err != nil {
			return err
		}
		for _, spec := range creations {
			if a := answers[spec.Name]; stays(a.err) {
				note(spec.Name, "", a.err)
			} else if err := unwritable(spec, a.replicas); err != nil {
				note(spec.Name, "", err)
			}
		}
	}
	if changes == nil {
		return nil
	}
	refusals, err := alterConfigs(ctx, c, true, changes...)
	if err != nil {
		return err
	}
	for _, t := range changes {
		if stays(refusals[t.Name]) {
			if err := trySettings(ctx, c, t, refusals[t.Name], note); err != nil {
				return err
			}
		}
	}
	return nil
}

// trySettings finds out which of a topic's settings it is that all together were refused.
func trySettings(ctx context.Context, c *cluster.Client, t *Planned, together error,
	note func(topic, setting string, err error)) error {
	found := false
	for _, change := range t.Settings {
		refusals, err := alterConfigs(ctx, c, true, &Planned{Name: t.Name, Settings: []Change{change}})
		if err != nil {
			return err
		}
		if err := refusals[t.Name]; stays(err) {
			found = true
			note(t.Name, change.Name, err)
		}
	}
	if found {
		return nil
	}
	for _, change := range t.Settings { // one by one they would do
		note(t.Name, change.Name, together)
	}
	return nil
}

// stays says whether a refusal is about what is asked for.
func stays(err error) bool {
	var code kafka.Error
	return errors.As(err, &code) && !code.Temporary() && code != kafka.TopicAuthorizationFailed &&
		code != kafka.ClusterAuthorizationFailed
}

// unwritable says that nothing could be written to a topic with so many replicas; below 1 they are not known.
func unwritable(spec *TopicSpec, replicas int) error {
	insync := spec.Configs["min.insync.replicas"]
	if replicas < 1 || !tooFew(insync, replicas) {
		return nil
	}
	return &curable{fmt.Errorf("nothing could be written to it: min.insync.replicas is to be %s, but a partition "+
		"would have %s", insync, count(replicas, "replica")),
		"ask for more replicas (--replication-factor; else it is the brokers' default.replication.factor), or for a " +
			"smaller min.insync.replicas in topics.settings"}
}

// curable is an error with what to do about it.
type curable struct {
	error
	cure string
}

func (c *curable) Unwrap() error { return c.error }

func cureOf(err error) string {
	if c, ok := errors.AsType[*curable](err); ok {
		return c.cure
	}
	return cluster.Cure(err)
}

// tryToCreate asks what would be created, and what not, by topic.
func tryToCreate(ctx context.Context, to cluster.Connection, c *cluster.Client, specs []*TopicSpec) (
	map[string]creation, error) {
	res, err := cluster.Ask[*trialResponse](ctx, c, &trialRequest{TimeoutMs: cluster.Millis(to.RequestTimeout),
		Topics: requestTopics(specs), ValidateOnly: true})
	if err != nil {
		return nil, err
	}
	return creations((*createtopics.Response)(res)), nil
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
