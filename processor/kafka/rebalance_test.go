package kafka_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestInstancesComeAndGo(t *testing.T) {
	c := newCluster(t)
	p := producer(t, c.ListenAddrs())
	const n = 6000
	done := make(chan error, 1)
	go func() {
		for i := 0; i < n; i += 100 {
			if err := p.ProduceSync(context.Background(), events(i, 100)...).FirstErr(); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	first := start(t, config(c.ListenAddrs()))
	eventually(t, "the first has all", func() bool { return first.value("verdict_partitions_assigned") == partitions })
	second := start(t, config(c.ListenAddrs()))
	eventually(t, "they share", func() bool {
		return first.value("verdict_partitions_assigned") == partitions/2 &&
			second.value("verdict_partitions_assigned") == partitions/2
	})
	if err := first.end(); err != nil {
		t.Error(err)
	}
	eventually(t, "the second has all",
		func() bool { return second.value("verdict_partitions_assigned") == partitions })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(n), n)
	eventually(t, "each event is counted once", func() bool {
		return first.value("verdict_events_total")+second.value("verdict_events_total") == n
	})
}

// Of twelve partitions, two instances have six each, and three have four each: four move when the third comes, and when
// it leaves, only what it had.
func TestInstancesKeepWhatTheyHave(t *testing.T) {
	c := newCluster(t, kfake.SeedTopics(12, "wide"))
	cl := producer(t, c.ListenAddrs())
	cfg := config(c.ListenAddrs())
	cfg.RawTopics = []string{"wide"}
	named := func(name string) *running {
		cfg.InstanceID = name
		return start(t, cfg)
	}
	named("b")
	alone := assigned(t, cl, 12)
	named("c")
	two := assigned(t, cl, 6, 6)
	if n := moved(alone, two); n != 6 {
		t.Errorf("%d move from one to two: %v, %v", n, alone, two)
	}
	third := named("a")
	three := assigned(t, cl, 4, 4, 4)
	if n := moved(two, three); n != 4 {
		t.Errorf("%d move from two to three: %v, %v", n, two, three)
	}
	if err := third.end(); err != nil {
		t.Error(err)
	}
	again := assigned(t, cl, 6, 6)
	if n := moved(three, again); n != 4 {
		t.Errorf("%d move from three to two: %v, %v", n, three, again)
	}
}

// assigned asks the group's coordinator, until the members have so many partitions each, who has which.
func assigned(t *testing.T, cl *kgo.Client, shares ...int) map[int32]string {
	t.Helper()
	var owners map[int32]string
	eventually(t, fmt.Sprintf("the members have %v", shares), func() bool {
		req := kmsg.NewPtrDescribeGroupsRequest()
		req.Groups = []string{"verdict"}
		res, err := req.RequestWith(t.Context(), cl)
		if err != nil || len(res.Groups) != 1 || len(res.Groups[0].Members) != len(shares) {
			return false
		}
		owners = map[int32]string{}
		for _, m := range res.Groups[0].Members {
			var has kmsg.ConsumerMemberAssignment
			if has.ReadFrom(m.MemberAssignment) != nil || len(has.Topics) != 1 {
				return false
			}
			if !slices.Contains(shares, len(has.Topics[0].Partitions)) {
				return false
			}
			for _, p := range has.Topics[0].Partitions {
				owners[p] = m.ClientID
			}
		}
		all := 0
		for _, n := range shares {
			all += n
		}
		return len(owners) == all
	})
	return owners
}

func moved(before, after map[int32]string) int {
	n := 0
	for p, owner := range before {
		if after[p] != owner {
			n++
		}
	}
	return n
}

func TestUpstreamAbortsAreNotDecided(t *testing.T) {
	c := newCluster(t)
	r := start(t, config(c.ListenAddrs()))
	upstream := producer(t, c.ListenAddrs(), kgo.TransactionalID("upstream"))
	transaction := func(key string, end kgo.TransactionEndTry) {
		t.Helper()
		if err := upstream.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for i := range int32(partitions) {
			produce(t, upstream, raw(i, key+" approved"))
		}
		if err := upstream.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	p := producer(t, c.ListenAddrs())
	transaction("aborted", kgo.TryAbort)
	transaction("committed", kgo.TryCommit)
	produce(t, p, raw(0, "plain approved"))
	transaction("aborted", kgo.TryAbort)
	for _, d := range collect(t, c.ListenAddrs(), "decisions").until(partitions + 1) {
		if string(d.Key) == "aborted" {
			t.Error("an aborted record was decided")
		}
	}
	eventually(t, "the offsets pass the markers", func() bool {
		return r.value("verdict_lag_records") == 0 && r.value("verdict_events_total") == partitions+1
	})
}

func TestARestartWithTheSameNameDoesNotWaitForTheGhost(t *testing.T) {
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.InstanceID, cfg.SessionTimeout = "a", 30*time.Second
	ghost(t, c.ListenAddrs(), "verdict-a")
	begin := time.Now()
	r := start(t, cfg)
	eventually(t, "all is assigned", func() bool { return r.value("verdict_partitions_assigned") == partitions })
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// ghost joins the group under a client id and never says anything again.
func ghost(t *testing.T, brokers []string, clientID string) {
	t.Helper()
	join := kmsgJoin("verdict", 30*time.Second)
	cl := producer(t, brokers, kgo.ClientID(clientID))
	res, err := join.RequestWith(t.Context(), cl)
	if err != nil {
		t.Fatal(err)
	}
	if res.MemberID == "" {
		t.Fatalf("the ghost did not join: %+v", res)
	}
}

func TestLeadersAndCoordinatorsMove(t *testing.T) {
	c := newCluster(t, kfake.NumBrokers(3))
	r := start(t, config(c.ListenAddrs()))
	p := producer(t, c.ListenAddrs())
	const rounds = 8
	for i := range rounds {
		produce(t, p, events(200*i, 200)...)
		if i%2 == 0 {
			c.ShufflePartitionLeaders()
		} else {
			c.RehashCoordinators()
		}
	}
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(200*rounds), 200*rounds)
	eventually(t, "no lag", func() bool { return r.Ready() == nil && r.value("verdict_lag_records") == 0 })
}

func TestOutputTopicsMayGrow(t *testing.T) {
	c := newCluster(t)
	start(t, config(c.ListenAddrs()))
	p := producer(t, c.ListenAddrs())
	produce(t, p, events(0, 100)...)
	decisions := collect(t, c.ListenAddrs(), "decisions")
	decisions.until(100)
	addPartitions(t, c, "decisions", 2*partitions)
	eventually(t, "the new partitions are used", func() bool {
		produce(t, p, events(len(decisions.records), 20)...)
		decisions.poll(200*time.Millisecond, len(decisions.records)+20)
		return decisions.records[len(decisions.records)-1].Partition >= partitions
	})
	// The Java client's partitioner is the judge.
	for _, d := range decisions.records {
		want := int32(kgo.StickyKeyPartitioner(nil).ForTopic("").Partition(&kgo.Record{Key: d.Key}, 2*partitions))
		if d.Partition >= partitions && d.Partition != want {
			t.Errorf("%s is in partition %d, want %d", d.Key, d.Partition, want)
		}
	}
}

func TestShutdownWhileJoining(t *testing.T) {
	c := newCluster(t)
	joining := make(chan struct{})
	var once sync.Once
	c.ControlKey(int16(kmsg.JoinGroup), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		once.Do(func() { close(joining) })
		c.SleepControl(func() { <-t.Context().Done() })
		return nil, nil, false
	})
	r := start(t, config(c.ListenAddrs()))
	<-joining
	begin := time.Now()
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 6*time.Second {
		t.Errorf("it took %s", took)
	}
}

// A broker that takes connections and answers nothing must not keep an instance out of its group.
func TestASilentFirstBrokerIsPassedOver(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	cfg := config(append([]string{silent.Addr().String()}, newCluster(t).ListenAddrs()...))
	cfg.RequestTimeout = 500 * time.Millisecond
	start(t, cfg)
	produce(t, producer(t, cfg.Brokers[1:]), events(0, 20)...)
	onceEach(t, collect(t, cfg.Brokers[1:], "decisions").until(20), 20)
}
