package kafka

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// fetcher asks brokers for a unit's records and for where partitions begin. Each request runs beside the unit; its
// answer comes through a channel, and only the unit's own goroutine looks at it.
type fetcher struct {
	env
	ctx        context.Context
	partitions partitions
	held       *heldBack

	answers chan fetchAnswer
	found   chan foundBeginnings
	running sync.WaitGroup

	layout      cluster.Layout
	busy        map[int32]bool      // leaders that a fetch is under way to
	gathering   map[int32]time.Time // until when each of them may gather records for the batch
	answerDelay time.Duration       // how much later than that answers come, lately
	failures    map[int32]int       // fetches in a row that failed, by leader
	answered    int                 // fetches that were answered
	fetched     []fetchedPart       // memory
}

func newFetcher(e env, list partitions, held *heldBack) *fetcher {
	return &fetcher{env: e, partitions: list, held: held, answers: make(chan fetchAnswer, 8),
		found: make(chan foundBeginnings),
		busy:  map[int32]bool{}, gathering: map[int32]time.Time{}, failures: map[int32]int{}}
}

// shares is how many partitions share a fetch's bytes, if they have so much; a larger batch comes whole, alone. So few
// partitions make a transaction during a backlog: each more costs the brokers a commit marker for each of its outputs.
const shares = 4

// fetchAnswer is one broker's answer.
type fetchAnswer struct {
	leader int32
	sent   time.Time
	asked  []asked
	answer *wire.FetchResponse
	err    error
}

// asked remembers where a fetch began: if the partition has moved since (a rollback), its part of the answer is stale.
type asked struct {
	partition *partition
	offset    int64
}

// fetchedPart is what an answer says of one partition.
type fetchedPart struct {
	partition *partition
	part      *wire.FetchedPartition
	refused   int16 // an error code, instead of records
}

// next asks each leader for what is next, unless a fetch to it is under way, and returns how long to wait at most until
// it is to be called again. Brokers may gather records for so long; 0: they answer as soon as they have one.
func (f *fetcher) next(now time.Time, gather time.Duration) time.Duration {
	wait := time.Second // leaders move
	byLeader, beginnings := map[int32][]asked{}, map[int32][]*partition{}
	for _, p := range f.partitions {
		leader := f.layout.Leader(p.topic, p.id)
		if leader >= 0 {
			p.fetching.leaderless = time.Time{}
		}
		switch {
		case p.waits():
		case now.Before(p.fetching.pausedUntil):
			wait = min(wait, p.fetching.pausedUntil.Sub(now))
		case leader < 0:
			wait = min(wait, cluster.FirstPause)
			f.lacksLeader(p, now)
		case p.position == unknown:
			if !p.fetching.seeking {
				beginnings[leader] = append(beginnings[leader], p)
			}
		case !f.busy[leader]:
			byLeader[leader] = append(byLeader[leader], asked{p, p.position})
		}
	}
	for leader, list := range byLeader {
		f.ask(leader, list, gather)
	}
	for leader, list := range beginnings {
		f.seek(leader, list)
	}
	return wait
}

// lacksLeader holds a partition back that has had no leader for a while, so that readiness says so.
func (f *fetcher) lacksLeader(p *partition, now time.Time) {
	if p.fetching.leaderless.IsZero() {
		p.fetching.leaderless = now
	}
	if now.Sub(p.fetching.leaderless) > stalledAfter {
		f.held.holdUnreachable(p, fmt.Errorf("%s has no leader", p))
	}
}

// refreshLayout looks at the metadata once a second, or at once after a failure; true if it did.
func (f *fetcher) refreshLayout(now time.Time) bool {
	if now.Sub(f.layout.ReadAt) <= time.Second {
		return false
	}
	l, err := f.client.Layout(f.ctx)
	if err == nil {
		f.layout = l
	} else if !f.ended() {
		f.log.Debug("no metadata", zap.Error(err))
	}
	f.layout.ReadAt = time.Now()
	return true
}

// ask sends one fetch; its result comes through f.answers.
func (f *fetcher) ask(leader int32, list []asked, gather time.Duration) {
	req := &wire.FetchRequest{
		ReplicaID: -1, IsolationLevel: wire.ReadCommitted, SessionEpoch: -1,
		MinBytes: 1, MaxBytes: int32(min(f.cfg.FetchMaxBytes, math.MaxInt32)),
		MaxWaitTime: cluster.Millis(f.cfg.FetchMaxWait),
	}
	req.SendTo(leader)
	if gather > 0 {
		req.MinBytes, req.MaxWaitTime = gatherBytes, cluster.Millis(gather)
		f.gathering[leader] = time.Now().Add(gather)
	}
	// A broker fills its answer in this order. Who has waited longest comes first, and so gets a batch larger than a
	// fetch, too.
	slices.SortStableFunc(list, func(a, b asked) int {
		return cmp.Compare(a.partition.fetching.served, b.partition.fetching.served)
	})
	for _, a := range list {
		fp := wire.FetchPartition{Partition: a.partition.id, CurrentLeaderEpoch: -1, FetchOffset: a.offset,
			LogStartOffset:    -1,
			PartitionMaxBytes: req.MaxBytes / int32(min(len(list), shares))}
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != a.partition.topic {
			req.Topics = append(req.Topics, wire.FetchTopic{Topic: a.partition.topic})
		}
		last := &req.Topics[len(req.Topics)-1]
		last.Partitions = append(last.Partitions, fp)
	}
	f.busy[leader] = true
	ctx, client, timeout, answers := f.ctx, f.client, f.cfg.RequestTimeout+f.cfg.FetchMaxWait, f.answers
	to := fetchAnswer{leader: leader, sent: time.Now(), asked: list}
	f.running.Go(func() { fetch(ctx, client, timeout, req, to, answers) })
}

// fetch runs beside the unit. It is given all that it may touch.
func fetch(ctx context.Context, c *cluster.Client, timeout time.Duration, req *wire.FetchRequest, to fetchAnswer,
	answers chan<- fetchAnswer) {
	to.answer, to.err = cluster.AskWithin[*wire.FetchResponse](ctx, c, timeout, req)
	if to.err == nil {
		to.err = cluster.Refused("Fetch", "a broker", to.answer.ErrorCode)
	}
	select {
	case answers <- to:
	case <-ctx.Done():
	}
}

// take sorts out a broker's answer: what it brought of partitions that still stand where it was asked for. Before that
// is processed the same leader is asked for what follows, and gather says how long it may gather records then. What
// take returns is valid until the next call.
func (f *fetcher) take(a fetchAnswer, gather func(time.Time) time.Duration) ([]fetchedPart, error) {
	f.busy[a.leader] = false
	f.gathered(a.leader)
	if a.err != nil {
		return nil, f.failed(a)
	}
	f.failures[a.leader] = 0
	f.answered++
	f.fetched = f.fetched[:0]
	for i := range a.answer.Topics {
		topic := &a.answer.Topics[i]
		for j := range topic.Partitions {
			part := &topic.Partitions[j]
			if p := stillThere(a.asked, topic.Topic, part.Partition); p != nil && !p.waits() {
				if len(part.RecordSet) > 0 {
					p.fetching.served = f.answered
				}
				f.fetched = append(f.fetched, fetchedPart{p, part, part.ErrorCode})
			}
		}
	}
	f.askAhead(a, gather)
	return f.fetched, nil
}

// askAhead asks a leader for what follows its answer. Where processing stops earlier, the next answer does not fit any
// more and is left.
func (f *fetcher) askAhead(a fetchAnswer, gather func(time.Time) time.Duration) {
	some, all := false, 0
	for i := range a.answer.Topics {
		all += len(a.answer.Topics[i].Partitions)
	}
	if len(f.fetched) < all {
		return
	}
	next := make([]asked, 0, all)
	for _, part := range f.fetched {
		if part.refused != 0 {
			return
		}
		some = some || len(part.part.RecordSet) > 0
		next = append(next, asked{part.partition, max(part.partition.position, wire.EndOf(part.part.RecordSet))})
	}
	// or else some partition would wait behind the others' fetches
	if now := time.Now(); some && len(next) == f.wantedFrom(a.leader, now) {
		f.ask(a.leader, next, gather(now))
	}
}

// wantedFrom counts the partitions that the leader is to be asked for now.
func (f *fetcher) wantedFrom(leader int32, now time.Time) int {
	n := 0
	for _, p := range f.partitions {
		if f.layout.Leader(p.topic, p.id) == leader && p.position != unknown && !p.waits() &&
			!now.Before(p.fetching.pausedUntil) {
			n++
		}
	}
	return n
}

// stillThere finds the partition, if it still stands where the fetch began.
func stillThere(list []asked, topic string, id int32) *partition {
	for _, a := range list {
		if a.partition.id == id && a.partition.topic == topic && a.partition.position == a.offset {
			return a.partition
		}
	}
	return nil
}

// gathered notes that a broker has answered, and how late.
func (f *fetcher) gathered(leader int32) {
	until, ok := f.gathering[leader]
	delete(f.gathering, leader)
	if late := time.Since(until); ok && late > 0 { // or else it had enough before
		f.answerDelay = min((f.answerDelay+late)/2, f.cfg.CommitInterval/4)
	}
}

// ended says whether the unit is to end.
func (f *fetcher) ended() bool { return f.ctx.Err() != nil }

// failed pauses the partitions of a broker that gave no answer.
func (f *fetcher) failed(a fetchAnswer) error {
	if f.ended() {
		return nil
	}
	c := cluster.Classify(a.err)
	if c == cluster.ClassFatal {
		return a.err
	}
	f.metrics.failed(c)
	f.failures[a.leader]++
	n := f.failures[a.leader]
	if n == 5 || n%10 == 0 {
		f.log.Warn("a broker does not answer fetches; trying again", zap.Int32("broker", a.leader),
			zap.Int("attempts", n),
			zap.Error(a.err))
	}
	until := time.Now().Add(cluster.QuickPause(n - 1))
	for _, asked := range a.asked {
		if n > 5 { // some 40 ms
			f.held.holdUnreachable(asked.partition,
				fmt.Errorf("broker %d does not answer fetches: %w", a.leader, a.err))
		}
		asked.partition.fetching.pausedUntil = until
	}
	f.layout.ReadAt = time.Time{}
	return nil
}

// refused deals with an error code for one partition; true if the partition went on elsewhere.
func (f *fetcher) refused(part fetchedPart) (moved bool, err error) {
	p := part.partition
	err = cluster.Refused("Fetch", p.String(), part.refused)
	if part.refused == int16(kafka.OffsetOutOfRange) {
		return f.outOfRange(p)
	}
	if cluster.Classify(err) == cluster.ClassFatal {
		return false, err
	}
	f.stumble(p, err)
	return false, nil
}

// stumble pauses a partition that its leader says nothing of. One that has moved is no reason to hold it back.
func (f *fetcher) stumble(p *partition, err error) {
	f.metrics.failed(cluster.Classify(err))
	f.layout.ReadAt = time.Time{}
	if p.held.attempts < 2 {
		p.held.attempts++
		p.fetching.pausedUntil = time.Now().Add(cluster.Pause(p.held.attempts))
		return
	}
	f.held.holdUnreachable(p, err)
}
