package kafka_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// sequence is the requests of one transactional id, in the order in which they came.
type sequence struct {
	mu   sync.Mutex
	keys []kmsg.Key
}

// watch notes what unit 0 asks for, and calls seen for each before it is answered.
func watch(c *kfake.Cluster, seen func(kmsg.Key)) *sequence {
	s := &sequence{}
	for _, key := range []kmsg.Key{kmsg.AddPartitionsToTxn, kmsg.AddOffsetsToTxn, kmsg.Produce, kmsg.TxnOffsetCommit,
		kmsg.EndTxn} {
		c.ControlKey(int16(key), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			if !ofTheTest(kreq) {
				s.mu.Lock()
				s.keys = append(s.keys, key)
				s.mu.Unlock()
				seen(key)
			}
			return nil, nil, false
		})
	}
	return s
}

// transactions are the requests between two ends.
func (s *sequence) transactions() [][]kmsg.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all [][]kmsg.Key
	var one []kmsg.Key
	for _, key := range s.keys {
		one = append(one, key)
		if key == kmsg.EndTxn {
			all, one = append(all, one), nil
		}
	}
	return all
}

// Brokers refuse records and offsets of a transaction while its coordinator writes down the group. And partitions that
// come up after the announcement are added to it.
func TestTheCoordinatorKnowsAllBeforeRecordsAndOffsets(t *testing.T) {
	c := newCluster(t, kfake.NumBrokers(1))
	announced := make(chan struct{}, 1)
	s := watch(c, func(kmsg.Key) {
		select {
		case announced <- struct{}{}:
		default:
		}
	})
	cfg := config(c.ListenAddrs())
	cfg.Units = 1
	r := start(t, cfg)
	p, decisions := producer(t, c.ListenAddrs()), collect(t, c.ListenAddrs(), "decisions")
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	for n := 2; !slices.ContainsFunc(s.transactions(),
		func(tx []kmsg.Key) bool { return count(tx, kmsg.AddPartitionsToTxn) == 2 }); n += 2 {
		if n > 100 {
			t.Fatal("no partition comes up after an announcement")
		}
		for len(announced) > 0 {
			<-announced
		}
		produce(t, p, raw(0, "early approved"))
		<-announced
		produce(t, p, raw(1, "late approved"))
		decisions.until(n)
	}
	for _, tx := range s.transactions() {
		records := false
		for _, key := range tx {
			if key == kmsg.Produce || key == kmsg.TxnOffsetCommit {
				records = true
			} else if records && key != kmsg.EndTxn {
				t.Fatalf("%s after records or offsets: %v", key.Name(), tx)
			}
		}
		if count(tx, kmsg.AddOffsetsToTxn) != 1 {
			t.Fatalf("the group is to be named once: %v", tx)
		}
	}
}

func count(list []kmsg.Key, key kmsg.Key) int {
	n := 0
	for _, k := range list {
		if k == key {
			n++
		}
	}
	return n
}

// An instance that is told to stop while it announces a transaction leaves none open, and loses nothing.
func TestStoppedWhileATransactionIsAnnounced(t *testing.T) {
	for _, at := range []kmsg.Key{kmsg.AddPartitionsToTxn, kmsg.AddOffsetsToTxn} {
		t.Run(at.Name(), func(t *testing.T) {
			c := newCluster(t)
			armed := make(chan context.CancelFunc, 1)
			watch(c, func(key kmsg.Key) {
				if key != at {
					return
				}
				select {
				case stop := <-armed:
					stop()
				default:
				}
			})
			cfg := config(c.ListenAddrs())
			cfg.Units = 1
			r := start(t, cfg)
			eventually(t, "ready", func() bool { return r.Ready() == nil })
			p := producer(t, c.ListenAddrs())
			produce(t, p, events(0, 20)...)
			collect(t, c.ListenAddrs(), "decisions").until(20)
			armed <- r.stop
			produce(t, p, events(20, 20)...)
			if err := <-r.ended; err != nil {
				t.Fatal(err)
			}
			r.ended <- nil
			if open := openTransactions(t, c); len(open) > 0 {
				t.Fatalf("left open: %v", open)
			}
			start(t, cfg)
			collect(t, c.ListenAddrs(), "decisions").until(40)
		})
	}
}

func openTransactions(t *testing.T, c *kfake.Cluster) []string {
	t.Helper()
	req := kmsg.NewPtrListTransactionsRequest()
	req.StateFilters = []string{"Ongoing"}
	res, err := req.RequestWith(t.Context(), producer(t, c.ListenAddrs()))
	if err == nil {
		err = kerr.ErrorForCode(res.ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, state := range res.TransactionStates {
		open = append(open, state.TransactionalID)
	}
	return open
}

// A process that has been replaced, and is told to stop while a transaction of its own is announced, leaves the other
// one alone.
func TestStoppingDoesNotFenceASuccessor(t *testing.T) {
	c := newCluster(t, kfake.NumBrokers(1))
	p := producer(t, c.ListenAddrs())
	announced := make(chan struct{}, 1)
	watch(c, func(key kmsg.Key) {
		if key == kmsg.AddOffsetsToTxn {
			select {
			case announced <- struct{}{}:
			default:
			}
		}
	})
	var replaced atomic.Bool
	c.ControlKey(int16(kmsg.InitProducerID), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if replaced.Load() && kreq.(*kmsg.InitProducerIDRequest).ProducerID == -1 {
			t.Error("the process that was replaced asks for a new epoch of",
				*kreq.(*kmsg.InitProducerIDRequest).TransactionalID)
		}
		return nil, nil, false
	})
	cfg := config(c.ListenAddrs())
	cfg.Units, cfg.InstanceID = 1, "a"
	r := start(t, cfg)
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	produce(t, p, events(0, 4)...)
	collect(t, c.ListenAddrs(), "decisions").until(4)
	for len(announced) > 0 {
		<-announced
	}
	produce(t, p, events(4, 4)...)
	<-announced
	newEpoch(t, p, "verdict-a-0")
	replaced.Store(true)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
}
