package main

import (
	"slices"
	"strings"
	"testing"

	"verdict/cmd/verdict/local"
)

// TestCheckTopicsCheck goes the way of a new installation: check names what is missing, topics creates it, check is
// content.
func TestCheckTopicsCheck(t *testing.T) {
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	set := []string{"--set", "kafka.brokers=" + c.Broker(), "--set", "registry.url=" + c.RegistryURL(),
		"--set", "state.enabled=true"}
	call := func(want int, args ...string) string {
		t.Helper()
		var out, errs strings.Builder
		code := run(append(args, set...), streams{strings.NewReader(""), &out, &errs})
		if code != want {
			t.Fatalf("verdict %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, out.String(),
				errs.String())
		}
		return out.String()
	}

	missing := call(exitFailure, "check", "--connect")
	topics := []string{"idv.raw.v1", "idv.decisions.v1", "idv.verifications.v1", "idv.billing.v1", "idv.risk.v1",
		"idv.overdue.v1", "idv.deadletter.v1", "verdict-state.idv.raw.v1"}
	for _, topic := range topics {
		if !strings.Contains(missing, topic) {
			t.Errorf("check does not say that %s is missing:\n%s", topic, missing)
		}
	}
	if !strings.Contains(missing, "cure: ") || !strings.Contains(missing, "the first run registers those") {
		t.Errorf("check names no cure, or not what becomes of the schemas:\n%s", missing)
	}

	created := call(exitOK, "topics", "--create", "--partitions", "4", "--replication-factor", "1")
	if strings.Count(created, "created  ") != len(topics) {
		t.Errorf("topics --create:\n%s", created)
	}
	for _, topic := range topics {
		if n := len(c.Kafka.PartitionInfos(topic)); n != 4 {
			t.Errorf("%s has %d partitions, want the 4 that were asked for", topic, n)
		}
	}
	again := call(exitOK, "topics", "--create")
	if strings.Count(again, "exists  ") != len(topics) {
		t.Errorf("topics --create, again:\n%s", again)
	}
	content := call(exitOK, "check", "--connect")
	if strings.Contains(content, "FAILED") || strings.Contains(content, "warn") {
		t.Errorf("check:\n%s", content)
	}
}

// What is well is told with what was seen of it, what may lose records is a warning with a cure and no failure.
func TestCheckTellsAndWarns(t *testing.T) {
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	if err := c.Kafka.CreateTopic("idv.raw.v1", 2, map[string]string{"retention.ms": "60000"}); err != nil {
		t.Fatal(err)
	}
	var said string
	for _, command := range [][]string{{"topics", "--create"}, {"check", "--connect"}} {
		var out, errs strings.Builder
		args := append(slices.Clone(command), "--set", "kafka.brokers="+c.Broker(), "--set", "output.format=json",
			"--set", "batch.units=4", "--set", "state.enabled=false", "--set", "topics.verifications=")
		if code := run(args, streams{strings.NewReader(""), &out, &errs}); code != exitOK {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, out.String(), errs.String())
		}
		said = out.String()
	}
	for _, want := range []string{
		"\nok      topic idv.raw.v1 (raw events): 2 partitions\n",
		"\nok      settings of idv.billing.v1: it keeps 35 days\n",
		"\nwarn    settings of idv.raw.v1: it keeps 1m0s (retention.ms): what waits for longer, in an outage, is lost " +
			"undecided\n        cure: set retention.ms=2592000000 (30 days; `verdict topics --apply`), or more " +
			"than your longest outage\n",
		"\nwarn    partitions of the raw topics: batch.units is 4, but there are 2 partitions to share out: 2 will have " +
			"nothing to do\n        cure: lower batch.units, ",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("check does not say %q:\n%s", want, said)
		}
	}
}
