package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with a call or with topics.settings is said with its place, before anything is asked for.
func TestMistakesOfTopicSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "verdict.yaml")
	const text = `topics:
  settings:
    - "*:min.insync.replicas=2"
    - idv.decision.v1:retention.ms=1
    - idv.raw.v1:cleanup.policy=compact
    - verdict-state.idv.raw.v1:cleanup.policy=delete
    - verdict-state.idv.raw.v1:retention.ms=86400000
    - "*:cleanup.policy=delete"
    - idv.verifications.v1:cleanup.policy=delete
    - "*:min.insync.replicas=3"
    - idv.billing.v1:cleanup.policy=compact
    - verdict-state.idv.raw.v1:message.timestamp.type=CreateTime
    - verdict-state.idv.raw.v1:retention.bytes=100
`
	writeFile(t, file, []byte(text))
	var out, errs strings.Builder
	code := run([]string{"topics", "--config", file}, streams{strings.NewReader(""), &out, &errs})
	if code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	said := strings.ReplaceAll(errs.String(), file, "F")
	writeFile(t, file, []byte("topics:\n  settings:\n    - *:min.insync.replicas=2\n"))
	code = run([]string{"topics", "--config", file}, streams{strings.NewReader(""), &out, &errs})
	const star = ":3: did not find expected alphabetic or numeric character; a text that begins with * or & is written " +
		"in quotes"
	if code != exitUsage || !strings.Contains(errs.String(), star) {
		t.Errorf("exit code %d: %s", code, &errs)
	}
	for _, want := range []string{
		"the configuration has 9 mistakes:",
		"F:4: topics.settings: there is no topic idv.decision.v1 in these settings; did you mean idv.decisions.v1?",
		"F:5: topics.settings: idv.raw.v1 must not be compacted: the brokers remove earlier events",
		"F:6: topics.settings: Verdict needs its own cleanup.policy of verdict-state.idv.raw.v1",
		"F:7: topics.settings: retention.ms of verdict-state.idv.raw.v1 is less than state.retention (2592000000 ms)",
		"F:8: topics.settings: not all topics can have one cleanup.policy: name the topic",
		"F:9: topics.settings: idv.verifications.v1 has to be compacted",
		"F:10: topics.settings: min.insync.replicas of * is there twice: keep one",
		"F:12: topics.settings: Verdict needs its own message.timestamp.type",
		"F:13: topics.settings: verdict-state.idv.raw.v1 holds what Verdict remembers",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s", want)
		}
	}
	if t.Failed() {
		t.Log(said)
	}
}

// A setting of a topic that is switched off is a mistake for who makes or checks topics, and nobody else's business.
func TestWhoLooksAtTopicSettings(t *testing.T) {
	s := newTopicStage(t)
	s.topics(exitOK, "--create")
	s.args = append(s.args, "--set", "output.format=json", "--set", "topics.risk=",
		"--set", "topics.settings=idv.risk.v1:retention.ms=1")
	s.topics(exitUsage, "--plan")
	if out, code := s.check(); code != exitUsage {
		t.Errorf("exit code %d: %s", code, out)
	}
	var out, errs strings.Builder
	if code := run(append([]string{"status"}, s.args...), streams{nil, &out, &errs}); code == exitUsage {
		t.Errorf("%s%s", &out, &errs)
	}
}

// How long the raw topic has to keep its records follows from the rules.
func TestOverdueNoticesNeedTheirRecords(t *testing.T) {
	s := newTopicStage(t)
	s.topics(exitOK, "--create")
	s.args = append(s.args, "--set", "output.format=json", "--set", "topics.settings=*:retention.ms=86400000")
	const want = "topics.settings: retention.ms of idv.raw.v1 is less than overdue notices need, which the catalog has " +
		"after 1 day (overdue_after): write 172800000 or more, or lower overdue_after"
	if _, errs := s.topics(exitUsage, "--apply"); !strings.Contains(errs, want) {
		t.Errorf("%s", errs)
	}
	out, code := s.check()
	if code == exitOK || !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
		t.Errorf("exit code %d: %s", code, out)
	}
	s.args[len(s.args)-1] += ",idv.raw.v1:retention.ms=172800000"
	s.topics(exitOK, "--plan")
}

// A number that the protocol has no room for is not cut.
func TestTopicsRefuseNumbersThatAreTooLarge(t *testing.T) {
	for _, args := range [][]string{{"--partitions", "2147483648"}, {"--partitions", "-1"},
		{"--replication-factor", "32768"}} {
		var out, errs strings.Builder
		code := run(append([]string{"topics", "--plan"}, args...), streams{nil, &out, &errs})
		if code != exitUsage || !strings.Contains(errs.String(), strings.Join(args, " ")+": write a number from 1 to ") {
			t.Errorf("%v: exit code %d: %s", args, code, &errs)
		}
	}
}
