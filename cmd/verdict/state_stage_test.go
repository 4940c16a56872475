package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/cmd/verdict/local"
	"verdict/processor/kafka/upkeep"
)

// storyStage is a Kafka in this process with a raw topic and its changelog, for processes that keep state and commands
// that look at it or move it.
type storyStage struct {
	t        *testing.T
	cluster  *local.Cluster
	client   *kgo.Client
	settings []string // as NAME=VALUE, of the processes and of the commands
}

const (
	storyRaw        = "idv.raw.v1"
	storyChangelog  = "verdict-state.idv.raw.v1"
	storyPartitions = 4
)

func newStoryStage(t *testing.T) *storyStage {
	t.Helper()
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	s := &storyStage{t: t, cluster: c, settings: []string{"kafka.brokers=" + c.Broker(), "output.format=json",
		"state.enabled=true", "kafka.session_timeout=6s", "kafka.heartbeat_interval=100ms"}}
	for topic, n := range map[string]int32{storyRaw: storyPartitions, storyChangelog: storyPartitions,
		"idv.decisions.v1": 1, "idv.verifications.v1": 1, "idv.billing.v1": 1, "idv.risk.v1": 1, "idv.overdue.v1": 1,
		"idv.deadletter.v1": 1} {
		if err := c.CreateTopics(n, topic); err != nil {
			t.Fatal(err)
		}
	}
	s.connect()
	return s
}

// connect makes a new producer, which knows how many partitions there are.
func (s *storyStage) connect(options ...kgo.Opt) {
	s.t.Helper()
	client, err := s.cluster.Client(options...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(client.Close)
	s.client = client
}

// emptyGroupTakesOffsets lets an empty group take offsets under a member's name where no generation is given, as
// Kafka's coordinator does; kfake's does not.
func (s *storyStage) emptyGroupTakesOffsets() {
	s.cluster.Kafka.ControlKey(int16(kmsg.TxnOffsetCommit), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		s.cluster.Kafka.KeepControl()
		if req := kreq.(*kmsg.TxnOffsetCommitRequest); req.Generation < 0 {
			req.MemberID = ""
		}
		return nil, nil, false
	})
}

// say writes raw events, each as "<verification id> <status>".
func (s *storyStage) say(events ...string) {
	s.t.Helper()
	var records []*kgo.Record
	for _, event := range events {
		id, status, _ := strings.Cut(event, " ")
		records = append(records, &kgo.Record{Topic: storyRaw, Key: []byte(id), Value: fmt.Appendf(nil,
			`{"provider":"yousign","product":"video","verification_id":%q,"status":%q}`, id, status)})
	}
	if err := s.client.ProduceSync(s.t.Context(), records...).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
}

// start begins a process that decides.
func (s *storyStage) start(more ...string) *process {
	s.t.Helper()
	args := []string{"run"}
	for _, set := range append(slices.Clone(s.settings), more...) {
		args = append(args, "--set", set)
	}
	return startProcess(s.t, nil, "verdict", args...)
}

func (s *storyStage) stop(p *process) {
	s.t.Helper()
	p.signal(syscall.SIGTERM)
	p.awaitExit(0)
}

// command calls a command of the program, and returns what it prints and what it says is wrong.
func (s *storyStage) command(want int, args ...string) (out, errs string) {
	s.t.Helper()
	for _, set := range s.settings {
		args = append(args, "--set", set)
	}
	var stdout, stderr strings.Builder
	if code := run(args, streams{strings.NewReader(""), &stdout, &stderr}); code != want {
		s.t.Fatalf("verdict %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, stdout.String(),
			stderr.String())
	}
	return stdout.String(), stderr.String()
}

// decided reads the committed decisions until there are n, and a little longer for what should not be there. Each is
// "<verification id> <status> <transition> <sequence>"; they are sorted.
func (s *storyStage) decided(n int) []string {
	s.t.Helper()
	client, err := s.cluster.Client(kgo.ConsumeTopics("idv.decisions.v1"), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	var texts []string
	poll := func(limit time.Duration, most int) {
		ctx, cancel := context.WithTimeout(s.t.Context(), limit)
		defer cancel()
		for len(texts) < most && ctx.Err() == nil {
			for _, r := range client.PollFetches(ctx).Records() {
				texts = append(texts, decisionText(s.t, r.Value))
			}
		}
	}
	poll(patience, n)
	poll(200*time.Millisecond, n+1)
	if len(texts) != n {
		s.t.Fatalf("%d decisions came, want %d:\n%s", len(texts), n, strings.Join(texts, "\n"))
	}
	slices.Sort(texts)
	return texts
}

func decisionText(t *testing.T, value []byte) string {
	t.Helper()
	var d struct {
		ID        string `json:"verification_id"`
		Status    string `json:"provider_status"`
		Lifecycle struct {
			Transition string
			Sequence   int
		}
	}
	if err := json.Unmarshal(value, &d); err != nil {
		t.Fatalf("%v in %s", err, value)
	}
	return fmt.Sprintf("%s %s %s %d", d.ID, d.Status, d.Lifecycle.Transition, d.Lifecycle.Sequence)
}

func (s *storyStage) expect(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	if got := s.decided(len(want)); !slices.Equal(got, want) {
		s.t.Fatalf("decided\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}

// partitionOf is where the producer has put a verification.
func (s *storyStage) partitionOf(id string) int32 {
	return upkeep.PartitionOf([]byte(id), int32(len(s.cluster.Kafka.PartitionInfos(storyRaw))))
}

// setOffset moves the group in one raw partition, as kafka-consumer-groups --reset-offsets does.
func (s *storyStage) setOffset(partition int32, offset int64) {
	s.t.Helper()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = "verdict", -1
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic = storyRaw
	p := kmsg.NewOffsetCommitRequestTopicPartition()
	p.Partition, p.Offset = partition, offset
	topic.Partitions = append(topic.Partitions, p)
	req.Topics = append(req.Topics, topic)
	client, err := s.cluster.Client(kgo.MaxVersions(kversion.V3_0_0())) // topics by their names
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	res, err := req.RequestWith(s.t.Context(), client)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// addPartitions gives a topic so many partitions, and the stage a producer that knows it.
func (s *storyStage) addPartitions(topic string, count int32) {
	s.t.Helper()
	req := kmsg.NewPtrCreatePartitionsRequest()
	t := kmsg.NewCreatePartitionsRequestTopic()
	t.Topic, t.Count = topic, count
	req.Topics = append(req.Topics, t)
	res, err := req.RequestWith(s.t.Context(), s.client)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.connect()
}
