package kafka_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// refuseAbove answers MESSAGE_TOO_LARGE to larger batches for a topic.
func refuseAbove(c *kfake.Cluster, topic string, limit int) {
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ProduceRequest)
		res := req.ResponseKind().(*kmsg.ProduceResponse)
		refused := false
		for _, t := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition = p.Partition
				rp.ErrorCode = kerr.OperationNotAttempted.Code
				if t.Topic == topic && len(p.Records) > limit {
					rp.ErrorCode = kerr.MessageTooLarge.Code
					refused = true
				}
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, refused
	})
}

// answer makes the cluster answer the n-th request of a kind with an error code; code -1000 cuts the connection
// instead.
func answer(c *kfake.Cluster, key kmsg.Key, n int32, code int16) (happened func() bool) {
	var seen atomic.Int32
	c.ControlKey(int16(key), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if ofTheTest(kreq) || seen.Add(1) != n {
			return nil, nil, false
		}
		if code == cut {
			return nil, errors.New("cut"), true
		}
		return withCode(kreq, code), nil, true
	})
	return func() bool { return seen.Load() >= n }
}

const cut = -1000

// ofTheTest tells the requests of the test's own producer and consumer.
func ofTheTest(kreq kmsg.Request) bool {
	switch req := kreq.(type) {
	case *kmsg.ProduceRequest:
		return req.TransactionID == nil
	case *kmsg.InitProducerIDRequest:
		return req.TransactionalID == nil
	case *kmsg.FetchRequest:
		return req.Version > 11
	case *kmsg.ListOffsetsRequest:
		return req.Version > 5
	}
	return false
}

func withCode(kreq kmsg.Request, code int16) kmsg.Response {
	switch req := kreq.(type) {
	case *kmsg.InitProducerIDRequest:
		res := req.ResponseKind().(*kmsg.InitProducerIDResponse)
		res.ErrorCode = code
		return res
	case *kmsg.EndTxnRequest:
		res := req.ResponseKind().(*kmsg.EndTxnResponse)
		res.ErrorCode = code
		return res
	case *kmsg.AddOffsetsToTxnRequest:
		res := req.ResponseKind().(*kmsg.AddOffsetsToTxnResponse)
		res.ErrorCode = code
		return res
	case *kmsg.AddPartitionsToTxnRequest:
		res := req.ResponseKind().(*kmsg.AddPartitionsToTxnResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewAddPartitionsToTxnResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewAddPartitionsToTxnResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p, code
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res
	case *kmsg.TxnOffsetCommitRequest:
		res := req.ResponseKind().(*kmsg.TxnOffsetCommitResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewTxnOffsetCommitResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewTxnOffsetCommitResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, code
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res
	case *kmsg.OffsetCommitRequest:
		res := req.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewOffsetCommitResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewOffsetCommitResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, code
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res
	case *kmsg.ProduceRequest:
		res := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, code
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res
	}
	panic("no such request")
}

// Whatever fails once, wherever: each event comes out once.
func TestFailuresOnTheWay(t *testing.T) {
	for _, f := range []struct {
		name string
		key  kmsg.Key
		code int16
	}{
		{"connection cut in Fetch", kmsg.Fetch, cut},
		{"connection cut in InitProducerId", kmsg.InitProducerID, cut},
		{"coordinator loading in InitProducerId", kmsg.InitProducerID, kerr.CoordinatorLoadInProgress.Code},
		{"concurrent transactions in AddPartitionsToTxn", kmsg.AddPartitionsToTxn, kerr.ConcurrentTransactions.Code},
		{"not coordinator in AddPartitionsToTxn", kmsg.AddPartitionsToTxn, kerr.NotCoordinator.Code},
		{"unknown producer id mapping in AddPartitionsToTxn", kmsg.AddPartitionsToTxn,
			kerr.InvalidProducerIDMapping.Code},
		{"connection cut in Produce", kmsg.Produce, cut},
		{"not leader in Produce", kmsg.Produce, kerr.NotLeaderForPartition.Code},
		{"out of order in Produce", kmsg.Produce, kerr.OutOfOrderSequenceNumber.Code},
		{"timed out in Produce", kmsg.Produce, kerr.RequestTimedOut.Code},
		{"connection cut in AddOffsetsToTxn", kmsg.AddOffsetsToTxn, cut},
		{"connection cut in TxnOffsetCommit", kmsg.TxnOffsetCommit, cut},
		{"illegal generation in TxnOffsetCommit", kmsg.TxnOffsetCommit, kerr.IllegalGeneration.Code},
		{"unknown member in TxnOffsetCommit", kmsg.TxnOffsetCommit, kerr.UnknownMemberID.Code},
		{"connection cut in EndTxn", kmsg.EndTxn, cut},
		{"fenced in EndTxn", kmsg.EndTxn, kerr.ProducerFenced.Code},
		{"timed out transaction in EndTxn", kmsg.EndTxn, kerr.InvalidProducerEpoch.Code},
		{"invalid state in EndTxn", kmsg.EndTxn, kerr.InvalidTxnState.Code},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			p := producer(t, c.ListenAddrs())
			n := int32(3)
			if f.key == kmsg.InitProducerID {
				n = 2 // one for each unit
			}
			happened := answer(c, f.key, n, f.code)
			start(t, config(c.ListenAddrs()))
			decisions := collect(t, c.ListenAddrs(), "decisions")
			for i := range 5 { // one transaction after the other
				produce(t, p, events(200*i, 200)...)
				decisions.poll(30*time.Second, 200*(i+1))
			}
			onceEach(t, decisions.until(1000), 1000)
			if !happened() {
				t.Error("nothing failed")
			}
		})
	}
}

// A commit that the coordinator has carried out, but whose answer never came, is not repeated.
func TestALostAnswerToACommit(t *testing.T) {
	c := newCluster(t)
	var times atomic.Int32
	c.ControlKey(int16(kmsg.EndTxn), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if times.Add(1)%2 == 1 {
			return nil, nil, false
		}
		return withCode(kreq, kerr.InvalidTxnState.Code), nil, true // what a repeated EndTxn may get
	})
	start(t, config(c.ListenAddrs()))
	p := producer(t, c.ListenAddrs())
	for i := range 5 {
		produce(t, p, events(100*i, 100)...)
	}
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(500), 500)
}

func TestAFatalErrorNamesTheCure(t *testing.T) {
	c := newCluster(t)
	c.ControlKey(int16(kmsg.InitProducerID), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return withCode(kreq, kerr.TransactionalIDAuthorizationFailed.Code), nil, true
	})
	r := start(t, config(c.ListenAddrs()))
	select {
	case err := <-r.ended:
		r.ended <- err
		if err == nil || !strings.Contains(err.Error(), "grant WRITE and DESCRIBE on the transactional ids") {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the runner goes on")
	}
}

func TestASilentClusterEndsTheRunner(t *testing.T) {
	cfg := config([]string{"127.0.0.1:1"})
	cfg.SilentClusterTimeout = 500 * time.Millisecond
	r := start(t, cfg)
	select {
	case err := <-r.ended:
		r.ended <- err
		if err == nil || !strings.Contains(err.Error(), "has answered nothing") {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the runner goes on")
	}
}

func TestShutdownTakesNoLongerThanItMay(t *testing.T) {
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.ShutdownTimeout = time.Second
	r := start(t, cfg)
	stuck, over := make(chan struct{}), make(chan struct{})
	defer close(over)
	c.ControlKey(int16(kmsg.EndTxn), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		select {
		case <-stuck:
		default:
			close(stuck)
		}
		c.SleepControl(func() { <-over })
		return nil, nil, false
	})
	produce(t, producer(t, c.ListenAddrs()), raw(0, "v approved"))
	<-stuck
	begin := time.Now()
	err := r.end()
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
	if err != nil && !errors.Is(err, kafka.ErrShutdownTimeout) {
		t.Error(err)
	}
}
