package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdict/processor"
)

// At least once there is no state, and to ask for it is a mistake, wherever it is asked.
func TestNoStateAtLeastOnce(t *testing.T) {
	cfg, err := Load(Sources{Set: []string{"delivery=at_least_once", "output.format=json"}})
	if err != nil || cfg.CheckRun() != nil || cfg.State.Enabled || cfg.StateOn() {
		t.Errorf("%v, %v", err, cfg)
	}
	file := filepath.Join(t.TempDir(), "verdict.yaml")
	text := "delivery: at_least_once\noutput: {format: json}\nstate: {enabled: true}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	once := []string{"delivery=at_least_once", "output.format=json"}
	for where, src := range map[string]Sources{
		file + ":3":                         {File: file},
		"environment VERDICT_STATE_ENABLED": {Set: once, Env: []string{"VERDICT_STATE_ENABLED=true"}},
		"--set":                             {Set: append(once, "state.enabled=true")},
	} {
		cfg, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.CheckRun(); err == nil ||
			!strings.Contains(err.Error(), where+": state.enabled: needs delivery exactly_once") {
			t.Errorf("%s: %v", where, err)
		}
		if cfg.StateOn() {
			t.Errorf("%s: there is state", where)
		}
	}
	off, err := Load(Sources{Set: append(once, "state.enabled=false")})
	if err != nil || off.CheckRun() != nil {
		t.Errorf("written as it is: %v, %v", err, off)
	}
}

// The group begins the names of the state's topics, so with state not any will do.
func TestGroupsThatNameNoTopic(t *testing.T) {
	for group, fits := range map[string]bool{
		"verdict": true, "a.b_c-D9": true, "a b": false, "é": false, "a/b": false,
		strings.Repeat("g", 249-len("-state.idv.raw.v1")): true,
		strings.Repeat("g", 250-len("-state.idv.raw.v1")): false,
	} {
		for _, state := range []bool{true, false} {
			set := []string{"kafka.group=" + group, "state.enabled=false", "output.format=json"}
			if state {
				set[1] = "state.enabled=true"
			}
			cfg, err := Load(Sources{Set: set})
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range []error{cfg.CheckRun(), cfg.CheckTopics()} {
				if (err == nil) != (fits || !state) ||
					err != nil && !strings.Contains(err.Error(), "--set: kafka.group: ") {
					t.Errorf("%q, state %v: %v", group, state, err)
				}
			}
		}
	}
}

// Kafka has one of two topics that differ only in dots and underscores.
func TestTopicsThatDifferTooLittle(t *testing.T) {
	for set, want := range map[string]string{
		"topics.raw=a.b,a_b":               "topics.raw: the topics a_b and a.b (topics.raw) differ only in . and _",
		"topics.risk=idv.decisions_v1":     "topics.risk: the topics idv.decisions_v1 and idv.decisions.v1 (topics.d",
		"topics.risk=g-state_idv.raw.v1":   "kafka.group: the topics g-state.idv.raw.v1 and g-state_idv.raw.v1 (t",
		"topics.risk=g-state.idv.raw.v1":   "kafka.group: the topic g-state.idv.raw.v1 is also that of topics.risk",
		"topics.raw=x,g-state.x":           "kafka.group: the topic g-state.x is read too (topics.raw)",
		"topics.verifications=idv.risk.v1": "topics.risk: the topic idv.risk.v1 is also that of topics.verifications",
	} {
		cfg, err := Load(Sources{Set: []string{"output.format=json", "kafka.group=g", "state.enabled=true", set}})
		if err != nil {
			t.Fatal(err)
		}
		err = cfg.CheckRun()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("%s: %v, want %s", set, err, want)
		}
	}
}

// An empty name switches an optional topic off; a variable that is empty says nothing.
func TestTopicsThatAreOff(t *testing.T) {
	file := filepath.Join(t.TempDir(), "verdict.yaml")
	if err := os.WriteFile(file, []byte("topics: {billing: \"\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(Sources{File: file, Env: []string{"VERDICT_TOPICS_DECISIONS=", "VERDICT_TOPICS_DEADLETTER="},
		Set: []string{"topics.risk=", "state.enabled=true", "output.format=json"}})
	if err != nil || cfg.CheckRun() != nil {
		t.Fatal(err, cfg)
	}
	if got := strings.Join(cfg.OutputTopics(), " "); got != "idv.decisions.v1 idv.verifications.v1 idv.overdue.v1 "+
		"idv.deadletter.v1" {
		t.Errorf("written are %s", got)
	}
	if cfg.RouteOf("") != processor.RouteUnspecified ||
		cfg.RouteOf("idv.verifications.v1") != processor.RouteVerification {
		t.Error("a topic has another's route")
	}
	for _, route := range processor.Routes() {
		set := "topics." + route.Spec().Setting + "="
		if _, err := Load(Sources{Set: []string{set}}); (err == nil) != route.Spec().Optional {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// What needs state is off without it, whatever its topic is called.
func TestTopicsThatNeedState(t *testing.T) {
	for _, without := range []string{"state.enabled=false", "delivery=at_least_once"} {
		cfg, err := Load(Sources{Set: []string{"topics.verifications=table", without}})
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range processor.Routes() {
			if off := cfg.Outputs()[route] == ""; off != route.Spec().NeedsState {
				t.Errorf("%s: the route %s is off: %v", without, route, off)
			}
		}
		if cfg.RouteOf("table") != processor.RouteUnspecified {
			t.Errorf("%s: the table is written", without)
		}
	}
}

func TestRetentionOfState(t *testing.T) {
	cfg, err := Load(Sources{})
	if err != nil || cfg.State.Retention != 30*24*time.Hour {
		t.Errorf("%v, %v", cfg, err)
	}
	_, err = Load(Sources{Set: []string{"state.retention=59m"}})
	if err == nil || !strings.Contains(err.Error(), "59m is too small: the least is 1h (default 720h)") {
		t.Error(err)
	}
}

// A look at the rules' files takes a while: an interval is at least that, or none.
func TestReloadIntervalIsBounded(t *testing.T) {
	for text, want := range map[string]string{"0": "", "100ms": "", "1ns": "the least is 100ms", "-1s": "the least is"} {
		_, err := Load(Sources{Set: []string{"catalog.reload_interval=" + text}})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
