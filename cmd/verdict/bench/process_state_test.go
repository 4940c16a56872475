package bench

import (
	"bytes"
	"testing"
	"time"

	"verdict/cmd/verdict/events"
	"verdict/processor"
	"verdict/processor/state"
	"verdict/rules"
)

// stories are raw records of verifications that each have several events, and what makes others of them: with each
// round they are about other verifications.
type stories struct {
	records []processor.Record
	at      []int // where the verification's id is in a value; -1: it is not there
	next    int
	round   uint32
}

// storiesOf makes n records, of verifications so many of which are under way at a time.
func storiesOf(n, open int) *stories {
	g := events.NewGenerator(rules.Embedded(), 1, events.GeneratorStart)
	g.Mix = events.Mix{}
	g.Open(open)
	s := &stories{records: make([]processor.Record, n), at: make([]int, n)}
	for i := range s.records {
		line := g.Next()
		s.records[i] = processor.Record{Topic: "idv.raw.v1", Offset: int64(i),
			Timestamp: events.GeneratorStart.UnixMilli(), Key: []byte(line.Key), Value: line.Value}
		s.at[i] = bytes.Index(line.Value, []byte(line.Key))
	}
	return s
}

// record gives the next record.
func (s *stories) record() *processor.Record {
	if s.next == len(s.records) {
		s.next, s.round = 0, s.round+1
	}
	r, at := &s.records[s.next], s.at[s.next]
	s.next++
	const digits = "0123456789abcdef"
	for i := range 8 {
		digit := digits[s.round>>(4*i)&15]
		r.Key[i] = digit
		if at >= 0 {
			r.Value[at+i] = digit
		}
	}
	return r
}

// kept is a partition's memory with the runner's part of the work: what a transaction has changed is made records of
// its changelog, and then stands.
type kept struct {
	store     *state.Store
	processed int
	changelog []byte
	records   int
}

// perTransaction is how many records a transaction holds behind a backlog.
const perTransaction = 4000

// most is when a memory is begun anew, so that a long run needs no more than some hundred megabytes.
const most = 1_000_000

func (k *kept) note(p *processor.Processor, res *processor.Result) {
	if res.Followed {
		k.store.Put(res.Key, &res.Memory)
	}
	if k.processed++; k.processed%perTransaction > 0 {
		return
	}
	changes := k.store.Seal()
	k.changelog = k.changelog[:0]
	changes.Each(func(key, value []byte) {
		k.changelog = append(append(k.changelog, key...), value...)
		k.records++
	})
	k.store.Commit(changes)
	if k.store.Len() > most {
		k.store.Free()
		k.store = newStore(p)
	}
}

func newStore(p *processor.Processor) *state.Store {
	return state.New(state.Options{Retention: retention, Deadline: p.Deadline})
}

const retention = 30 * 24 * time.Hour

// BenchmarkProcessState is what is done to a record with state beside what is done without, for the same records:
// several events for each verification, of 50,000 that are under way at a time. With state it includes looking the
// verification up, keeping it and making the record of its changelog.
func BenchmarkProcessState(b *testing.B) {
	const open = 50_000 // memories of more than a CPU's cache holds
	s := storiesOf(5*open, open)
	encoder := avroEncoder(b)
	for _, c := range []struct {
		name         string
		state, table bool
	}{{"state=off", false, false}, {"state=on", true, false}, {"state=on/table=on", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			options := processor.Options{MaxValueBytes: 1 << 20, Retention: retention}
			options.Off[processor.RouteVerification] = !c.table
			p := newProcessor(encoder, options)
			k := &kept{store: newStore(p)}
			defer func() { k.store.Free() }()
			var result processor.Result
			step := func() int {
				var known processor.Known
				if c.state {
					known = k.store
				}
				if err := p.Process(s.record(), known, &result); err != nil {
					b.Fatal(err)
				}
				k.note(p, &result)
				return len(result.Outputs)
			}
			for range 2 * open { // until verifications are known, and buffers have their size
				step()
			}
			outputs := 0
			k.records = 0
			b.ReportAllocs()
			for b.Loop() {
				outputs += step()
			}
			b.ReportMetric(float64(outputs)/float64(b.N), "outputs/op")
			b.ReportMetric(float64(k.records)/float64(b.N), "changelog/op")
		})
	}
}

// With state, deciding takes no more memory than the store's own, once that is there.
func TestWholeProcessWithStateDoesNotAllocate(t *testing.T) {
	const open = 2000
	s := storiesOf(20*open, open)
	p := newProcessor(avroEncoder(t), processor.Options{MaxValueBytes: 1 << 20, Retention: retention})
	k := &kept{store: newStore(p)}
	defer func() { k.store.Free() }()
	var result processor.Result
	step := func() {
		if err := p.Process(s.record(), k.store, &result); err != nil {
			t.Fatal(err)
		}
		k.note(p, &result)
	}
	for range 10 * open {
		step()
	}
	if n := testing.AllocsPerRun(perTransaction, step); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if each := float64(k.processed) / float64(k.store.Len()); each < 2 {
		t.Errorf("%.2f events for each verification", each)
	}
}
