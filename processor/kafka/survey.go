package kafka

import (
	"sync"
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// surveyor looks at what waits in partitions that nothing is fetched of: those whose state is not there yet, and those
// held back before their first fetch. Each leader is asked beside the unit, one question at a time, where the logs end;
// the first record behind the group's offset is read once, for its time. What it finds is for metrics and status alone:
// nothing is processed by it, and a look that fails only comes again.
type surveyor struct {
	client   *cluster.Client
	found    chan surveyed
	running  sync.WaitGroup
	next     time.Time           // when to look again
	busy     map[int32]bool      // leaders that a look is under way at
	failures map[int32]int       // looks in a row that failed, by leader
	pauses   map[int32]time.Time // until when a leader that failed is left alone
}

// surveyEvery is how often what waits is looked at. Prometheus asks more seldom.
const surveyEvery = 2 * time.Second

func newSurveyor(c *cluster.Client) *surveyor {
	return &surveyor{client: c, found: make(chan surveyed), busy: map[int32]bool{}, failures: map[int32]int{},
		pauses: map[int32]time.Time{}}
}

// surveyed is what a look at partitions of one leader has found.
type surveyed struct {
	leader int32
	places []surveyedPlace
	err    error // of all of them; what was found before it counts
}

// surveyedPlace is one partition, asked about with the group's offset of that moment.
type surveyedPlace struct {
	partition *partition
	topic     string
	id        int32
	committed int64 // -1: none
	lacks     bool  // the time of the first record is not known yet
	end       int64 // the high watermark; unknown: it was not to be had
	begins    int64 // where the log begins, if that was asked; or else unknown
	first     readFirst
	err       error
}

// unseen says whether nothing is fetched of the partition that would tell what waits in it.
func (p *partition) unseen() bool { return p.waits() || p.held.err != nil && p.fetching.seen.IsZero() }

// survey has looked at what waits, if it is time, and returns how long until the next look.
func (u *unit) survey(now time.Time) time.Duration {
	s := u.surveyBy
	if wait := s.next.Sub(now); wait > 0 {
		return wait
	}
	s.next = now.Add(surveyEvery)
	byLeader := map[int32][]surveyedPlace{}
	for _, p := range u.partitions {
		leader := u.fetch.layout.Leader(p.topic, p.id)
		if !p.unseen() || leader < 0 || s.busy[leader] || now.Before(s.pauses[leader]) {
			continue
		}
		byLeader[leader] = append(byLeader[leader], surveyedPlace{partition: p, topic: p.topic, id: p.id,
			committed: p.committed, lacks: p.oldest.found.next <= p.from(), end: unknown, begins: unknown})
	}
	for leader, places := range byLeader {
		s.busy[leader] = true
		ctx, client, found := u.terms.work, s.client, s.found
		s.running.Go(func() { survey(ctx, client, surveyed{leader: leader, places: places}, found) })
	}
	return surveyEvery
}

// surveyed takes up what was found of partitions that are still as they were when they were asked about.
func (u *unit) surveyed(of surveyed) {
	s := u.surveyBy
	s.busy[of.leader] = false
	err := of.err
	for i := range of.places {
		at := &of.places[i]
		if err == nil {
			err = at.err
		}
		p := at.partition
		switch {
		case at.end == unknown, !p.unseen(), p.committed != at.committed:
			continue
		case at.committed < 0 && at.lacks && at.end > 0 && at.begins == unknown:
			continue // what waits begins nobody knows where
		}
		p.end = at.end
		if at.committed < 0 && p.position == unknown {
			p.begins = max(p.begins, at.begins)
		}
		if at.first.next > 0 {
			p.oldest.found = at.first
		}
		u.tell(p)
	}
	if err == nil {
		s.failures[of.leader] = 0
		return
	}
	s.failures[of.leader]++
	n := s.failures[of.leader]
	s.pauses[of.leader] = time.Now().Add(cluster.Pause(n))
	if n > 1 && !u.ended() {
		u.seldom.say(u.log.Info, "what waits in partitions that are not read yet cannot be looked up, so their lag "+
			"and the age of their oldest record are those of before; trying again", zap.Int32("broker", of.leader),
			zap.Error(err))
	}
}
