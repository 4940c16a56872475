package overview_test

import (
	"context"
	"errors"
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

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/overview"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/transact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// began is the time of the oldest record of these tests.
var began = time.UnixMilli(1_790_000_000_000)

func newCluster(t *testing.T, partitions int32) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(partitions, "raw"), kfake.SeedTopics(1, "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func client(t *testing.T, c *kfake.Cluster, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	opts = append([]kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.MaxVersions(kversion.V2_8_0())}, opts...)
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// produce writes n records, a second apart.
func produce(t *testing.T, cl *kgo.Client, partition int32, n int) {
	t.Helper()
	for i := range n {
		r := &kgo.Record{Topic: "raw", Partition: partition, Value: []byte("x"),
			Timestamp: began.Add(time.Duration(i) * time.Second)}
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// commit commits an offset of the group as if it had no members.
func commit(t *testing.T, cl *kgo.Client, partition int32, offset int64, metadata string) {
	t.Helper()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = "g", -1
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic = "raw"
	p := kmsg.NewOffsetCommitRequestTopicPartition()
	p.Partition, p.Offset, p.Metadata = partition, offset, &metadata
	topic.Partitions = append(topic.Partitions, p)
	req.Topics = append(req.Topics, topic)
	res, err := req.RequestWith(t.Context(), cl)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// look looks once at the group.
func look(t *testing.T, c *kfake.Cluster, needs ...string) (*overview.View, error) {
	t.Helper()
	ob, err := overview.Connect(overview.Options{Connection: cluster.Connection{Brokers: c.ListenAddrs()}, Group: "g",
		Raw: []string{"raw"}, Needs: append([]string{"raw"}, needs...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ob.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return ob.Look(ctx)
}

func must(t *testing.T, v *overview.View, err error) *overview.View {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// is checks where the group is in a partition.
func is(t *testing.T, p *overview.Partition, offset, end, lag int64, oldest time.Time) {
	t.Helper()
	if p.Offset != offset || p.End != end || p.Lag != lag || !p.Oldest.Equal(oldest) || p.Err != nil {
		t.Errorf("%s is at %d of %d, lag %d, oldest %s, %v; want %d of %d, lag %d, oldest %s", p.Place, p.Offset, p.End,
			p.Lag, p.Oldest, p.Err, offset, end, lag, oldest)
	}
}

func TestAGroupThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	produce(t, client(t, c), 1, 3)
	view, err := look(t, c, "out", "gone")
	v := must(t, view, err)
	is(t, &v.Partitions[0], -1, 0, 0, time.Time{})
	is(t, &v.Partitions[1], -1, 3, 3, began)
	if len(v.Members) > 0 || !slices.Equal(v.Missing, []string{"gone"}) || v.Partitions[1].Owner != nil {
		t.Errorf("%+v", v)
	}
}

func TestOffsetsAndWhatWaits(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 5)
	cl := client(t, c)
	for id := range int32(3) {
		produce(t, cl, id, 4)
	}
	mark := transact.Mark{Rules: "v1+abc", Time: began.UnixMilli(), TransactionalID: "g-i-0"}
	commit(t, cl, 0, 4, mark.String())
	commit(t, cl, 1, 1, mark.String())
	commit(t, cl, 2, 1, "by hand")
	aborting := client(t, c, kgo.TransactionalID("upstream"))
	if err := aborting.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, aborting, 3, 2)
	if err := aborting.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
	commit(t, cl, 3, 0, mark.String())
	commit(t, cl, 4, 7, mark.String())
	if err := c.DeleteRecords("raw", 2, 3); err != nil {
		t.Fatal(err)
	}
	view, err := look(t, c)
	v := must(t, view, err)
	is(t, &v.Partitions[0], 4, 4, 0, time.Time{})
	is(t, &v.Partitions[1], 1, 4, 3, began.Add(time.Second))
	is(t, &v.Partitions[2], 1, 4, 1, began.Add(3*time.Second))
	is(t, &v.Partitions[3], 0, 3, 0, time.Time{})
	if p := &v.Partitions[1]; !p.Marked() || p.Mark.Rules != "v1+abc" || !p.Committed().Equal(began) || p.Lost() != 0 {
		t.Errorf("%+v", p)
	}
	if p := &v.Partitions[2]; p.Marked() || p.Lost() != 2 || !p.Committed().IsZero() {
		t.Errorf("%+v", p)
	}
	if p := &v.Partitions[4]; !errors.Is(p.Err, scan.ErrTruncated) || p.Lag != -1 {
		t.Errorf("behind the end: %+v", p)
	}
}

func TestMembersAndOwners(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	cl := client(t, c)
	assigned := make(chan struct{}, 10)
	member := client(t, c, kgo.ClientID("verdict-a"), kgo.ConsumerGroup("g"), kgo.ConsumeTopics("raw", "out"),
		kgo.DisableAutoCommit(), kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) {
			assigned <- struct{}{}
		}))
	go member.PollFetches(t.Context())
	<-assigned
	produce(t, cl, 2, 1)
	view, err := look(t, c)
	v := must(t, view, err)
	if len(v.Members) != 1 || v.Members[0].ClientID != "verdict-a" || v.Members[0].Has != 3 ||
		v.Members[0].Host != "127.0.0.1" || !slices.Equal(v.Others, []string{"out"}) {
		t.Errorf("%+v", v)
	}
	for _, p := range v.Partitions {
		if p.Owner != &v.Members[0] {
			t.Errorf("%s has the owner %v", p.Place, p.Owner)
		}
	}
}

func TestACoordinatorThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.FindCoordinator}, Err: kerr.CoordinatorNotAvailable, Count: 4})
	view, err := look(t, c)
	is(t, &must(t, view, err).Partitions[0], -1, 0, 0, time.Time{})
}

func TestWhatMayNotBeAsked(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeGroups}, Err: kerr.GroupAuthorizationFailed, Count: -1})
	_, err := look(t, c)
	if err == nil || !strings.Contains(err.Error(), "the members of the group g: DescribeGroups") ||
		!strings.Contains(err.Error(), "DESCRIBE on the group is enough") {
		t.Error(err)
	}
}

// Where the records may not be read, how many wait is known all the same.
func TestRecordsThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	produce(t, client(t, c), 0, 3)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.TopicAuthorizationFailed, Count: -1})
	view, err := look(t, c)
	v := must(t, view, err)
	if p := &v.Partitions[0]; p.Lag != 3 || !errors.Is(p.Err, scan.ErrRefused) {
		t.Errorf("%+v", p)
	}
	is(t, &v.Partitions[1], -1, 0, 0, time.Time{})
}
