package processor_test

import (
	"testing"

	"verdict/processor"
	"verdict/rules"
)

var benchmarks = []struct{ vocabulary, event string }{
	{"yousign", "approved"},
	{"yousign", "inconclusive IDVV_1301 1402"},
	{"yousign", "approved 2999"},
	{"idv", "completed risk=500 4170 5150"},
	{"idv", "completed risk=200 6002 6008 sdk"},
	{"idv", "completed risk=500 4170 5150 6002 6008"},
	{"idv", "completed risk=500 4170 4171 4172 4173 5150 5151 5152 5153 6002 6003 6004 6005 6006 6007 6008 6009"},
}

func BenchmarkDecide(b *testing.B) {
	for _, c := range benchmarks {
		b.Run(c.event, func(b *testing.B) {
			v, e := vocabulary(b, c.vocabulary), event(b, c.event)
			var d processor.Decision
			b.ReportAllocs()
			for b.Loop() {
				processor.Decide(v, e, &d)
			}
		})
	}
}

// Deciding takes no memory, once a Decision has been used.
func TestDecideDoesNotAllocate(t *testing.T) {
	for _, c := range benchmarks {
		v, e := vocabulary(t, c.vocabulary), event(t, c.event)
		var d processor.Decision
		processor.Decide(v, e, &d)
		if n := testing.AllocsPerRun(100, func() { processor.Decide(v, e, &d) }); n != 0 {
			t.Errorf("%s: %v allocations", c.event, n)
		}
	}
}

// fixedEncoder costs nothing, so that what is measured is the core.
type fixedEncoder struct{ textEncoder }

func (fixedEncoder) Append(_ processor.Route, dst []byte, _ *processor.Decision) ([]byte, error) {
	return append(dst, "decision"...), nil
}

func coreOnly() (*processor.Processor, *processor.Record) {
	e := fullEvent()
	e.EventID = "01J2FTXCPX3BJ0GFZ2F09BTF7R"
	p := processor.New(rules.Embedded(), eventDecoder{e}, fixedEncoder{}, processor.Options{MetadataKeys: []string{"a"}})
	return p, &processor.Record{Topic: "raw", Key: []byte(e.VerificationID), Value: []byte("x")}
}

func BenchmarkProcessWithoutCodec(b *testing.B) {
	p, r := coreOnly()
	var res processor.Result
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Process(r, nil, &res); err != nil {
			b.Fatal(err)
		}
	}
}

// nothing is known of any verification.
type nothing struct{}

func (nothing) Recall(processor.Key, *processor.Memory) bool { return false }

// A decision with its billing event and risk event takes no memory either, nor does its record of the table.
func TestProcessDoesNotAllocate(t *testing.T) {
	p, r := coreOnly()
	var res processor.Result
	for outputs, known := range map[int]processor.Known{3: nil, 4: nothing{}} {
		run := func() {
			if err := p.Process(r, known, &res); err != nil || len(res.Outputs) != outputs {
				t.Fatalf("%d outputs, error %v", len(res.Outputs), err)
			}
		}
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%d outputs: %v allocations", outputs, n)
		}
	}
}

func BenchmarkIDs(b *testing.B) {
	e := fullEvent()
	b.Run("decision", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			processor.DecisionID(e.Provider, e.Product, e.VerificationID, "01J2FTXCPX3BJ0GFZ2F09BTF7R")
		}
	})
	b.Run("content", func(b *testing.B) {
		var d processor.Decision
		processor.Decide(rules.Embedded().Vocabulary(e.Provider, e.Product), e, &d)
		b.ReportAllocs()
		for b.Loop() {
			e.ContentID(d.Reasons)
		}
	})
}

// told is a decided event, as Fold takes it.
type told struct {
	event    *processor.Event
	record   *processor.Record
	decision processor.Decision
}

// toldStory is what usually comes of a verification: its steps, some of them twice.
func toldStory(t testing.TB, short string, lines ...string) (*rules.Vocabulary, []told) {
	v := vocabulary(t, short)
	s := newStory(t, rules.Embedded(), v, processor.Options{})
	var all []told
	for _, text := range lines {
		e := storyEvent(t, text)
		e.Provider, e.Product, e.VerificationID = v.Provider, v.Product, "e220a839-8b0c-4a68-b1c2-0f8e8e0f1d11"
		s.event = e
		r := s.record()
		s.known = remembered{} // what is decided is what Fold has not seen
		d := *s.process(r).Decision
		d.Anomalies, d.HasLifecycle, d.Lifecycle = 0, false, processor.Lifecycle{}
		d.Reasons = append([]processor.Reason(nil), d.Reasons...)
		all = append(all, told{&e, r, d})
	}
	return v, all
}

var foldStories = map[string]struct {
	vocabulary string
	lines      []string
}{
	"with ids": {"yousign", []string{
		"pending id=01J2FTXCPX3BJ0GFZ2F09BTF7R t=0", "pending id=01J2FTXCPX3BJ0GFZ2F09BTF7R t=0",
		"approved id=01J2FTXCPX3BJ0GFZ2F09BTF7S t=60", "pending id=01J2FTXCPX3BJ0GFZ2F09BTF7Q t=10",
	}},
	"by content alone": {"idv", []string{"new", "pending", "pending 1000", "completed risk=500 4170 5150", "pending"}},
}

func BenchmarkFold(b *testing.B) {
	for name, story := range foldStories {
		b.Run(name, func(b *testing.B) {
			v, events := toldStory(b, story.vocabulary, story.lines...)
			var m processor.Memory
			var d processor.Decision
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i %= len(events); i == 0 {
					m = processor.Memory{}
				}
				d = events[i].decision
				processor.Fold(v, events[i].event, events[i].record, 0, &d, &m)
			}
		})
	}
	b.Run("key", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			processor.KeyOf("fourthline", "identity_verification", "e220a839-8b0c-4a68-b1c2-0f8e8e0f1d11")
		}
	})
}

// Following a verification takes no memory, unless an event that has neither id nor time needs one of its own.
func TestFoldDoesNotAllocate(t *testing.T) {
	for name, story := range foldStories {
		v, events := toldStory(t, story.vocabulary, story.lines...)
		n := testing.AllocsPerRun(100, func() {
			var m processor.Memory
			for i := range events {
				d := events[i].decision
				processor.Fold(v, events[i].event, events[i].record, 0, &d, &m)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
