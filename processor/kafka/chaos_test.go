package kafka_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// What a Produce meets beside error codes: one of its partitions is taken and another is not.
const (
	oneLost    = -1001 // the answer lacks it
	oneDamaged = -1002 // its checksum is wrong
)

// chaosCodes are what may go wrong with each request of a transaction.
var chaosCodes = map[kmsg.Key][]int16{
	kmsg.InitProducerID: codes([]int16{cut}, kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable,
		kerr.NotCoordinator, kerr.ConcurrentTransactions),
	kmsg.AddPartitionsToTxn: codes([]int16{cut}, kerr.UnknownTopicOrPartition, kerr.CoordinatorLoadInProgress,
		kerr.NotCoordinator, kerr.InvalidProducerEpoch, kerr.InvalidProducerIDMapping, kerr.ConcurrentTransactions,
		kerr.ProducerFenced),
	kmsg.Produce: codes([]int16{cut, oneLost, oneLost, oneDamaged, oneDamaged}, kerr.CorruptMessage,
		kerr.NotLeaderForPartition, kerr.RequestTimedOut, kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend,
		kerr.OutOfOrderSequenceNumber, kerr.InvalidProducerEpoch, kerr.InvalidTxnState, kerr.UnknownProducerID,
		kerr.ProducerFenced),
	kmsg.AddOffsetsToTxn: codes([]int16{cut}, kerr.CoordinatorLoadInProgress, kerr.NotCoordinator,
		kerr.InvalidProducerEpoch, kerr.ConcurrentTransactions, kerr.ProducerFenced),
	kmsg.TxnOffsetCommit: codes([]int16{cut}, kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable,
		kerr.NotCoordinator, kerr.IllegalGeneration, kerr.UnknownMemberID, kerr.RebalanceInProgress,
		kerr.InvalidProducerEpoch, kerr.InvalidProducerIDMapping, kerr.ProducerFenced),
	kmsg.OffsetCommit: codes([]int16{cut}, kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable,
		kerr.NotCoordinator, kerr.IllegalGeneration, kerr.UnknownMemberID, kerr.RebalanceInProgress),
	kmsg.EndTxn: codes([]int16{cut}, kerr.CoordinatorLoadInProgress, kerr.NotCoordinator, kerr.InvalidProducerEpoch,
		kerr.InvalidTxnState, kerr.ConcurrentTransactions, kerr.ProducerFenced),
}

// codes adds the codes of errors to others.
func codes(others []int16, errs ...*kerr.Error) []int16 {
	for _, err := range errs {
		others = append(others, err.Code)
	}
	return others
}

// chaos makes one in so many requests of a runner fail, each code as likely as the other, for some seconds and at least
// some times.
type chaos struct {
	mu    sync.Mutex
	rng   *rand.Rand
	oneIn int
	until time.Time
	hits  atomic.Int32
}

const (
	chaosTime = 6 * time.Second
	chaosHits = 20
)

func newChaos(t *testing.T, c *kfake.Cluster, oneIn int) *chaos {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	ch := &chaos{rng: rand.New(rand.NewPCG(seed, 0)), oneIn: oneIn, until: time.Now().Add(chaosTime)}
	for key := range chaosCodes {
		c.ControlKey(int16(key), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			return ch.meet(kreq)
		})
	}
	return ch
}

//nolint:revive // the shape is kfake's
func (ch *chaos) meet(kreq kmsg.Request) (res kmsg.Response, err error, handled bool) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	over := ch.hits.Load() >= chaosHits && time.Now().After(ch.until)
	if over || byTheTest(kreq) || ch.rng.IntN(ch.oneIn) != 0 {
		return nil, nil, false
	}
	ch.hits.Add(1)
	codes := chaosCodes[kmsg.Key(kreq.Key())]
	switch code := codes[ch.rng.IntN(len(codes))]; code {
	case cut:
		return nil, errors.New("cut"), true
	case oneLost, oneDamaged:
		return nil, nil, ch.spoil(kreq.(*kmsg.ProduceRequest), code)
	default:
		return withCode(kreq, code), nil, true
	}
}

// spoil changes one batch of a request that the cluster then carries out.
func (ch *chaos) spoil(req *kmsg.ProduceRequest, how int16) (handled bool) {
	topic := &req.Topics[ch.rng.IntN(len(req.Topics))]
	i := ch.rng.IntN(len(topic.Partitions))
	if how == oneLost {
		topic.Partitions = slices.Delete(topic.Partitions, i, i+1)
		return false
	}
	records := slices.Clone(topic.Partitions[i].Records)
	records[len(records)-1]++
	topic.Partitions[i].Records = records
	return false
}

// byTheTest is ofTheTest for a runner without a transactional id as well: the test's own client speaks newer versions.
func byTheTest(kreq kmsg.Request) bool {
	switch kreq.(type) {
	case *kmsg.ProduceRequest:
		return kreq.GetVersion() > 8
	case *kmsg.InitProducerIDRequest:
		return kreq.GetVersion() > 4
	}
	return false
}

// keyed makes n events of several verifications in each partition.
func keyed(n int) []*kgo.Record {
	list := make([]*kgo.Record, n)
	for i := range list {
		list[i] = raw(int32(i%partitions), fmt.Sprintf("v-%d-%d approved", i%partitions, i/partitions%7))
	}
	return list
}

// inOrder returns how many different raw records were decided; the first decisions of each key must keep the order of
// its records.
func inOrder(t *testing.T, decisions []*kgo.Record) int {
	t.Helper()
	seen, last := map[string]bool{}, map[string]int{}
	for _, d := range decisions {
		source, key, _ := strings.Cut(string(d.Value), " ")
		if seen[source] {
			continue
		}
		seen[source] = true
		var partition, offset int
		if _, err := fmt.Sscanf(source, rawTopic+"/%d/%d", &partition, &offset); err != nil {
			t.Fatal(err)
		}
		if before, ok := last[key]; ok && offset < before {
			t.Fatalf("%s: offset %d was decided after %d", key, offset, before)
		}
		last[key] = offset
	}
	return len(seen)
}

// Failures of all kinds, at any request, while one batch is filled and another delivered, and units come and go.
func TestChaos(t *testing.T) {
	const n = 6000
	// At least once, one request delivers most batches: a Produce.
	for d, oneIn := range map[kafka.Delivery]int{kafka.DeliveryExactlyOnce: 12, kafka.DeliveryAtLeastOnce: 4} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			chaos := newChaos(t, c, oneIn)
			cfg := config(c.ListenAddrs())
			cfg.Delivery, cfg.MaxBatchRecords, cfg.CommitInterval, cfg.Units = d, 40, 5*time.Millisecond, 0
			r := start(t, cfg, func(r *kafka.Runner) { r.ShareByLoad(10*time.Millisecond, 3) })
			produce(t, producer(t, c.ListenAddrs()), keyed(n)...)
			decisions := collect(t, c.ListenAddrs(), "decisions")
			eventually(t, "all is committed", func() bool {
				decisions.poll(20*time.Millisecond, 10*n)
				return r.value("verdict_lag_records") == 0 && r.Ready() == nil
			})
			eventually(t, "each record is decided", func() bool {
				decisions.poll(200*time.Millisecond, 10*n)
				return inOrder(t, decisions.records) == n
			})
			if d == kafka.DeliveryExactlyOnce && len(decisions.records) != n {
				t.Errorf("%d decisions, want %d", len(decisions.records), n)
			}
			if chaos.hits.Load() < chaosHits {
				t.Errorf("only %d requests failed", chaos.hits.Load())
			}
			t.Logf("%d requests failed", chaos.hits.Load())
		})
	}
}
