package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/createtopics"

	"verdict/processor/kafka/cluster"
)

// TopicSpec is a topic that the runner needs.
type TopicSpec struct {
	Name       string
	Purpose    string // in a few words
	Partitions int
	// ReplicationFactor; -1 leaves it to the brokers' default.replication.factor.
	ReplicationFactor int
	Configs           map[string]string
	// Changelog of a raw topic, if it is one: it gets the partitions that the raw topic has, and settings by its.
	Changelog *Changelog
}

// TopicResult says what became of one topic.
type TopicResult struct {
	Name    string
	Created bool // false with a nil Err: it was there already
	Err     error
	Cure    string // what to do about Err; "" where Err says it
}

// Explained is Err with its cure.
func (r TopicResult) Explained() error {
	if r.Err == nil || r.Cure == "" {
		return r.Err
	}
	return fmt.Errorf("%w: %s", r.Err, r.Cure)
}

// rawPartitions of a raw topic, to start with.
const rawPartitions = 8

// Plan lists the topics that are needed, with settings to start from: raw topics first, then the outputs, then the
// changelogs.
func (n Needs) Plan() []TopicSpec {
	var plan []TopicSpec
	add := func(name, purpose string, partitions int, configs map[string]string) {
		plan = append(plan, TopicSpec{Name: name, Purpose: purpose, Partitions: partitions, ReplicationFactor: -1,
			Configs: configs})
	}
	for _, topic := range n.Raw {
		add(topic, "raw events", rawPartitions, Keep(rawRetention))
	}
	for _, out := range n.Outputs {
		add(out.Name, out.Purpose, out.Partitions, out.Configs)
	}
	for i := range n.Changelogs {
		c := &n.Changelogs[i]
		add(c.Name, "state of "+c.Raw+", for Verdict alone", rawPartitions, c.configs(rawRetention))
		plan[len(plan)-1].Changelog = c
	}
	return plan
}

// like gives a changelog the partitions of the raw topic that is there already, and settings by its. A raw topic whose
// settings cannot be read may keep its records for ever.
func (k *inspection) like(ctx context.Context, spec *TopicSpec) error {
	raw := spec.Changelog.Raw
	spec.Partitions = k.partitions(raw)
	if spec.Partitions == 0 {
		return fmt.Errorf("its partitions are to be those of %s, which cannot be seen: create that topic, or grant "+
			"DESCRIBE on it", raw)
	}
	configs, err := k.topicConfigs(ctx, raw)
	if err != nil {
		return fmt.Errorf("the settings of %s: %w", raw, err)
	}
	kept, _ := retention(configs[raw])
	spec.Configs = spec.Changelog.configs(kept)
	return nil
}

// CreateTopics creates those that do not exist yet; it changes nothing about those that do. The error is one of the
// request as a whole; what concerns one topic is in its result.
func CreateTopics(ctx context.Context, to cluster.Connection, specs []TopicSpec) ([]TopicResult, error) {
	to = to.WithDefaults()
	c, err := cluster.NewClient(to, nil)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	k := &inspection{to: to, client: c}
	if !k.brokers(ctx) { // the transport's own word for it tells nothing of the cause
		f := k.findings[0]
		return nil, fmt.Errorf("no topic was created: %s: %s; %s", f.Point, f.Problem, f.Cure)
	}
	results := make([]TopicResult, len(specs))
	created := map[string]bool{}
	for i, spec := range specs {
		results[i].Name = spec.Name
		if spec.Changelog != nil && !created[spec.Changelog.Raw] {
			if results[i].Err = k.like(ctx, &spec); results[i].Err != nil {
				continue
			}
		}
		req := &createtopics.Request{TimeoutMs: cluster.Millis(to.RequestTimeout),
			Topics: []createtopics.RequestTopic{requestTopic(spec)}}
		res, err := cluster.Ask[*createtopics.Response](ctx, c, req)
		if err != nil {
			return results[:i], fmt.Errorf("topic %s was not created by %s: %w; see that the brokers stay up and try "+
				"again, what exists is left as it is",
				spec.Name, strings.Join(to.Brokers, ","), err)
		}
		for _, t := range res.Topics {
			switch {
			case kafka.Error(t.ErrorCode) == kafka.TopicAlreadyExists:
			case t.ErrorCode != 0:
				results[i].refuse(t)
			default:
				results[i].Created, created[spec.Name] = true, true
			}
		}
	}
	return results, nil
}

// refuse takes a refusal over. It adds the broker's own words, but where they repeat the code's.
func (r *TopicResult) refuse(t createtopics.ResponseTopic) {
	r.Err = cluster.Refused("CreateTopics", "topic "+r.Name, t.ErrorCode)
	r.Cure = cluster.Cure(r.Err)
	if t.ErrorMessage != "" && kafka.Error(t.ErrorCode) != kafka.TopicAuthorizationFailed {
		r.Err = fmt.Errorf("%w (%s)", r.Err, t.ErrorMessage)
	}
}

func requestTopic(spec TopicSpec) createtopics.RequestTopic {
	t := createtopics.RequestTopic{Name: spec.Name, NumPartitions: int32(spec.Partitions),
		ReplicationFactor: int16(spec.ReplicationFactor)}
	for name, value := range spec.Configs {
		t.Configs = append(t.Configs, createtopics.RequestConfig{Name: name, Value: value})
	}
	return t
}
