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

// A decision with its billing event and risk event takes no memory either.
func TestProcessDoesNotAllocate(t *testing.T) {
	p, r := coreOnly()
	var res processor.Result
	run := func() {
		if err := p.Process(r, nil, &res); err != nil || len(res.Outputs) != 3 {
			t.Fatalf("%d outputs, error %v", len(res.Outputs), err)
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations", n)
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
