package transact_test

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap/zaptest"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
)

const topic = "decisions"

func start(t *testing.T) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(2, topic, "raw"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func session(t *testing.T, c *kfake.Cluster, id string) *transact.Session {
	t.Helper()
	to := cluster.Connection{Brokers: c.ListenAddrs()}.WithDefaults()
	client, err := cluster.NewClient(to, []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	retry := &cluster.Retry{Log: zaptest.NewLogger(t), Failed: func(cluster.Class) {}, Stalled: func(error) {}}
	s := transact.NewSession(client, retry, transact.Identity{TransactionalID: id, Group: "g", Generation: -1,
		Timeout: 10 * time.Second})
	if err := s.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func delivery(values ...string) *transact.Delivery {
	d := &transact.Delivery{Outputs: transact.NewOutputs(wire.CompressionNone),
		Offsets: []transact.Offset{{Topic: "raw", Partition: 0, Next: int64(len(values))}}}
	add(d, values...)
	return d
}

func add(d *transact.Delivery, values ...string) {
	for i, v := range values {
		out := &processor.Output{Route: processor.RouteDecision, Key: []byte(v), Value: []byte(v)}
		d.Outputs.Add(transact.Key{Topic: topic, Partition: int32(i % 2)}, out, transact.UsualBatchBytes,
			time.Now().UnixMilli(), transact.Origin{Topic: "raw", Offset: int64(i)})
	}
}

// visible is what a read_committed reader sees, without an order among partitions, once there are n records.
func visible(t *testing.T, c *kfake.Cluster, n int) map[string]int {
	t.Helper()
	reader, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(20*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	seen := map[string]int{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for all := 0; all < n && ctx.Err() == nil; {
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) { seen[string(r.Value)]++; all++ })
	}
	return seen
}

func deliver(t *testing.T, s *transact.Session, d *transact.Delivery) {
	t.Helper()
	if err := s.Deliver(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if s.Open() {
		t.Error("a transaction that was committed counts as open")
	}
}

func TestOneTransactionAfterTheOther(t *testing.T) {
	c := start(t)
	s := session(t, c, "g-a-0")
	deliver(t, s, delivery("1", "2", "3"))
	d := delivery("4")
	s.Announce(t.Context(), d, time.Now())
	add(d, "5", "6") // a partition more than was announced
	deliver(t, s, d)
	got := visible(t, c, 6)
	for _, v := range []string{"1", "2", "3", "4", "5", "6"} {
		if got[v] != 1 {
			t.Errorf("%s came %d times: %v", v, got[v], got)
		}
	}
}

// A session is over when another one has its transactional id, and leaves that one's transaction alone.
func TestAnotherSessionFences(t *testing.T) {
	c := start(t)
	first := session(t, c, "g-a-0")
	second := session(t, c, "g-a-0")
	d := delivery("of the second")
	second.Announce(t.Context(), d, time.Now())
	err := first.Deliver(t.Context(), delivery("of the first"))
	if cluster.Classify(err) != cluster.ClassFenced {
		t.Fatalf("the first session's delivery: %v", err)
	}
	if first.Open() {
		t.Error("a transaction that is another session's counts as open")
	}
	deliver(t, second, d)
	if got := visible(t, c, 1); len(got) != 1 || got["of the second"] != 1 {
		t.Error(got)
	}
}

// What was announced and is not delivered is withdrawn in its epoch: the same epoch goes on.
func TestAWithdrawnTransactionLeavesNothingOpen(t *testing.T) {
	c := start(t)
	s := session(t, c, "g-a-0")
	d := delivery("never")
	s.Announce(t.Context(), d, time.Now())
	if _, announced := d.Announced(); !announced || !s.Open() {
		t.Error("it is not announced")
	}
	if err := s.Withdraw(t.Context(), d); err != nil || s.Open() {
		t.Fatalf("%v, open %v", err, s.Open())
	}
	deliver(t, s, delivery("after it"))
	if got := visible(t, c, 1); got["never"] != 0 || got["after it"] != 1 {
		t.Error(got)
	}
}

// Without a transactional id there is nothing to fence or to abandon.
func TestWithoutTransactions(t *testing.T) {
	c := start(t)
	s := session(t, c, "")
	d := delivery("1")
	d.Offsets = nil
	deliver(t, s, d)
	if fenced, err := s.Fenced(t.Context()); fenced || err != nil {
		t.Error(fenced, err)
	}
	if err := s.Abandon(t.Context()); err != nil {
		t.Error(err)
	}
	if got := visible(t, c, 1); got["1"] != 1 {
		t.Error(got)
	}
}

// Without a group there is nothing to commit beside the records, and no coordinator of a group is asked.
func TestWithoutAGroup(t *testing.T) {
	c := start(t)
	asked := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.AddOffsetsToTxn, kmsg.TxnOffsetCommit}, Observe: true, Count: -1})
	client, err := cluster.NewClient(cluster.Connection{Brokers: c.ListenAddrs()}.WithDefaults(), []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	retry := &cluster.Retry{Log: zaptest.NewLogger(t), Failed: func(cluster.Class) {}, Stalled: func(error) {}}
	s := transact.NewSession(client, retry, transact.Identity{TransactionalID: "g-tool", Timeout: 10 * time.Second})
	if err := s.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := delivery("1", "2")
	d.Offsets = nil
	deliver(t, s, d)
	if got := visible(t, c, 2); got["1"] != 1 || got["2"] != 1 || asked.Hits() != 0 {
		t.Errorf("%v, and %d requests about a group", got, asked.Hits())
	}
}
