package pipeline

import (
	"slices"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"verdict/cmd/verdict/config"
)

// What the log of a start says: how it commits, and which topics are off.
func TestLogOfAStart(t *testing.T) {
	usual := []string{"output.format=json"}
	needState := []any{"verifications", "overdue"}
	for _, test := range []struct {
		sets []string
		says string
		off  []any
	}{
		{nil, "it will commit outputs, state and offsets together, exactly once", nil},
		{[]string{"state.enabled=false"}, "it will commit outputs and offsets together, exactly once", needState},
		{[]string{"state.enabled=false", "delivery=at_least_once"}, "it will commit offsets after what was published, " +
			"at least once: after a failure some is published again", needState},
		{[]string{"topics.risk=", "topics.overdue="},
			"it will commit outputs, state and offsets together, exactly once", []any{"risk", "overdue"}},
	} {
		cfg, err := config.Load(config.Sources{Set: slices.Concat(usual, test.sets)})
		if err != nil {
			t.Fatal(err)
		}
		core, logs := observer.New(zap.InfoLevel)
		p, err := New(cfg, "test", zap.New(core))
		if err != nil {
			t.Fatal(test.sets, err)
		}
		p.logStart("127.0.0.1:9600")
		p.close()
		if logs.FilterMessage(test.says).Len() != 1 {
			t.Errorf("%v: nothing says %q: %v", test.sets, test.says, logs.All())
		}
		topics := logs.FilterMessage("it will read raw topics and publish to these").All()
		if len(topics) != 1 {
			t.Fatalf("%v: %d lines name the topics", test.sets, len(topics))
		}
		if off, _ := topics[0].ContextMap()["off"].([]any); !slices.Equal(off, test.off) {
			t.Errorf("%v: off are %v, want %v", test.sets, off, test.off)
		}
	}
}

// The rules' files are said to be looked at where there are some.
func TestLogOfAStartSaysWhatIsLookedAt(t *testing.T) {
	for _, own := range []bool{false, true} {
		sets := []string{"output.format=json"}
		if own {
			sets = append(sets, "catalog.dir="+writeRules(t, "own"))
		}
		cfg, err := config.Load(config.Sources{Set: sets})
		if err != nil {
			t.Fatal(err)
		}
		core, logs := observer.New(zap.InfoLevel)
		p, err := New(cfg, "test", zap.New(core))
		if err != nil {
			t.Fatal(err)
		}
		p.logRules()
		p.close()
		lines := logs.FilterMessage("it will decide by these rules").All()
		if len(lines) != 1 {
			t.Fatalf("rules of its own %t: %d lines name the rules", own, len(lines))
		}
		if _, says := lines[0].ContextMap()["looked_at_every"]; says != own {
			t.Errorf("rules of its own %t: that they are looked at is said: %t", own, says)
		}
	}
}
