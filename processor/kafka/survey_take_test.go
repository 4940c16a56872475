package kafka

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// surveying is a unit that takes up what looks found. Nothing else of it is there.
func surveying() (u *unit, logs *observer.ObservedLogs) {
	core, logs := observer.New(zap.InfoLevel)
	return &unit{terms: terms{work: context.Background()}, surveyBy: newSurveyor(nil),
		env: env{log: zap.New(core), metrics: NewMetrics(prometheus.NewRegistry(), nil), seldom: newSeldom(),
			ledger: newLedger(time.Now())}}, logs
}

// restoring is a partition whose state is not there yet.
func restoring(committed int64) *partition {
	return &partition{topic: "raw", id: 1, position: unknown, committed: committed, end: unknown, memory: new(memory),
		outlook: outlook{end: unknown}}
}

func TestWhatASurveyFindsIsTakenUp(t *testing.T) {
	for name, test := range map[string]struct {
		committed int64
		before    func(p *partition)      // how it is when it is asked about
		finds     func(at *surveyedPlace) // in the look
		meanwhile func(p *partition)      // before that is taken up
		ends      int64                   // as told then
		begins    int64
		found     readFirst
	}{
		"all": {committed: 5, finds: func(at *surveyedPlace) { at.end, at.first = 9, readFirst{7, 50} },
			ends: 9, found: readFirst{7, 50}},
		"an end alone": {committed: 5, finds: func(at *surveyedPlace) { at.end = 9 }, ends: 9},
		"nothing":      {committed: 5, finds: func(*surveyedPlace) {}, ends: unknown},
		"the group has moved on": {committed: 5, finds: func(at *surveyedPlace) { at.end, at.first = 9, readFirst{7, 50} },
			meanwhile: func(p *partition) { p.committed = 7 }, ends: unknown},
		"it is read now": {committed: 5, finds: func(at *surveyedPlace) { at.end, at.first = 9, readFirst{7, 50} },
			meanwhile: func(p *partition) { p.memory.ready, p.end = true, 12 }, ends: 12},
		"without an offset": {committed: -1,
			finds: func(at *surveyedPlace) { at.end, at.begins, at.first = 9, 3, readFirst{5, 50} },
			ends:  9, begins: 3, found: readFirst{5, 50}},
		"without an offset, nor a beginning": {committed: -1, finds: func(at *surveyedPlace) { at.end = 9 }, ends: unknown},
		"without an offset, and empty":       {committed: -1, finds: func(at *surveyedPlace) { at.end = 0 }, ends: 0},
		"without an offset, but a position": {committed: -1, before: func(p *partition) { p.position, p.begins = 4, 4 },
			finds: func(at *surveyedPlace) { at.end, at.begins = 9, 6 }, ends: 9, begins: 4},
		"the beginning does not go back": {committed: -1, before: func(p *partition) { p.begins = 4 },
			finds: func(at *surveyedPlace) { at.end, at.begins = 9, 3 }, ends: 9, begins: 4},
	} {
		p := restoring(test.committed)
		if test.before != nil {
			test.before(p)
		}
		u, _ := surveying()
		at := p.toSurvey()
		test.finds(&at)
		if test.meanwhile != nil {
			test.meanwhile(p)
		}
		u.surveyed(surveyed{leader: 1, places: []surveyedPlace{at}})
		if p.ends() != test.ends || p.begins != test.begins || p.oldest.found != test.found {
			t.Errorf("%s: ends at %d, begins at %d, found %v", name, p.ends(), p.begins, p.oldest.found)
		}
	}
}

// A look was asked for before a fetch, and is answered after a rollback: what was fetched is not taken for all.
func TestNothingIsDecidedByASurvey(t *testing.T) {
	p := restoring(90)
	p.position, p.end, p.fetching.stable, p.fetching.seen = 90, 100, 100, time.Now()
	u, _ := surveying()
	at := p.toSurvey()
	at.end = 90
	u.surveyed(surveyed{leader: 1, places: []surveyedPlace{at}})
	p.memory.ready = true
	if p.caughtUp() || !p.behind() {
		t.Error("caught up, with records 90 to 99 not processed")
	}
}

// Where nothing committed was found, the next look goes on, as long as the group stands where it stood.
func TestASurveyGoesOn(t *testing.T) {
	for name, test := range map[string]struct {
		committed int64
		meanwhile func(p *partition)
		start     int64
	}{
		"where it was":           {5, func(*partition) {}, 40},
		"without an offset":      {-1, func(*partition) {}, 40},
		"the group has moved on": {5, func(p *partition) { p.committed = 6 }, 6},
		"the group was set back": {5, func(p *partition) { p.committed = 4 }, 4},
		"another unit has it":    {5, func(p *partition) { p.handOver(); p.committed = 5 }, 5},
	} {
		p := restoring(test.committed)
		u, _ := surveying()
		at := p.toSurvey()
		if !at.lacks || at.start != test.committed {
			t.Fatalf("%s: the first look: %+v", name, at)
		}
		at.end, at.position, at.begins = 50, 40, 3
		u.surveyed(surveyed{leader: 1, places: []surveyedPlace{at}})
		test.meanwhile(p)
		next := p.toSurvey()
		if !next.lacks || next.start != test.start {
			t.Errorf("%s: the next look begins at %d", name, next.start)
		}
		if test.committed < 0 && next.begins != 3 {
			t.Errorf("%s: the log begins at %d", name, next.begins)
		}
	}
}

// What cannot be looked up is said from the second time on, and what of it is not known.
func TestASurveyThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		end  int64
		says string
	}{
		"no end": {unknown, "what waits in a partition that is not read yet cannot be looked up, so its lag and the " +
			"age of its oldest record are those of before; trying again"},
		"no first record": {9, "the oldest record that waits in a partition that is not read yet cannot be read, so " +
			"its age is counted from when it was first known to wait; trying again"},
	} {
		p := restoring(5)
		u, logs := surveying()
		fail := func(err error) {
			at := p.toSurvey()
			at.end, at.err = test.end, err
			u.surveyed(surveyed{leader: 1, places: []surveyedPlace{at}})
		}
		fail(errors.New("no answer"))
		fail(nil)
		fail(errors.New("no answer"))
		if logs.Len() != 0 {
			t.Errorf("%s: it is said at once: %v", name, logs.All())
		}
		fail(errors.New("no answer"))
		if said := logs.FilterMessage(test.says).FilterField(zap.Int32("broker", 1)); said.Len() != 1 {
			t.Errorf("%s: %v", name, logs.All())
		}
		if p.ends() != test.end {
			t.Errorf("%s: ends at %d", name, p.ends())
		}
	}
}

// Who gets the partition next tells what was known, and processes nothing by it.
func TestHandOverKeepsWhatIsTold(t *testing.T) {
	for name, p := range map[string]*partition{
		"fetched": {end: 9, outlook: outlook{end: unknown}},
		"found":   {end: 4, outlook: outlook{end: 9, failures: 3, without: stretch{5, 8}}},
	} {
		p.begins, p.oldest.found, p.oldest.filling = 3, readFirst{7, 50}, readFirst{6, 40}
		p.handOver()
		if p.ends() != 9 || p.begins != 3 || p.oldest.found != (readFirst{7, 50}) {
			t.Errorf("%s: ends at %d, begins at %d, found %v", name, p.ends(), p.begins, p.oldest.found)
		}
		if p.end != unknown || p.oldest.filling != (readFirst{}) || p.outlook != (outlook{end: 9}) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// Of a partition whose end is not known there is no lag, rather than one of 0.
func TestNoLagWithoutAnEnd(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := NewMetrics(registry, nil)
	p := restoring(5)
	for _, test := range []struct {
		end  int64
		want []float64
	}{{unknown, nil}, {9, []float64{4}}, {4, []float64{0}}} { // the last one is of another log
		p.outlook.end = test.end
		m.setLag(p)
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var lags []float64
		for _, f := range families {
			for _, series := range f.GetMetric() {
				if f.GetName() == "verdict_lag_records" {
					lags = append(lags, series.GetGauge().GetValue())
				}
			}
		}
		if !slices.Equal(lags, test.want) {
			t.Errorf("the end is %d: lag %v", test.end, lags)
		}
	}
}
