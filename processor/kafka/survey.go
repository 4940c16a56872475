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
	client  *cluster.Client
	found   chan surveyed
	running sync.WaitGroup
	next    time.Time      // when to look again
	busy    map[int32]bool // leaders that a look is under way at
}

// surveyEvery is how often what waits is looked at. Prometheus asks more seldom.
const surveyEvery = 2 * time.Second

func newSurveyor(c *cluster.Client) *surveyor {
	return &surveyor{client: c, found: make(chan surveyed), busy: map[int32]bool{}}
}

// outlook is what was found of a partition since something of it was fetched. It is kept apart from what is known by
// fetches, so that nothing is decided by it.
type outlook struct {
	end      int64   // the high watermark; unknown: it was not found
	without  stretch // of the log, behind the group's offset, in which there is no committed record
	failures int     // looks in a row that failed
}

// stretch goes from the group's offset (-1: it has none) to where to look on. Where to is 0, there is none.
type stretch struct{ from, to int64 }

// ends is the high watermark for whoever asks, as last found or fetched; unknown: neither. What is processed goes by
// what was fetched alone.
func (p *partition) ends() int64 {
	if p.outlook.end != unknown {
		return p.outlook.end
	}
	return p.end
}

// surveyed is what a look at partitions of one leader has found.
type surveyed struct {
	leader int32
	places []surveyedPlace
}

// surveyedPlace is one partition, asked about with the group's offset of that moment.
type surveyedPlace struct {
	partition *partition
	topic     string
	id        int32
	committed int64 // -1: none
	lacks     bool  // the time of the first record is not known yet
	start     int64 // where to look for that; unknown: where the log begins
	end       int64 // the high watermark; unknown: it was not to be had
	begins    int64 // where the log begins, as far as known; or else unknown
	first     readFirst
	position  int64 // without a first record: up to where there is none
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
		if p.unseen() && leader >= 0 && !s.busy[leader] {
			byLeader[leader] = append(byLeader[leader], p.toSurvey())
		}
	}
	for leader, places := range byLeader {
		s.busy[leader] = true
		ctx, client, found := u.terms.work, s.client, s.found
		s.running.Go(func() { survey(ctx, client, surveyed{leader, places}, found) })
	}
	return surveyEvery
}

// toSurvey is what is asked about the partition: where the look before found nothing, it goes on.
func (p *partition) toSurvey() surveyedPlace {
	at := surveyedPlace{partition: p, topic: p.topic, id: p.id, committed: p.committed,
		lacks: p.oldest.found.next <= p.from(), start: p.committed, end: unknown, begins: unknown}
	if without := p.outlook.without; without.to > 0 && without.from == p.committed {
		at.start, at.begins = without.to, p.begins
	}
	return at
}

// surveyed takes up what was found of partitions that are still as they were when they were asked about.
func (u *unit) surveyed(of surveyed) {
	u.surveyBy.busy[of.leader] = false
	for i := range of.places {
		at := &of.places[i]
		if p := at.partition; p.unseen() && p.committed == at.committed {
			u.lookedAt(of.leader, at)
		}
	}
}

func (u *unit) lookedAt(leader int32, at *surveyedPlace) {
	p := at.partition
	known := at.end != unknown
	if at.committed < 0 && at.lacks && at.end > 0 && at.begins == unknown {
		known = false // what waits begins nobody knows where
	}
	if known {
		p.outlook.end = at.end
		if at.committed < 0 && p.position == unknown {
			p.begins = max(p.begins, at.begins)
		}
		if at.first.next > 0 {
			p.oldest.found = at.first
		} else if at.position > 0 {
			p.outlook.without = stretch{at.committed, at.position}
		}
		u.tell(p)
	}
	if at.err == nil {
		p.outlook.failures = 0
		return
	}
	p.outlook.failures++
	if p.outlook.failures > 1 && !u.ended() { // or else the next look may do
		u.sayUnseen(leader, at, known)
	}
}

// sayUnseen tells the log what a look did not find, known: but for where the partition ends.
func (u *unit) sayUnseen(leader int32, at *surveyedPlace, known bool) {
	message := "what waits in a partition that is not read yet cannot be looked up, so its lag and the age of its " +
		"oldest record are those of before; trying again"
	if known {
		message = "the oldest record that waits in a partition that is not read yet cannot be read, so its age is " +
			"counted from when it was first known to wait; trying again"
	}
	u.seldom.say(u.log.Info, message, at.partition.field(), zap.Int32("broker", leader), zap.Error(at.err))
}
