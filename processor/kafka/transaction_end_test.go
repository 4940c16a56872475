package kafka_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/processor/kafka"
)

// The group's offset is moved, but the answer never comes. When the offset is found moved, nothing is left to do: no
// later commit has to show that it goes on.
func TestReadyWhenALostCommitIsFoundDone(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.Delivery, cfg.Units, cfg.TransactionTimeout = kafka.DeliveryAtLeastOnce, 1, time.Second
	p := producer(t, c.ListenAddrs(), kgo.MaxVersions(kversion.V3_0_0()))
	lost := make(chan *kmsg.OffsetCommitRequest, 1)
	var blind atomic.Bool // so that it is found out only when the test has seen what was before
	c.ControlKey(int16(kmsg.OffsetCommit), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := *kreq.(*kmsg.OffsetCommitRequest)
		if req.Topics[0].Partitions[0].Metadata != nil && *req.Topics[0].Partitions[0].Metadata == "carried out" {
			return nil, nil, false
		}
		select {
		case lost <- &req:
			blind.Store(true)
		default:
		}
		return nil, errors.New("cut"), true
	})
	c.ControlKey(int16(kmsg.OffsetFetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return nil, errors.New("cut"), blind.Load()
	})
	r := start(t, cfg)
	produce(t, p, raw(0, "v approved"))
	req := <-lost
	done := "carried out"
	for i := range req.Topics[0].Partitions {
		req.Topics[0].Partitions[i].Metadata = &done
	}
	res, err := req.RequestWith(t.Context(), p)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "not ready", func() bool { return r.value("verdict_units_stalled") == 1 && r.Ready() != nil })
	blind.Store(false)
	eventually(t, "ready again", func() bool { return r.value("verdict_units_stalled") == 0 && r.Ready() == nil })
}

// Neither a rollback that does not come to its end nor the end of the unit after it counts a transaction again.
func TestAnAbortedTransactionIsCountedOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.Units = 1
	r := start(t, cfg)
	p := producer(t, c.ListenAddrs())
	produce(t, p, raw(0, "v approved"))
	collect(t, c.ListenAddrs(), "decisions").until(1)
	answer(c, kmsg.Produce, 1, kerr.OutOfOrderSequenceNumber.Code)
	loading := make(chan struct{})
	var once sync.Once
	c.ControlKey(int16(kmsg.InitProducerID), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if ofTheTest(kreq) {
			return nil, nil, false
		}
		once.Do(func() { close(loading) })
		return withCode(kreq, kerr.CoordinatorLoadInProgress.Code), nil, true
	})
	produce(t, p, raw(0, "w approved"))
	<-loading
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if n := r.value("verdict_transactions_total", "result=aborted"); n != 1 {
		t.Errorf("%v transactions are counted as aborted, want 1", n)
	}
}

// A coordinator that is busy with the dead instance's transaction has fenced nobody, though a fence under way is
// answered alike.
func TestAFenceThatMeetsAnEndUnderWayIsRepeated(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	busy(c, "verdict-dead-0", 3)
	deadOutput(t, config(c.ListenAddrs()))
}

// busy has the coordinator answer the first n requests to fence a transactional id with CONCURRENT_TRANSACTIONS, and do
// nothing; the instance itself, which comes first, is let through.
func busy(c *kfake.Cluster, transactionalID string, n int32) {
	var seen atomic.Int32
	c.ControlKey(int16(kmsg.InitProducerID), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.InitProducerIDRequest)
		if req.TransactionalID == nil || *req.TransactionalID != transactionalID {
			return nil, nil, false
		}
		if i := seen.Add(1) - 1; i == 0 || i > n {
			return nil, nil, false
		}
		return withCode(kreq, kerr.ConcurrentTransactions.Code), nil, true
	})
}
