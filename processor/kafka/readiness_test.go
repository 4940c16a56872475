package kafka

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// What readiness was, how long, and which lines the log has then.
func TestReadinessLog(t *testing.T) {
	held := &unready{whyHeld, errors.New("held")}
	for name, test := range map[string]struct {
		story string // of what and for how many looks (four a second)
		want  string
	}{
		"a start": {"joining 8, starting 4, ready 4", "info joining, info ready"},
		"on the way in a circle": {strings.Repeat("joining 1, starting 1, ", 150) + "ready 1",
			"info joining, warn joining, info ready"},
		"a quick start":              {"joining 1, ready 4", "info ready"},
		"a rebalance":                {"ready 4, joining 1, ready 4", "info ready"},
		"held at once":               {"ready 4, held 4, ready 4", "info ready, warn held, info ready"},
		"numbers change":             {"ready 4, held 40", "info ready, warn held"},
		"reminded":                   {"ready 4, held 500", "info ready, warn held, warn held, warn held"},
		"another reason":             {"held 4, stalled 4, ready 1", "warn held, warn stalled, info ready"},
		"the same, again and again":  {"ready 1" + strings.Repeat(", held 4, ready 2", 5), "info ready, warn held, info ready"},
		"a minute of restoring":      {"restoring 250, ready 1", "info restoring, warn restoring, info ready"},
		"two that take turns":        {strings.Repeat("held 3, stalled 3, ", 5) + "ready 1", "warn held, warn stalled, info ready"},
		"too short to be told of":    {"ready 4, held 2, ready 4", "info ready"},
		"never ready, and no output": {"output 600", "warn output, warn output, warn output"},
	} {
		core, logs := observer.New(zapcore.InfoLevel)
		now := time.UnixMilli(0)
		l := newReadinessLog(zap.New(core), now)
		for step := range strings.SplitSeq(test.story, ", ") {
			var what string
			var looks int
			if _, err := fmt.Sscan(step, &what, &looks); err != nil {
				t.Fatal(name, err)
			}
			kinds := map[string]*unready{"held": held, "joining": {whyJoining, errors.New("joining")},
				"starting": {whyStarting, errors.New("starting")}, "stalled": {whyStalled, errors.New("stalled")},
				"restoring": {whyRestoring, errors.New("restoring")}, "output": {whyNoOutput, errors.New("output")}}
			for range looks {
				l.look(kinds[what], now)
				now = now.Add(readinessLook)
			}
		}
		var got []string
		for _, line := range logs.All() {
			what, _ := line.ContextMap()["error"].(string)
			if what == "" {
				what = line.Message
			}
			got = append(got, line.Level.String()+" "+what)
		}
		if lines := strings.Join(got, ", "); lines != test.want {
			t.Errorf("%s (%s):\ngot    %s\nwanted %s", name, test.story, lines, test.want)
		}
	}
}

// A member is not ready before its topics were looked up, and says why they could not be.
func TestNotReadyBeforeTheTopicsAreLookedUp(t *testing.T) {
	s := newStatus(prometheus.NewGauge(prometheus.GaugeOpts{Name: "stalled"}))
	s.joined(0, 0)
	if is := s.unready(); is == nil || is.Error() != "looking up the topics" {
		t.Errorf("before: %v", is)
	}
	s.unseen(errors.New("no answer"))
	if is := s.unready(); is == nil || is.Error() != "the topics cannot be looked up: no answer" {
		t.Errorf("after a failure: %v", is)
	}
	s.lack(nil, nil)
	s.unseen(errors.New("no answer")) // what was seen counts on
	if is := s.unready(); is != nil {
		t.Errorf("after: %v", is)
	}
}

func TestSeldom(t *testing.T) {
	s, now := newSeldom(), time.Now()
	for i, want := range []int{1, 0, 0, 3, 0} {
		if got := s.due("again", now.Add(time.Duration(i)*seldomEvery/3)); got != want {
			t.Errorf("look %d: %d, wanted %d", i, got, want)
		}
	}
	if got := s.due("another", now); got != 1 {
		t.Errorf("another one: %d", got)
	}
}
