package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
)

// target is the Kafka to measure on, with topics and a group of the bench's own.
type target struct {
	cfg     *config.Loaded
	kafka   kafka.Config
	own     bool // in this process
	client  *kgo.Client
	created []string
	keep    bool
	silent  time.Time // since when the cluster cannot tell the group's offsets

	partitions int // of each topic
}

// target settles where to measure. Topics, group and registry are never the configured ones; a topic that is switched
// off stays so.
func (b *bench) target(c *local.Cluster) (*target, error) {
	prefix := fmt.Sprintf("verdict-bench-%08x", rand.Uint32())
	set := append([]string{}, b.options.Sources.Set...)
	if !b.options.Kafka {
		set = append(set, "kafka.brokers="+c.Broker())
	}
	set = append(set, "kafka.group="+prefix, "registry.url="+c.RegistryURL(), "registry.register=true",
		"http.address=127.0.0.1:0", "topics.raw="+prefix+"-raw")
	configured, err := config.Load(b.options.Sources)
	if err != nil {
		return nil, err
	}
	for _, route := range processor.Routes() {
		if name := route.Spec().Setting; configured.Topics.Output[route] != "" {
			set = append(set, "topics."+name+"="+prefix+"-"+name)
		}
	}
	cfg, err := config.Load(config.Sources{File: b.options.Sources.File, Env: b.options.Sources.Env, Set: set})
	if err != nil {
		return nil, err
	}
	if err := cfg.CheckRun(); err != nil {
		return nil, err
	}
	rules, err := pipeline.ReadRules(cfg)
	if err != nil {
		return nil, err
	}
	b.catalog = rules.Catalog
	t := &target{cfg: cfg, own: !b.options.Kafka, keep: b.options.Keep, partitions: b.options.Partitions}
	if t.kafka, err = pipeline.KafkaConfig(cfg); err != nil {
		return nil, err
	}
	t.client, err = t.newClient(kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.MaxBufferedRecords(200_000))
	return t, err
}

func (t *target) close() { t.client.Close() }

func (t *target) raw() string { return t.cfg.Topics.Raw[0].Name }

// newClient connects as another program would, with the configured login.
func (t *target) newClient(options ...kgo.Opt) (*kgo.Client, error) {
	options = append(options, kgo.SeedBrokers(t.kafka.Brokers...), kgo.ClientID("verdict-bench"),
		kgo.ProducerBatchCompression(kgo.NoCompression()))
	if t.kafka.TLS != nil {
		options = append(options, kgo.DialTLSConfig(t.kafka.TLS))
	}
	if s := t.kafka.SASL; s != nil {
		login := scram.Auth{User: s.Username, Pass: s.Password}
		switch s.Mechanism {
		case "PLAIN":
			options = append(options, kgo.SASL(plain.Auth{User: s.Username, Pass: s.Password}.AsMechanism()))
		case "SCRAM-SHA-256":
			options = append(options, kgo.SASL(login.AsSha256Mechanism()))
		default:
			options = append(options, kgo.SASL(login.AsSha512Mechanism()))
		}
	}
	return kgo.NewClient(options...)
}

func (t *target) createTopics(ctx context.Context) error {
	plan := kafka.TopicPlan(t.kafka)
	for i := range plan {
		plan[i].Partitions = t.partitions
		if plan[i].Changelog == nil { // one that is not compacted would be refused
			plan[i].Configs = nil
		}
	}
	results, err := admin.CreateTopics(ctx, t.kafka.Connection, plan)
	for _, r := range results {
		if r.Created {
			t.created = append(t.created, r.Name)
		}
		if err == nil {
			err = r.Explained()
		}
	}
	if err != nil {
		return fmt.Errorf("create the bench's topics: %w", err)
	}
	return nil
}

// removeTopics deletes what createTopics has created, and the group.
func (t *target) removeTopics(ctx context.Context) error {
	if t.keep || t.own || len(t.created) == 0 {
		return nil
	}
	topics := kmsg.NewPtrDeleteTopicsRequest()
	topics.TimeoutMillis = 10_000
	for _, name := range t.created {
		topic := kmsg.NewDeleteTopicsRequestTopic()
		topic.Topic = kmsg.StringPtr(name)
		topics.Topics = append(topics.Topics, topic)
	}
	topics.TopicNames = t.created // before version 6
	deleted, err := topics.RequestWith(ctx, t.client)
	if err != nil {
		return err
	}
	var kept []string
	for _, topic := range deleted.Topics {
		if err := kerr.ErrorForCode(topic.ErrorCode); err != nil {
			kept = append(kept, fmt.Sprintf("%s (%v)", *topic.Topic, err))
		}
	}
	if len(kept) > 0 {
		return fmt.Errorf("delete them yourself: %s", strings.Join(kept, ", "))
	}
	groups := kmsg.NewPtrDeleteGroupsRequest()
	groups.Groups = []string{t.cfg.Kafka.Group}
	_, err = groups.RequestWith(ctx, t.client)
	return err
}

// committed is the sum of the group's offsets: how many events are decided; 0 while the cluster cannot tell. The
// group reads no other topic.
func (t *target) committed(ctx context.Context) (sum int64, err error) {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = t.cfg.Kafka.Group
	res, err := req.RequestWith(ctx, t.client)
	if err != nil {
		return 0, t.patient(err)
	}
	for _, topic := range res.Topics { // before version 8
		for _, p := range topic.Partitions {
			sum += max(0, p.Offset)
		}
	}
	code := res.ErrorCode
	for _, group := range res.Groups {
		sum, code = 0, group.ErrorCode
		for _, topic := range group.Topics {
			for _, p := range topic.Partitions {
				sum += max(0, p.Offset)
			}
		}
	}
	err = kerr.ErrorForCode(code)
	if err == nil || errors.Is(err, kerr.GroupIDNotFound) { // nobody has joined yet
		t.silent = time.Time{}
		return sum, nil
	}
	return 0, t.patient(err)
}

// longestStart is how long a new cluster may take to make the topic of offsets, which it does when the first group
// comes.
const longestStart = 30 * time.Second

// patient hides an error that may pass.
func (t *target) patient(err error) error {
	if t.silent.IsZero() {
		t.silent = time.Now()
	}
	if kerr.IsRetriable(err) && time.Since(t.silent) < longestStart {
		return nil
	}
	return err
}
