package kafka_test

import (
	"context"
	"crypto/sha512"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
	"verdict/rules"
)

// Topics of the tests.
const (
	rawTopic   = "raw"
	partitions = 4
)

// outputTopics are named as their settings are: decisions, billing and so on.
var outputTopics = func() (topics [processor.NumRoutes]string) {
	for _, route := range processor.Routes() {
		topics[route] = route.Spec().Setting
	}
	return topics
}()

// newCluster starts a Kafka in this process.
func newCluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	opts = append([]kfake.Opt{
		kfake.NumBrokers(2),
		kfake.SeedTopics(partitions, rawTopic, "decisions", "verifications", "billing"), kfake.SeedTopics(2, "risk"),
		kfake.SeedTopics(partitions, "overdue"), kfake.SeedTopics(1, "deadletter"),
	}, opts...)
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// plain stands in for the codec: "<verification id> <status> [<bytes of the decision>]". The word "broken" is
// malformed, the word "silent" cannot be decoded as long as silent is true, and a word that begins with "slow" takes a
// millisecond or so.
type plain struct{ silent atomic.Bool }

func (p *plain) Decode(r *processor.Record, e *processor.Event) error {
	words := strings.Fields(string(r.Value))
	e.Unread = strings.HasSuffix(words[len(words)-1], "?")
	switch {
	case words[0] == "broken":
		return processor.Reject(processor.ReasonMalformedJSON, "it is broken")
	case words[0] == "silent" && p.silent.Load():
		return errors.New("the registry does not answer")
	case strings.HasPrefix(words[0], "slow"):
		sha512.Sum512(make([]byte, 1_000_000))
	}
	e.Provider, e.Product = "yousign", "video"
	e.VerificationID, e.Status = words[0], words[1]
	if len(words) > 2 {
		e.SubjectRef = words[2]
	}
	return nil
}

func (p *plain) Append(route processor.Route, dst []byte, d *processor.Decision) ([]byte, error) {
	if route != processor.RouteDecision {
		return append(dst, route.String()+" "+d.VerificationID...), nil
	}
	dst = fmt.Appendf(dst, "%s/%d/%d %s", d.Source.Topic, d.Source.Partition, d.Source.Offset, d.VerificationID)
	if n, err := strconv.Atoi(d.SubjectRef); err == nil {
		dst = append(dst, strings.Repeat("x", n)...)
	}
	return dst, nil
}

func (p *plain) ContentType() string { return "text/plain" }

// running is a runner at work.
type running struct {
	*kafka.Runner
	t       *testing.T
	plain   *plain
	log     *zap.Logger // nil: the test's
	metrics *prometheus.Registry
	stop    context.CancelFunc
	ended   chan error
}

func config(brokers []string) kafka.Config {
	return kafka.Config{
		Connection: cluster.Connection{Brokers: brokers}, Group: "verdict", RawTopics: []string{rawTopic},
		Topics:            outputTopics,
		HeartbeatInterval: 100 * time.Millisecond,
		CommitInterval:    20 * time.Millisecond, Units: 2,
		Compression: wire.CompressionNone, // sizes are as written
	}
}

// start runs a runner, prepared first, until the test ends or its stop is called.
func start(t *testing.T, cfg kafka.Config, prepare ...func(*kafka.Runner)) *running {
	t.Helper()
	r := &running{t: t, plain: new(plain), metrics: prometheus.NewRegistry(), ended: make(chan error, 1)}
	p := processor.New(rules.Embedded(), r.plain, r.plain, processor.Options{Version: "test"})
	return r.start(cfg, p, prepare...)
}

func (r *running) start(cfg kafka.Config, p *processor.Processor, prepare ...func(*kafka.Runner)) *running {
	t := r.t
	t.Helper()
	if r.log == nil {
		r.log = testLog(t)
	}
	var err error
	r.Runner, err = kafka.NewRunner(cfg, p, kafka.NewMetrics(r.metrics, p.Vocabularies()), r.log)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range prepare {
		f(r.Runner)
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.ended <- r.Run(ctx) }()
	t.Cleanup(func() { _ = r.end() })
	return r
}

func testLog(t *testing.T) *zap.Logger {
	return zaptest.NewLogger(t, zaptest.Level(zap.InfoLevel))
}

// end stops the runner and returns what Run returned.
func (r *running) end() error {
	r.stop()
	select {
	case err := <-r.ended:
		r.ended <- err
		return err
	case <-time.After(20 * time.Second):
		r.t.Error("the runner does not end")
		return nil
	}
}

// value reads a metric; labels as "name=value".
func (r *running) value(name string, labels ...string) float64 {
	r.t.Helper()
	families, err := r.metrics.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
	metrics:
		for _, m := range f.Metric {
			have := map[string]bool{}
			for _, l := range m.Label {
				have[l.GetName()+"="+l.GetValue()] = true
			}
			for _, l := range labels {
				if !have[l] {
					continue metrics
				}
			}
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

// eventually waits until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("this does not come true: %s", what)
		}
	}
}

// producer is an independent client that writes to the partition it is told.
func producer(t *testing.T, brokers []string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	opts = append([]kgo.Opt{kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchMaxBytes(64 << 20)}, opts...)
	c, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func raw(partition int32, value string) *kgo.Record {
	key, _, _ := strings.Cut(value, " ")
	return &kgo.Record{Topic: rawTopic, Partition: partition, Key: []byte(key), Value: []byte(value)}
}

func produce(t *testing.T, c *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	if err := c.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// events makes n approved events over all partitions.
func events(from, n int) []*kgo.Record {
	var list []*kgo.Record
	for i := from; i < from+n; i++ {
		list = append(list, raw(int32(i%partitions), fmt.Sprintf("v-%d approved", i)))
	}
	return list
}

// collector is an independent consumer.
type collector struct {
	t       *testing.T
	client  *kgo.Client
	records []*kgo.Record
}

func collect(t *testing.T, brokers []string, topics ...string) *collector {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics(topics...),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(50*time.Millisecond),
		kgo.MetadataMinAge(100*time.Millisecond), kgo.MetadataMaxAge(500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &collector{t: t, client: c}
}

// until reads until there are n records, and a little longer for what should not be there.
func (c *collector) until(n int) []*kgo.Record {
	c.t.Helper()
	c.poll(30*time.Second, n)
	if len(c.records) < n {
		c.t.Fatalf("%d records came, want %d", len(c.records), n)
	}
	c.poll(200*time.Millisecond, n+1)
	if len(c.records) > n {
		c.t.Fatalf("%d records came, want %d", len(c.records), n)
	}
	return c.records
}

func (c *collector) poll(timeout time.Duration, n int) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	for len(c.records) < n && ctx.Err() == nil {
		fetches := c.client.PollFetches(ctx)
		fetches.EachRecord(func(r *kgo.Record) { c.records = append(c.records, r) })
	}
}

// createTopic makes a topic while runners are at work.
func createTopic(t *testing.T, c *kfake.Cluster, name string, n int32) {
	t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, n, 1
	req.Topics = append(req.Topics, topic)
	res, err := req.RequestWith(t.Context(), producer(t, c.ListenAddrs()))
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func addPartitions(t *testing.T, c *kfake.Cluster, name string, n int32) {
	t.Helper()
	req := kmsg.NewPtrCreatePartitionsRequest()
	topic := kmsg.NewCreatePartitionsRequestTopic()
	topic.Topic, topic.Count = name, n
	req.Topics = append(req.Topics, topic)
	res, err := req.RequestWith(t.Context(), producer(t, c.ListenAddrs()))
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// kmsgJoin asks for membership in a group as a runner does.
func kmsgJoin(group string, session time.Duration) *kmsg.JoinGroupRequest {
	req := kmsg.NewPtrJoinGroupRequest()
	req.Version = 2
	req.Group, req.ProtocolType = group, "consumer"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = int32(session.Milliseconds()), int32(session.Milliseconds())
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name = "verdict-sticky"
	meta := kmsg.NewConsumerMemberMetadata()
	meta.Topics = []string{rawTopic}
	protocol.Metadata = meta.AppendTo(nil)
	req.Protocols = append(req.Protocols, protocol)
	return req
}

func deleteRecords(t *testing.T, c *kfake.Cluster, topic string, partition int32, before int64) {
	t.Helper()
	req := kmsg.NewPtrDeleteRecordsRequest()
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewDeleteRecordsRequestTopicPartition()
	rp.Partition, rp.Offset = partition, before
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	cl := producer(t, c.ListenAddrs())
	res, err := cl.Broker(int(c.LeaderFor(topic, partition))).Request(t.Context(), req)
	if err == nil {
		err = kerr.ErrorForCode(res.(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}
