package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

const frozenID = "verdict-first-0" // the only transactional id of the instance "first"

// frozen is an instance, "first", whose commit has left it and does not arrive, while it loses its membership.
type frozen struct {
	*running
	c      *kfake.Cluster
	client *kgo.Client // as old as not to begin a new epoch with each end of a transaction
	commit chan kmsg.EndTxnRequest
	closed atomic.Bool // nothing of its commits arrives
	out    atomic.Bool // it cannot join
	blind  atomic.Bool // nobody can fetch raw records
}

// freeze has "a pending" committed by the instance, and "a approved" on its way when it is put out of the group.
func freeze(t *testing.T) *frozen {
	t.Helper()
	c := newStateCluster(t)
	f := &frozen{c: c, client: producer(t, c.ListenAddrs(), kgo.MaxVersions(kversion.V3_0_0())),
		commit: make(chan kmsg.EndTxnRequest, 1)}
	f.control()
	f.running = f.start(t, "first")
	produce(t, f.client, raw(1, "a pending"))
	told(t, c, 1)
	isOneCut(t, c, f.client, 1, 1)
	f.closed.Store(true)
	produce(t, f.client, raw(1, "a approved"))
	eventually(t, "a commit is on its way", func() bool { return len(f.commit) == 1 })
	f.out.Store(true)
	f.evict("first")
	return f
}

// start runs an instance. A transaction's timeout takes longer than any of this may.
func (f *frozen) start(t *testing.T, instance string) *running {
	t.Helper()
	cfg := stateConfig(f.c)
	cfg.InstanceID, cfg.Units = instance, 1
	cfg.TransactionTimeout, cfg.ShutdownTimeout = time.Minute, 4*time.Second
	return startStory(t, cfg)
}

func (f *frozen) control() {
	f.c.ControlKey(int16(kmsg.EndTxn), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		f.c.KeepControl()
		req := kreq.(*kmsg.EndTxnRequest)
		if req.Version > 2 || req.TransactionalID != frozenID || !f.closed.Load() { // the test's own is newer
			return nil, nil, false
		}
		select {
		case f.commit <- *req:
		default: // its instance asks again
		}
		return nil, errors.New("cut"), true
	})
	f.c.ControlKey(int16(kmsg.JoinGroup), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		f.c.KeepControl()
		req := kreq.(*kmsg.JoinGroupRequest)
		first := len(req.Protocols) > 0 && bytes.Contains(req.Protocols[0].Metadata, []byte("first"))
		return nil, errors.New("cut"), f.out.Load() && first
	})
	f.c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		f.c.KeepControl()
		req := kreq.(*kmsg.FetchRequest)
		return nil, errors.New("cut"), f.blind.Load() && !ofTheTest(req) && fetches(req, rawTopic, 1, 0)
	})
}

// evict takes an instance out of the group, as the coordinator does with one that is not heard of.
func (f *frozen) evict(instance string) {
	t := f.t
	t.Helper()
	describe := kmsg.NewPtrDescribeGroupsRequest()
	describe.Groups = []string{"verdict"}
	res, err := describe.RequestWith(t.Context(), f.client)
	if err != nil {
		t.Fatal(err)
	}
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Group = "verdict"
	for _, m := range res.Groups[0].Members {
		if strings.HasSuffix(m.ClientID, "-"+instance) {
			member := kmsg.NewLeaveGroupRequestMember()
			member.MemberID = m.MemberID
			leave.Members = append(leave.Members, member)
		}
	}
	left, err := leave.RequestWith(t.Context(), f.client)
	if err == nil {
		err = kerr.ErrorForCode(left.ErrorCode)
	}
	if err != nil || len(leave.Members) != 1 {
		t.Fatalf("%d members of the instance %s leave: %v", len(leave.Members), instance, err)
	}
}

// arrive has the commit arrive, and says what the coordinator answers.
func (f *frozen) arrive() error {
	req := <-f.commit
	res, err := req.RequestWith(context.Background(), f.client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(res.ErrorCode)
}

// comesBack lets the instance join again, and the other one leave.
func (f *frozen) comesBack(other *running) {
	t := f.t
	t.Helper()
	f.closed.Store(false)
	f.out.Store(false)
	eventually(t, "it is back", func() bool { return f.value("verdict_partitions_assigned") > 0 })
	if err := other.end(); err != nil {
		t.Fatal(err)
	}
	f.blind.Store(false)
	eventually(t, "it has all", func() bool { return f.value("verdict_partitions_assigned") == partitions })
}

// goesOn sees that the story goes on where it was, in the memory that the instance has kept and, where that is to be,
// caught up.
func (f *frozen) goesOn(next int64, kind string) {
	t := f.t
	t.Helper()
	produce(t, f.client, raw(1, "a pending"), raw(1, "a approved"), raw(1, "a declined"))
	expect(t, told(t, f.c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "a declined REVERSED 3")
	isOneCut(t, f.c, f.client, 1, next+3)
	if full := f.value("verdict_restores_total", "kind=full"); full != partitions ||
		f.value("verdict_restores_total", "kind="+kind) == 0 {
		t.Errorf("the memories were not %s, or %v read in full: this shows nothing", kind, full-partitions)
	}
	eventually(t, "it is ready", func() bool { return f.Ready() == nil })
}

// A commit that arrives when the partition has another owner is refused: the new owner has ended its transaction, and
// decides what was in it.
func TestStateAfterACommitThatArrivesTooLate(t *testing.T) {
	t.Parallel()
	f := freeze(t)
	second := f.start(t, "second")
	expect(t, told(t, f.c, 2), "a pending FIRST 1", "a approved ADVANCED 2")
	if err := f.arrive(); !errors.Is(err, kerr.ProducerFenced) && !errors.Is(err, kerr.InvalidProducerEpoch) {
		t.Errorf("the commit that arrives late is answered with %v", err)
	}
	produce(t, f.client, raw(1, "a approved"))
	isOneCut(t, f.c, f.client, 1, 3)
	f.comesBack(second)
	f.goesOn(3, "caught_up")
}

// The new owner goes before it has decided anything: what the frozen instance had decided is not in its memory any
// more, and it decides it again.
func TestStateOfAFrozenCommitIsTakenBack(t *testing.T) {
	t.Parallel()
	f := freeze(t)
	f.blind.Store(true)
	second := f.start(t, "second")
	eventually(t, "the other has the partitions", func() bool {
		return second.value("verdict_restores_total", "kind=full") == partitions
	})
	if err := f.arrive(); !errors.Is(err, kerr.ProducerFenced) && !errors.Is(err, kerr.InvalidProducerEpoch) {
		t.Errorf("the commit that arrives late is answered with %v", err)
	}
	isOneCut(t, f.c, f.client, 1, 1)
	f.comesBack(second)
	expect(t, told(t, f.c, 2), "a pending FIRST 1", "a approved ADVANCED 2")
	f.goesOn(2, "warm")
}

// A commit that arrives while the new owner takes the partition over makes it wait: what is committed is neither lost
// nor decided twice.
func TestStateAfterACommitThatArrivesInTime(t *testing.T) {
	t.Parallel()
	f := freeze(t)
	var waits atomic.Int32
	f.c.ControlKey(int16(kmsg.InitProducerID), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		f.c.KeepControl()
		id := kreq.(*kmsg.InitProducerIDRequest).TransactionalID
		if id == nil || *id != frozenID || waits.Load() == 3 {
			return nil, nil, false
		}
		if waits.Add(1) == 2 {
			f.c.SleepControl(func() {
				if err := f.arrive(); err != nil {
					t.Errorf("the commit is answered with %v", err)
				}
			})
		}
		return withCode(kreq, kerr.ConcurrentTransactions.Code), nil, true
	})
	second := f.start(t, "second")
	expect(t, told(t, f.c, 2), "a pending FIRST 1", "a approved ADVANCED 2")
	produce(t, f.client, raw(1, "a approved"))
	isOneCut(t, f.c, f.client, 1, 3)
	if waits.Load() != 3 {
		t.Error("nobody has waited for the commit: this shows nothing")
	}
	f.comesBack(second)
	f.goesOn(3, "caught_up")
}
