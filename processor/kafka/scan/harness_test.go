package scan_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
	"go.uber.org/goleak"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newCluster starts a Kafka in this process, with the topic "raw".
func newCluster(t *testing.T, partitions int32, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	opts = append([]kfake.Opt{kfake.NumBrokers(2), kfake.SeedTopics(partitions, "raw")}, opts...)
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// connect makes the client under test.
func connect(t testing.TB, brokers []string, topics ...string) *cluster.Client {
	t.Helper()
	c, err := cluster.NewClient(cluster.Connection{Brokers: brokers}.WithDefaults(), topics)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// producer is an independent client that writes to the partition it is told.
func producer(t testing.TB, brokers []string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	opts = append([]kgo.Opt{kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner())}, opts...)
	c, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// fataler is what *testing.T and *rapid.T share.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func produce(t fataler, c *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	if err := c.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// records makes n of them, with the texts word-0, word-1, ...
func records(partition int32, word string, n int) []*kgo.Record {
	var list []*kgo.Record
	for i := range n {
		value := fmt.Appendf(nil, "%s-%d", word, i)
		list = append(list, &kgo.Record{Topic: "raw", Partition: partition, Key: []byte(word), Value: value})
	}
	return list
}

// transaction writes records in one that is committed or aborted.
func transaction(t fataler, c *kgo.Client, end kgo.TransactionEndTry, records ...*kgo.Record) {
	t.Helper()
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, c, records...)
	if err := c.EndTransaction(context.Background(), end); err != nil {
		t.Fatal(err)
	}
}

// open leaves a transaction open.
func open(t fataler, c *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, c, records...)
}

// line is a record as text.
func line(r *processor.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%d/%d %d %q %q", r.Topic, r.Partition, r.Offset, r.Timestamp, r.Key, r.Value)
	for _, h := range r.Headers {
		fmt.Fprintf(&b, " %s=%q", h.Key, h.Value)
	}
	return b.String()
}

// seen collects records as text.
type seen struct{ lines []string }

func (s *seen) add(r *processor.Record) error {
	s.lines = append(s.lines, line(r))
	return nil
}

// values are the records' values.
func values(lines []string) []string {
	var list []string
	for _, l := range lines {
		list = append(list, strings.Trim(l[strings.LastIndexByte(l, ' ')+1:], `"`))
	}
	return list
}

// eventually waits until something holds.
func eventually(t fataler, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(50 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("this does not come true: %s", what)
		}
	}
}

// within ends what hangs.
func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// readAll reads a topic of kfake or of a real broker.
func readAll(
	t *testing.T, brokers []string, topic string, from, to scan.Place, opts scan.Options,
) ([]string, scan.Result, error) {
	t.Helper()
	ctx := within(t, time.Minute)
	client := connect(t, brokers, topic)
	ranges, err := scan.Topic(ctx, client, topic, from, to)
	if err != nil {
		t.Fatal(err)
	}
	var s seen
	result, err := scan.Read(ctx, client, ranges, opts, s.add)
	return s.lines, result, err
}

// readWhole reads the topic "raw".
func readWhole(t *testing.T, c *kfake.Cluster, opts scan.Options) ([]string, scan.Result, error) {
	t.Helper()
	return readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), scan.HighWatermark(), opts)
}

// reader is the client of an independent reader; it knows topics by name.
func reader(t testing.TB, brokers []string) *kgo.Client {
	t.Helper()
	return producer(t, brokers, kgo.MaxVersions(kversion.V2_8_0()))
}

// independent is a reader that shares no code with the scan: it reads one partition from an offset to another.
func independent(t fataler, c *kgo.Client, topic string, partition int32, from, to int64) []string {
	t.Helper()
	leader := leaderOf(t, c, topic, partition)
	var lines []string
	for empty := 0; from < to && empty < 3; {
		req := kmsg.NewPtrFetchRequest()
		req.ReplicaID, req.MaxWaitMillis, req.MinBytes, req.MaxBytes, req.IsolationLevel = -1, 10, 1, 8<<20, 1
		rt := kmsg.NewFetchRequestTopic()
		rt.Topic = topic
		rp := kmsg.NewFetchRequestTopicPartition()
		rp.Partition, rp.FetchOffset, rp.PartitionMaxBytes = partition, from, 8<<20
		rt.Partitions = append(rt.Partitions, rp)
		req.Topics = append(req.Topics, rt)
		res, err := c.Broker(leader).Request(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		part := &res.(*kmsg.FetchResponse).Topics[0].Partitions[0]
		if err := kerr.ErrorForCode(part.ErrorCode); err != nil {
			t.Fatal(err)
		}
		opts := kgo.ProcessFetchPartitionOpts{
			Topic: topic, Partition: partition, Offset: from, IsolationLevel: kgo.ReadCommitted(),
		}
		fetched, next := kgo.ProcessFetchPartition(opts, part, kgo.DefaultDecompressor(), nil)
		if fetched.Err != nil {
			t.Fatal(fetched.Err)
		}
		for _, r := range fetched.Records {
			if r.Offset < to {
				lines = append(lines, line(asRecord(r)))
			}
		}
		if empty++; next > from {
			from, empty = next, 0
		}
	}
	return lines
}

func leaderOf(t fataler, c *kgo.Client, topic string, partition int32) int {
	t.Helper()
	req := kmsg.NewPtrMetadataRequest()
	rt := kmsg.NewMetadataRequestTopic()
	rt.Topic = &topic
	req.Topics = append(req.Topics, rt)
	res, err := req.RequestWith(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Topics[0].Partitions {
		if p.Partition == partition {
			return int(p.Leader)
		}
	}
	t.Fatalf("%s/%d is not there", topic, partition)
	return -1
}

func asRecord(r *kgo.Record) *processor.Record {
	rec := &processor.Record{
		Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli(),
		Key: r.Key, Value: r.Value,
	}
	for _, h := range r.Headers {
		rec.Headers = append(rec.Headers, processor.Header{Key: h.Key, Value: h.Value})
	}
	return rec
}

// same compares what was read with what the independent reader finds in the ranges that the result names.
func same(t fataler, c *kgo.Client, got []string, result scan.Result) {
	t.Helper()
	var want []string
	for _, p := range result.Partitions {
		want = append(want, independent(t, c, p.Topic, p.Partition, p.Start, p.End)...)
	}
	got = slices.Clone(got)
	slices.SortStableFunc(got, byPartition)
	slices.SortStableFunc(want, byPartition)
	if !slices.Equal(got, want) {
		t.Fatalf("read %d records, the independent reader %d:\n%s\nindependent:\n%s", len(got), len(want),
			strings.Join(got[:min(len(got), 40)], "\n"), strings.Join(want[:min(len(want), 40)], "\n"))
	}
	if result.Records != int64(len(got)) {
		t.Fatalf("the result says %d records, it was %d", result.Records, len(got))
	}
}

// byPartition leaves the order within a partition as it is.
func byPartition(a, b string) int {
	cut := func(s string) string { return s[:strings.LastIndexByte(s[:strings.IndexByte(s, ' ')], '/')] }
	return strings.Compare(cut(a), cut(b))
}

// complete checks that all ranges were read to their ends.
func complete(t fataler, result scan.Result, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range result.Partitions {
		if !p.Complete() || p.Position != p.End || p.Waits != nil {
			t.Fatalf("%+v is not complete", p)
		}
	}
}

// createTopic makes a topic; configs as name, value, name, value.
func createTopic(t testing.TB, brokers []string, topic string, partitions int32, configs ...string) {
	t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	rt := kmsg.NewCreateTopicsRequestTopic()
	rt.Topic, rt.NumPartitions, rt.ReplicationFactor = topic, partitions, 1
	for i := 0; i < len(configs); i += 2 {
		rc := kmsg.NewCreateTopicsRequestTopicConfig()
		rc.Name, rc.Value = configs[i], &configs[i+1]
		rt.Configs = append(rt.Configs, rc)
	}
	req.Topics = append(req.Topics, rt)
	res, err := req.RequestWith(context.Background(), producer(t, brokers))
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// realBroker names a Kafka that the tests may create topics on.
func realBroker(t testing.TB) string {
	broker := os.Getenv("VERDICT_TEST_KAFKA")
	if broker == "" {
		t.Skip("needs a Kafka: set VERDICT_TEST_KAFKA to its host:port (topics of random names are created on it)")
	}
	return broker
}
