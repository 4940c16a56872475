//go:build unix

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// fault is a way to break something.
type fault struct {
	name    string
	brokers int // needs at least so many
	avro    bool
	state   bool          // there has to be state
	bound   string        // what bounds the recovery
	limit   time.Duration // how long it may take, without the time that the only broker is away
	strike  func(context.Context, *stage) (hit, error)
}

// hit is a fault that has happened.
type hit struct {
	what  string
	since time.Time
	// how much of the time since then nobody could have gone on: the only broker was away
	away       time.Duration
	partitions []int32 // concerned; nil: all
	// mends what does not mend itself, once decisions flow again; nil: nothing to mend
	cure func(context.Context) error
}

// plan is the order of faults: all of them in a random order, again and again.
type plan struct {
	rng    *rand.Rand
	faults []fault
	left   []fault
}

func newPlan(seed uint64, faults []fault) *plan {
	return &plan{rng: rand.New(rand.NewPCG(seed, 3)), faults: faults,
		left: shuffled(rand.New(rand.NewPCG(seed, 3)), faults)}
}

func shuffled(rng *rand.Rand, faults []fault) []fault {
	list := slices.Clone(faults)
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// next is the next fault; last says that it ends a round.
func (p *plan) next() (f fault, last bool) {
	if len(p.left) == 0 {
		p.left = shuffled(p.rng, p.faults)
	}
	f, p.left = p.left[0], p.left[1:]
	return f, len(p.left) == 0
}

// choose leaves those faults that fit a stage and that -faults.only names.
func choose(all []fault, brokers int, avro, state bool, only string) []fault {
	return slices.DeleteFunc(slices.Clone(all), func(f fault) bool {
		wanted := only == "" || slices.Contains(strings.Split(only, ","), f.name)
		return f.brokers > brokers || f.avro && !avro || f.state && !state || !wanted
	})
}

// run lets faults come until each has come, there are enough events, and the time is over.
func (s *stage) run(faults []fault) {
	s.t.Helper()
	ctx := s.t.Context()
	if len(faults) == 0 {
		s.t.Skip("-faults.only names none of this scenario's faults")
	}
	order := newPlan(s.seed, faults)
	s.say("order of faults: %s", orderOf(order.left))
	if err := s.calm(ctx); err != nil {
		s.t.Fatal(err)
	}
	s.say("decisions flow from all partitions")
	for round := false; !round || s.ledger.len() < *eventsFlag || time.Since(s.began) < *durationFlag; {
		f, last := order.next()
		s.inflict(ctx, f)
		round = round || last
	}
}

func orderOf(faults []fault) string {
	var list []string
	for _, f := range faults {
		list = append(list, f.name)
	}
	return strings.Join(list, ", ")
}

// inflict lets one fault happen, measures the recovery, and waits until all is well again.
func (s *stage) inflict(ctx context.Context, f fault) {
	s.t.Helper()
	if err := pass(ctx, time.Duration(1000+s.rng.IntN(1500))*time.Millisecond); err != nil {
		s.t.Fatal(err)
	}
	if err := s.abortUpstream(ctx); err != nil {
		s.t.Fatalf("before %s: %v", f.name, err)
	}
	h, err := f.strike(ctx, s)
	if err != nil {
		s.t.Fatalf("%s: %v%s", f.name, err, s.state(ctx))
	}
	if h.partitions == nil {
		h.partitions = s.allPartitions()
	}
	s.say("%s: %s", f.name, h.what)
	row := recovery{fault: f.name, bound: f.bound, limit: f.limit, away: h.away}
	row.first, row.last, row.err = s.watch.flow(ctx, h.since, h.partitions, max(f.limit, calmLimit)+h.away)
	if row.err != nil {
		s.say("%s: %v%s", f.name, row.err, s.state(ctx))
	} else {
		s.say("%s: decisions flow again after %.1f s, from all of %v after %.1f s", f.name, row.first.Seconds(),
			h.partitions, row.last.Seconds())
	}
	if s.rows = append(s.rows, row); row.failed() {
		s.t.Errorf("%s: recovery took %.1f s (%v); the limit is %s", f.name, (row.last - row.away).Seconds(), row.err,
			f.limit)
	}
	if h.cure != nil {
		if err := h.cure(ctx); err != nil {
			s.t.Fatalf("%s: %v%s", f.name, err, s.state(ctx))
		}
	}
	s.revive()
	if err := s.calm(ctx); err != nil {
		s.t.Fatalf("after %s: %v", f.name, err)
	}
}

func TestPlanRepeatsBySeed(t *testing.T) {
	order := func(seed uint64) string {
		p, text := newPlan(seed, allFaults), ""
		for range 3 * len(allFaults) {
			f, _ := p.next()
			text += f.name + " "
		}
		return text
	}
	first, again := order(5), order(5)
	if first != again {
		t.Error("the same seed gives another order")
	}
	if first == order(6) {
		t.Error("another seed gives the same order")
	}
	for _, f := range allFaults {
		if got := strings.Count(" "+first, " "+f.name+" "); got != 3 {
			t.Errorf("%s comes %d times in three rounds", f.name, got)
		}
	}
}

func TestGeneratorRepeatsBySeed(t *testing.T) {
	values := func(seed uint64) string {
		l, text := newLedger(seed, 4), ""
		for range 500 {
			e := l.next()
			e.created = 0
			e.age = 0 // depends on the clock as well
			text += fmt.Sprintf("%d %s\n", e.partition, e.json(seed))
		}
		return text
	}
	first, again := values(5), values(5)
	if first != again {
		t.Error("the same seed gives other events")
	}
	if first == values(6) {
		t.Error("another seed gives the same events")
	}
}
