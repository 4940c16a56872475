package diff

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
)

// stage is a cluster with a raw topic, and a group that has decided all that is in it by the built-in rules.
type stage struct {
	cluster *local.Cluster
	cfg     *config.Loaded
	records []*kgo.Record
}

const rawPartitions, outputPartitions = 2, 3

// newStage writes lines, each at its time, and has them decided.
func newStage(t *testing.T, lines []events.Line, at func(n int) time.Time) *stage {
	t.Helper()
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	s := &stage{cluster: c, cfg: settings(t, "kafka.brokers="+c.Broker(), "registry.url="+c.RegistryURL(),
		"batch.commit_interval=20ms", "http.address=127.0.0.1:0")}
	if err := c.CreateTopics(rawPartitions, "idv.raw.v1"); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateTopics(outputPartitions, s.cfg.OutputTopics()...); err != nil {
		t.Fatal(err)
	}
	if err := c.Kafka.CreateTopic(kafka.Changelog(s.cfg.Kafka.Group, "idv.raw.v1"), rawPartitions,
		map[string]string{"cleanup.policy": "compact"}); err != nil {
		t.Fatal(err)
	}
	for n, line := range lines {
		s.records = append(s.records, &kgo.Record{Topic: "idv.raw.v1", Key: []byte(line.Key), Value: line.Value,
			Timestamp: at(n)})
	}
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(t.Context(), s.records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s.decide(t)
	return s
}

// decide runs the pipeline until the group's offsets are at the end of the raw topic.
func (s *stage) decide(t *testing.T) {
	t.Helper()
	line, err := pipeline.New(s.cfg, "test", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- line.Run(ctx) }()
	want := s.outputs(t)
	reader, err := local.NewReader(s.cluster, s.cfg.Topics.Output[processor.RouteDecision],
		s.cfg.Topics.Output[processor.RouteDeadLetter])
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for got := 0; got < want; {
		records, err := reader.Poll(ctx)
		if err != nil {
			t.Fatalf("%d of %d records are decided: %v", got, want, err)
		}
		got += len(records)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// outputs counts the decisions and dead letters that the records give.
func (s *stage) outputs(t *testing.T) (count int) {
	t.Helper()
	a := newAlone(s.cfg, pipeline.BuiltIn())
	for n, r := range s.records {
		a.process(t, processor.Record{Topic: "raw", Offset: int64(n), Timestamp: r.Timestamp.UnixMilli(), Value: r.Value})
		if !a.res.Effects.Repeat {
			count++
		}
	}
	return count
}

func (s *stage) report(t *testing.T, now, old *pipeline.Rules, from, to time.Time) *show.Diff {
	t.Helper()
	return reportOf(t, Options{Config: s.cfg, New: now, Old: old, OldName: "old", Topic: "idv.raw.v1", From: from, To: to})
}

func linesOf(count int) []events.Line {
	g := events.NewGenerator(rules.Embedded(), 5, events.GeneratorStart)
	g.Mix = events.Mix{Repeats: 0.1, Late: 0.1, Reversed: 0.05}
	lines := make([]events.Line, count)
	for i := range lines {
		lines[i] = g.Next()
	}
	lines[count/3].Value, lines[count/2].Value = []byte("{"), []byte("[]")
	return lines
}

// compact takes of each key all records but the latest.
func (s *stage) compact(t *testing.T, topic string) {
	t.Helper()
	client, err := s.cluster.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	policy := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	policy.Name, policy.Value = "cleanup.policy", kmsg.StringPtr("compact")
	of := kmsg.NewIncrementalAlterConfigsRequestResource()
	of.ResourceType, of.ResourceName, of.Configs = kmsg.ConfigResourceTypeTopic, topic, append(of.Configs, policy)
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	request.Resources = append(request.Resources, of)
	response, err := request.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if err := kerr.ErrorForCode(response.Resources[0].ErrorCode); err != nil {
		t.Fatal(err)
	}
	s.cluster.Kafka.Compact()
}

// truncate takes the records before an offset, as retention does, and says how many those were.
func (s *stage) truncate(t *testing.T, client *kgo.Client, topic string, partition int32, offset int64) (taken int) {
	t.Helper()
	reader, err := local.NewReader(s.cluster, topic)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for !reader.CaughtUp() {
		records, err := reader.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range records {
			if records[i].Partition == partition && records[i].Offset < offset {
				taken++
			}
		}
	}
	of := kmsg.NewDeleteRecordsRequestTopicPartition()
	of.Partition, of.Offset = partition, offset
	in := kmsg.NewDeleteRecordsRequestTopic()
	in.Topic, in.Partitions = topic, append(in.Partitions, of)
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.Topics = append(request.Topics, in)
	response, err := request.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if err := kerr.ErrorForCode(response.Topics[0].Partitions[0].ErrorCode); err != nil {
		t.Fatal(err)
	}
	return taken
}
