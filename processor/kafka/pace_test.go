package kafka

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }

// TestPace is the whole of it: what a unit does next, and when. Times are milliseconds after the batch was opened.
func TestPace(t *testing.T) {
	once := pace{interval: 20 * time.Millisecond}
	atLeast := pace{interval: 3 * time.Millisecond, atLeastOnce: true}
	filled := view{dirty: true, opened: at(0)}
	with := func(v view, change func(*view)) view { change(&v); return v }
	for _, c := range []struct {
		name string
		pace pace
		now  int
		view view
		step step
		at   int
	}{
		{"nothing to do", once, 0, view{}, stepNone, 0},
		{"a batch is under way, the next one waits", once, 100, with(filled, func(v *view) { v.flying = true }),
			stepNone, 0},
		{"announced ahead of its commit", once, 0, filled, stepAnnounce, 10},
		{"announced late, still before it is due", once, 19, filled, stepAnnounce, 10},
		{"too late to announce: it is due", once, 20, filled, stepSendOff, 10},
		{"announced: due then, whatever comes up", once, 12,
			with(filled, func(v *view) { v.due = at(20); v.behind = true }), stepSendOff, 20},
		{"behind: larger transactions", once, 12, with(filled, func(v *view) { v.behind = true }), stepAnnounce, 70},
		{"behind and due", once, 80, with(filled, func(v *view) { v.behind = true }), stepSendOff, 70},
		{"what brokers gather until then belongs to the batch", once, 0,
			with(filled, func(v *view) {
				v.gathering = map[int32]time.Time{1: at(9),
					2: at(10)}
				v.answerDelay = time.Millisecond
			}), stepAnnounce, 13},
		{"what they gather for longer does not", once, 0,
			with(filled, func(v *view) { v.gathering = map[int32]time.Time{1: at(11)} }), stepAnnounce, 10},
		{"no transaction to announce", atLeast, 0, filled, stepSendOff, 3},
		{"offsets go alone when nothing else comes", atLeast, 0, view{owedSince: at(0)}, stepSendOff, 50},
		{"offsets don't hurry a batch", atLeast, 0, with(filled, func(v *view) { v.owedSince = at(-10) }), stepSendOff,
			3},
		{"offsets that are due don't wait for one", atLeast, 0, with(filled, func(v *view) { v.owedSince = at(-50) }),
			stepSendOff, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			step, when := c.pace.next(at(c.now), c.view)
			if step != c.step || step != stepNone && !when.Equal(at(c.at)) {
				t.Errorf("step %d at %s, want %d at %s", step, when.Sub(noon), c.step, at(c.at).Sub(noon))
			}
		})
	}
}

func TestGatheringEndsWithTheBatchsNextStep(t *testing.T) {
	once := pace{interval: 20 * time.Millisecond}
	for _, c := range []struct {
		name string
		now  int
		view view
		want time.Duration
	}{
		{"until it is announced", 0, view{dirty: true, opened: at(0)}, 10 * time.Millisecond},
		{"what was just fetched begins it", 5, view{}, 10 * time.Millisecond},
		{"less what answers take", 0, view{dirty: true, opened: at(0), answerDelay: 3 * time.Millisecond},
			7 * time.Millisecond},
		{"announced: until it is due", 12, view{dirty: true, opened: at(0), due: at(20)}, 8 * time.Millisecond},
		{"too little time before that: until it is due", 9, view{dirty: true, opened: at(0)}, 11 * time.Millisecond},
		{"never less than is worth it", 40, view{dirty: true, opened: at(0)}, leastGather},
	} {
		if got := once.gather(at(c.now), c.view); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// However the view looks: a step that is due now is still due when it is looked at again, and something that is to be
// committed always has a step to come, unless a batch is under way.
func TestPaceNeverForgetsABatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := func(name string, least, most int) time.Time { return at(rapid.IntRange(least, most).Draw(t, name)) }
		p := pace{interval: time.Duration(rapid.IntRange(1, 100).Draw(t, "interval")) * time.Millisecond,
			atLeastOnce: rapid.Bool().Draw(t, "once")}
		v := view{dirty: true, opened: ms("opened", -50, 50), behind: rapid.Bool().Draw(t, "behind"),
			gathering:   map[int32]time.Time{1: ms("gathering", -50, 200)},
			answerDelay: time.Duration(rapid.IntRange(0, 5).Draw(t, "late")) * time.Millisecond}
		if p.atLeastOnce && rapid.Bool().Draw(t, "settled") {
			v.owedSince = ms("settled since", -100, 50)
		}
		now := ms("now", -50, 500)
		step, when := p.next(now, v)
		if step == stepNone || step == stepAnnounce && p.atLeastOnce {
			t.Fatalf("step %d", step)
		}
		if latest := v.opened.Add(catchUpFactor*p.interval + v.answerDelay + answerTime +
			200*time.Millisecond); when.After(latest) {
			t.Fatalf("not before %s", when.Sub(noon))
		}
		later := now.Add(time.Second)
		if again, at := p.next(later, v); again != stepSendOff || at.After(later) {
			t.Fatalf("a second later: step %d at %s", again, at.Sub(noon))
		}
	})
}
