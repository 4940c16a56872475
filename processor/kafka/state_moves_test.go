package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// A commit is carried out and its answer lost: what was taken back is read again, and no story begins twice.
func TestStateAfterALostCommit(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	var ends atomic.Int32
	c.ControlKey(int16(kmsg.EndTxn), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := *kreq.(*kmsg.EndTxnRequest)
		if req.Version > 3 || ends.Add(1)%3 != 2 { // the test's own is newer
			return nil, nil, false
		}
		req.Version = 4
		c.SleepControl(func() { _, _ = req.RequestWith(context.Background(), client) })
		return nil, errors.New("cut"), true
	})
	cfg := stateConfig(c)
	cfg.Units = 1
	r := startStory(t, cfg)
	var want []string
	for i := range 12 {
		id := fmt.Sprintf("v-%d", i)
		produce(t, client, raw(1, id+" pending"), raw(1, id+" pending"))
		produce(t, client, raw(1, id+" approved"), raw(1, id+" pending"))
		want = append(want, id+" pending FIRST 1", id+" approved ADVANCED 2")
		told(t, c, len(want))
	}
	expect(t, told(t, c, len(want)), want...)
	if n := r.value("verdict_restores_total", "kind=caught_up"); n == 0 {
		t.Error("no commit was lost: this shows nothing")
	}
}

// Partitions go to an instance that joins, and come back when it leaves; what is known goes along.
func TestStateMovesBetweenInstances(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first, second := stateConfig(c), stateConfig(c)
	first.InstanceID, second.InstanceID = "first", "second"
	a := startStory(t, first)
	decisions := collect(t, c.ListenAddrs(), "decisions")
	write := func(status string) {
		t.Helper()
		var records []*kgo.Record
		for i := range 40 {
			records = append(records, raw(int32(i%partitions), fmt.Sprintf("v-%d %s", i, status)))
		}
		produce(t, client, records...)
	}
	write("pending")
	decisions.until(40)
	b := startStory(t, second)
	a.sharesWith(b)
	write("pending")
	write("approved")
	decisions.until(80)
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	write("approved")
	write("declined")
	for _, d := range decisions.until(120)[80:] {
		if !strings.HasSuffix(string(d.Value), "declined REVERSED 3") {
			t.Fatalf("got %s", d.Value)
		}
	}
	if n := a.value("verdict_restores_total", "kind=caught_up"); n != 2 {
		t.Errorf("%v partitions were caught up with, want the 2 that came back", n)
	}
}

// A transaction that somebody left open in a changelog is waited for: the end that is restored to is behind it, and
// nothing that was committed meanwhile is taken for lost.
func TestStateWaitsForAnOpenTransaction(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	stranger := producer(t, c.ListenAddrs(), kgo.TransactionalID("stranger"), kgo.TransactionTimeout(time.Minute))
	if err := stranger.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, stranger, &kgo.Record{Topic: changelog, Partition: 1, Key: []byte("never"), Value: []byte("committed")})
	first := stateConfig(c)
	cfg := first
	cfg.RawTopics = []string{rawTopic}
	r := startStory(t, cfg)
	produce(t, client, raw(2, "b pending"))
	told(t, c, 1) // the other partitions go on
	var ready error
	eventually(t, "readiness says what it waits for", func() bool {
		ready = r.Ready()
		return ready != nil && strings.Contains(ready.Error(), "restoring the state of 1 of 4 partitions")
	})
	produce(t, client, raw(1, "a pending"))
	if err := stranger.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
	expect(t, told(t, c, 2), "a pending FIRST 1", "b pending FIRST 1")
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
}

// What was committed behind an open transaction is restored all the same.
func TestStateIsRestoredBehindAnOpenTransaction(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	a := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	stranger := producer(t, c.ListenAddrs(), kgo.TransactionalID("stranger"), kgo.TransactionTimeout(time.Minute))
	if err := stranger.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, stranger, &kgo.Record{Topic: changelog, Partition: 1, Key: []byte("never"), Value: []byte("committed")})
	produce(t, client, raw(1, "a approved"))
	told(t, c, 2)
	if err := a.end(); err != nil {
		t.Fatal(err)
	}
	b := startStory(t, stateConfig(c))
	eventually(t, "the others are restored", func() bool {
		return b.value("verdict_restores_total", "kind=full") == partitions-1
	})
	if err := b.Ready(); err == nil || !strings.Contains(err.Error(), "restoring the state of 1 of 4") {
		t.Errorf("readiness says %v", err)
	}
	if at := partition(b, 1); at.State != kafka.StateRestoring || states(b, kafka.StateDeciding) != partitions-1 {
		t.Errorf("of the partition its status says %+v", at)
	}
	if err := stranger.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
	produce(t, client, raw(1, "a pending"), raw(1, "a declined"))
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "a declined REVERSED 3")
}

// Without its changelog a partition waits, and goes on as soon as it is there.
func TestAMissingChangelogHolds(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	client := producer(t, c.ListenAddrs())
	r := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	eventually(t, "readiness names the topic and the cure", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), changelog) && strings.Contains(err.Error(), "topics --create")
	})
	createTopic(t, c, changelog, partitions)
	expect(t, told(t, c, 1), "a pending FIRST 1")
}
