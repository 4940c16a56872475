package admin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
)

// Found is what a cluster has of a topic.
type Found struct {
	Partitions int               // 0: it is not there
	Replicas   int               // of each partition at least
	Settings   map[string]string // those in force, be they its own or the brokers'; nil: they could not be seen
	Err        error             // it could not be looked at, or its settings could not
	Cure       string            // what to do about Err

	refused map[string]error // what the brokers would not do: by the setting, "" is to create it
	blocked bool             // it is not there, and will not be
}

// Compare looks at the cluster and says what would have to be done for the topics to be as they are needed, see Plan.
// What the brokers say that they would refuse is no part of it. That, and a topic that could not be looked at, is told
// in its place. The error is about the cluster as a whole, and says what
// to do.
func Compare(ctx context.Context, to cluster.Connection, specs []TopicSpec) (*Plan, error) {
	to = to.WithDefaults()
	c, err := cluster.NewClient(to, nil)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	found, err := look(ctx, to, c, specs)
	if err != nil {
		return nil, err
	}
	plan := draw(specs, found)
	if err := plan.try(ctx, to, c, found); err != nil {
		return nil, fmt.Errorf("the brokers do not say whether they would do what is planned: %w", cluster.Explain(err))
	}
	return draw(specs, found), nil
}

// look asks for the topics, and the raw topics of changelogs. The transport's own word for brokers that do not answer
// tells nothing of the cause, so that these are asked for first.
func look(ctx context.Context, to cluster.Connection, c *cluster.Client, specs []TopicSpec) (map[string]Found, error) {
	var topics []string
	names := map[string]bool{"cleanup.policy": true, "retention.ms": true}
	for _, s := range specs {
		topics = append(topics, s.Name)
		if s.Changelog != nil {
			topics = append(topics, s.Changelog.Raw)
		}
		for name := range s.Configs {
			names[name] = true
		}
	}
	slices.Sort(topics)
	k := &inspection{to: to, client: c, topics: slices.Compact(topics)}
	if !k.brokers(ctx) {
		f := k.findings[0]
		return nil, fmt.Errorf("%s: %s; %s", f.Point, f.Problem, f.Cure)
	}
	found := map[string]Found{}
	for _, topic := range k.topics {
		found[topic] = k.found(topic)
	}
	err := k.lookAtSettings(ctx, found, slices.Sorted(maps.Keys(names)))
	return found, err
}

// found is what the metadata say of a topic.
func (k *inspection) found(topic string) Found {
	f := Found{Partitions: k.partitions(topic), Replicas: k.replicas(topic)}
	for _, t := range k.metadata.Topics {
		if t.Name != topic || f.Partitions > 0 {
			continue
		}
		f.Err = cluster.Refused("Metadata", "topic "+topic, t.ErrorCode)
		switch {
		case errors.Is(f.Err, kafka.UnknownTopicOrPartition):
			f.Err = nil
		case errors.Is(f.Err, kafka.TopicAuthorizationFailed):
			f.Cure = "grant DESCRIBE and DESCRIBE_CONFIGS on the topic"
		default:
			f.Cure = cluster.Cure(f.Err)
		}
	}
	return f
}

var errNoSettings = errors.New("the broker did not give its settings")

// lookAtSettings asks for the settings of the topics that are there. A topic that was just created may not be known
// everywhere, and is asked for again for a while.
func (k *inspection) lookAtSettings(ctx context.Context, found map[string]Found, names []string) error {
	var there []string
	for _, topic := range k.topics {
		if found[topic].Partitions > 0 {
			there = append(there, topic)
		}
	}
	if there == nil {
		return nil
	}
	var errs map[string]error
	err := cluster.Again(ctx, settledWithin, func(ctx context.Context) error {
		var configs map[string]map[string]string
		var err error
		if configs, errs, err = k.describeConfigs(ctx, names, there...); err != nil {
			return err
		}
		for _, topic := range there {
			f := found[topic]
			f.Settings, f.Err = configs[topic], errs[topic]
			f.Cure = cluster.Cure(f.Err)
			if f.Settings == nil && f.Err == nil {
				f.Err, f.Cure = errNoSettings, "look into the brokers' logs"
			}
			found[topic] = f
			if errors.Is(f.Err, kafka.UnknownTopicOrPartition) {
				err = f.Err
			}
		}
		return err
	})
	if errs == nil && err != nil {
		return fmt.Errorf("the topics' settings: %w", cluster.Explain(err))
	}
	return nil // what is said of one topic is in its place
}
