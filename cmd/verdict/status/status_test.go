package status

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor/kafka"
	"verdict/processor/kafka/transact"
)

// stage is a cluster with all topics, and settings for it.
type stage struct {
	*testing.T
	cluster *local.Cluster
	client  *kgo.Client
	o       Options
	out     *bytes.Buffer
}

func newStage(t *testing.T, partitions int32, without ...string) *stage {
	t.Helper()
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	cfg, err := config.Load(config.Sources{Set: []string{"kafka.brokers=" + c.Broker(), "registry.url=" + c.RegistryURL()}})
	if err != nil {
		t.Fatal(err)
	}
	of, err := pipeline.KafkaConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range kafka.TopicPlan(of) {
		if slices.Contains(without, topic.Name) {
			continue
		}
		if err := c.CreateTopics(partitions, topic.Name); err != nil {
			t.Fatal(err)
		}
	}
	s := &stage{T: t, cluster: c, out: &bytes.Buffer{}}
	s.o = Options{Config: cfg, MaxAge: 5 * time.Minute, JSON: true, Out: s.out}
	s.client = s.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	return s
}

func (s *stage) connect(opts ...kgo.Opt) *kgo.Client {
	s.Helper()
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(s.cluster.Broker()), kgo.MaxVersions(kversion.V2_8_0()))...)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(client.Close)
	return client
}

// record writes one that is so old.
func (s *stage) record(partition int32, old time.Duration) {
	s.Helper()
	r := &kgo.Record{Topic: "idv.raw.v1", Partition: partition, Value: []byte("x"), Timestamp: time.Now().Add(-old)}
	if err := s.client.ProduceSync(s.Context(), r).FirstErr(); err != nil {
		s.Fatal(err)
	}
}

// commit commits an offset, in a group without members.
func (s *stage) commit(partition int32, offset int64, metadata string) {
	s.Helper()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = "verdict", -1
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic = "idv.raw.v1"
	p := kmsg.NewOffsetCommitRequestTopicPartition()
	p.Partition, p.Offset, p.Metadata = partition, offset, &metadata
	topic.Partitions = append(topic.Partitions, p)
	req.Topics = append(req.Topics, topic)
	res, err := req.RequestWith(s.Context(), s.client)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// join has an instance join the group, by its name, and waits until all partitions are its.
func (s *stage) join(instance string) {
	s.Helper()
	assigned := make(chan struct{}, 10)
	member := s.connect(kgo.ClientID("verdict-"+instance), kgo.ConsumerGroup("verdict"), kgo.ConsumeTopics("idv.raw.v1"),
		kgo.DisableAutoCommit(), kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) {
			assigned <- struct{}{}
		}))
	go member.PollFetches(s.Context())
	<-assigned
}

// answering is an instance that answers with a status.
func (s *stage) answering(status kafka.Status) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/status" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(status)
	}))
	s.Cleanup(server.Close)
	return server.URL
}

// seen is a report as scripts read it.
type seen struct {
	Outcome    string
	Lag        int64
	Problems   []problem
	Partitions []partView
	Members    []memberView
	NotAsked   []notAsked `json:"not_asked"`
	Missing    []string   `json:"missing_topics"`
}

// look runs the command once, as JSON.
func (s *stage) look(want Outcome) (r seen) {
	s.Helper()
	s.out.Reset()
	outcome, err := Run(s.Context(), s.o)
	if err != nil {
		s.Fatal(err)
	}
	text := s.out.String()
	if err := json.Unmarshal(s.out.Bytes(), &r); err != nil {
		s.Fatal(err)
	}
	if outcome != want || r.Outcome != outcomeNames[want] {
		s.Errorf("the outcome is %s, want %s: %s", outcomeNames[outcome], outcomeNames[want], text)
	}
	return r
}

// says checks that there is one problem of a kind, with a text and of so many partitions.
func (r *seen) says(t *testing.T, k kind, text string, partitions int) {
	t.Helper()
	for _, p := range r.Problems {
		if p.Kind == k && strings.Contains(p.Text, text) && len(p.Partitions) == partitions {
			return
		}
	}
	t.Errorf("%s, %q of %d partitions is not among %+v", k, text, partitions, r.Problems)
}

func mark(ago time.Duration, rules string) string {
	return transact.Mark{Rules: rules, Time: time.Now().Add(-ago).UnixMilli(), TransactionalID: "verdict-i1-0"}.String()
}

func TestAFreshCluster(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, "idv.billing.v1")
	r := s.look(Wrong)
	r.says(t, kindMissing, "the topic idv.billing.v1 is not there", 0)
	if len(r.Problems) != 1 || !slices.Equal(r.Missing, []string{"idv.billing.v1"}) || len(r.Partitions) != 2 {
		t.Errorf("%+v", r)
	}
}

func TestRecordsWaitForNobody(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	if r := s.look(Fine); len(r.Problems) > 0 || r.Partitions[0].Committed != nil {
		t.Errorf("nothing waits: %+v", r)
	}
	s.record(1, 0)
	r := s.look(Wrong)
	r.says(t, kindNobody, "nobody is in the group verdict, which has never been, and a record waits", 1)
}

func TestAHeldPartition(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	s.record(0, time.Minute)
	s.record(2, 10*time.Minute)
	s.commit(0, 0, mark(time.Minute, "v1"))
	s.commit(1, 0, "by hand")
	s.commit(2, 0, mark(time.Minute, "v1"))
	s.join("i1")
	since := time.Now().Add(-time.Minute)
	s.o.Instances = []string{s.answering(kafka.Status{Group: "verdict", InstanceID: "i1", Reason: "the registry is gone",
		Since: since, Partitions: []kafka.PartitionStatus{
			{Topic: "idv.raw.v1", Partition: 0, State: kafka.StateHeld, Reason: "idv.raw.v1/0: the registry is gone", Since: since},
			{Topic: "idv.raw.v1", Partition: 1, State: kafka.StateRestoring, Since: since},
			{Topic: "idv.raw.v1", Partition: 2, State: kafka.StateDeciding}}})}
	r := s.look(Wrong)
	r.says(t, kindHeld, "idv.raw.v1/0 is held for 1m", 1)
	r.says(t, kindHeld, ": the registry is gone", 1)
	r.says(t, kindLate, "records of idv.raw.v1/2 wait for more than 5m, the oldest for 10m", 1)
	r.says(t, kindRestoring, "idv.raw.v1/1 is restoring for 1m", 1)
	r.says(t, kindUnmarked, "the offset of idv.raw.v1/1 was committed by another tool", 1)
	if m := r.Members[0]; m.ClientID != "verdict-i1" || m.Partitions != 3 || m.Ready == nil || *m.Ready ||
		m.LastCommit == nil || len(r.NotAsked) > 0 || r.Lag != 2 {
		t.Errorf("%+v", r)
	}
	s.o.MaxAge = time.Hour
	s.o.Instances = []string{s.answering(kafka.Status{Group: "verdict", InstanceID: "i1", Ready: true})}
	if r := s.look(Fine); len(r.Problems) != 1 || r.Lag != 2 {
		t.Errorf("%+v", r)
	}
}

// A transaction that a producer leaves open: Kafka shows nothing that waits, and the instance knows.
func TestABlockedPartition(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.commit(0, 0, mark(time.Minute, "v1"))
	s.join("i1")
	old := time.Now().Add(-10 * time.Minute)
	s.o.Instances = []string{s.answering(kafka.Status{Group: "verdict", InstanceID: "i1", Ready: true,
		Partitions: []kafka.PartitionStatus{{Topic: "idv.raw.v1", State: kafka.StateDeciding, OldestUndecided: &old,
			Reason: "a transaction in the raw topic is open from offset 0"}}})}
	r := s.look(Wrong)
	r.says(t, kindBlocked, "idv.raw.v1/0 gets no further: a transaction in the raw topic is open from offset 0", 1)
	r.says(t, kindLate, "records of idv.raw.v1/0 wait for more than 5m, the oldest for 10m", 1)
	s.o.MaxAge = time.Hour
	r = s.look(Fine)
	r.says(t, kindBlocked, "idv.raw.v1/0 gets no further", 1)
}

func TestInstancesThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.commit(0, 0, mark(90*time.Second, "v1"))
	s.join("i1")
	hung := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hung }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(hung) })
	older := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(older.Close)
	nonsense := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(nonsense.Close)
	s.o.Instances = []string{silent.URL, older.URL, nonsense.URL, "http://127.0.0.1:1",
		s.answering(kafka.Status{Group: "other", InstanceID: "i1x"}),
		s.answering(kafka.Status{Group: "verdict", InstanceID: "i2", Reason: "joining"})}
	r := s.look(Unknown)
	want := []string{"it was not named by --instance", "no answer within 1s", "an older version", "is no status",
		"connection refused", "it is of the group other", "the instance i2 is not in the group: joining"}
	if len(r.NotAsked) != len(want) || r.NotAsked[0].ClientID != "verdict-i1" || r.NotAsked[0].LastCommit == nil {
		t.Fatalf("%+v", r.NotAsked)
	}
	for i, text := range want {
		if !strings.Contains(r.NotAsked[i].Reason, text) {
			t.Errorf("%+v does not say %q", r.NotAsked[i], text)
		}
	}
	s.o.JSON = false
	s.out.Reset()
	if _, err := Run(t.Context(), s.o); err != nil || !strings.Contains(s.out.String(),
		"  i1 (127.0.0.1), it was not named by --instance, or does not answer there; no commit for 1m3") {
		t.Errorf("%v %s", err, s.out)
	}
}

// Without --instance each member's host is asked, at the port of http.address.
func TestMembersAreAskedAtTheirHosts(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.join("i1")
	url := s.answering(kafka.Status{Ready: true, Group: "verdict", InstanceID: "i1", RulesVersion: "v1", Version: "x"})
	s.o.Config.HTTP.Address = "0.0.0.0" + url[strings.LastIndexByte(url, ':'):]
	if r := s.look(Fine); len(r.NotAsked) > 0 || r.Members[0].URL != url+"/status" || r.Members[0].Version != "x" {
		t.Errorf("%+v", r)
	}
	s.o.Config.HTTP.Address = "127.0.0.1:0"
	if r := s.look(Fine); len(r.NotAsked) != 1 || !strings.Contains(r.NotAsked[0].Reason, "name it by --instance") {
		t.Errorf("%+v", r)
	}
}

// Watching appends where there is no terminal, and ends with the last look's outcome.
func TestWatch(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.record(0, 0)
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	s.o.Watch, s.o.Out = true, writer
	ended := make(chan Outcome)
	go func() {
		outcome, err := Run(ctx, s.o)
		if err != nil {
			t.Error(err)
		}
		_ = writer.Close()
		ended <- outcome
	}()
	looks := json.NewDecoder(reader)
	for range 2 {
		var r seen
		if err := looks.Decode(&r); err != nil || r.Outcome != "wrong" {
			t.Fatalf("%v %+v", err, r)
		}
	}
	cancel()
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	if outcome := <-ended; outcome != Wrong {
		t.Errorf("it ends with %s", outcomeNames[outcome])
	}
}
