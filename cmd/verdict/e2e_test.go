package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestReal drives the built program against a real Kafka and a real schema registry, which `make e2e` installs,
// starts and ends. What comes out is judged by .ci/check.py, which shares no code with Verdict.

// trace is a W3C trace context that the raw records of these tests carry.
const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// realParts is one test's view of the real parts: topics and a consumer group of its own.
type realParts struct {
	t        *testing.T
	binary   string
	brokers  string
	registry string
	prefix   string // of the topics
	client   *kgo.Client
}

// outputPartitions differ, so that a partition that was counted by another topic's number shows.
var outputPartitions = map[string]int32{"raw": 8, "decisions": 6, "verifications": 5, "billing": 4, "risk": 3,
	"overdue": 1, "deadletter": 2}

func TestReal(t *testing.T) {
	brokers, registry := os.Getenv("VERDICT_TEST_KAFKA"), os.Getenv("VERDICT_TEST_REGISTRY")
	if brokers == "" || registry == "" {
		t.Skip("needs a real Kafka in VERDICT_TEST_KAFKA (host:port) and a real schema registry in VERDICT_TEST_REGISTRY (URL): run `make e2e`")
	}
	binary := buildProgram(t)
	for _, test := range []struct {
		name string
		run  func(*realParts)
	}{
		{"DecidesEachEventOnce", realDecidesEachEventOnce},
		{"KilledAndRestarted", realKilledAndRestarted},
		{"AbortedInput", realAbortedInput},
		{"DeadLetters", realDeadLetters},
		{"Formats", realFormats},
		{"AvroInput", realAvroInput},
		{"SilentRegistry", realSilentRegistry},
		{"WritesJSON", realWritesJSON},
		{"AtLeastOnce", realAtLeastOnce},
		{"Readers", realReaders},
		{"LeastPrivilege", realLeastPrivilege},
		{"CannotLogIn", realCannotLogIn},
		{"Explain", realExplain},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(newRealParts(t, binary, brokers, registry)) })
	}
}

func newRealParts(t *testing.T, binary, brokers, registry string) *realParts {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		// topics are a moment old
		kgo.ProducerBatchMaxBytes(4<<20), kgo.MaxBufferedRecords(50_000), kgo.UnknownTopicRetries(-1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	r := &realParts{t: t, binary: binary, brokers: brokers, registry: registry, client: client}
	r.prefix = fmt.Sprintf("%s-%08x-", strings.ToLower(filepath.Base(t.Name())), rand.Uint32())
	for name, partitions := range outputPartitions {
		r.createTopic(r.prefix+name, partitions)
	}
	r.createRest()
	return r
}

func buildProgram(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "verdict")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// environment is what an instance of the program gets: nothing of ours but what it needs.
func (r *realParts) environment(more ...string) []string {
	env := []string{
		"VERDICT_KAFKA_BROKERS=" + r.brokers,
		"VERDICT_KAFKA_GROUP=" + r.group(),
		"VERDICT_KAFKA_SESSION_TIMEOUT=6s",
		"VERDICT_KAFKA_HEARTBEAT_INTERVAL=1s",
		"VERDICT_REGISTRY_URL=" + r.registry,
		"VERDICT_HTTP_ADDRESS=127.0.0.1:0",
		"VERDICT_TOPICS_RAW=" + r.prefix + "raw",
		"VERDICT_TOPICS_DECISIONS=" + r.prefix + "decisions",
		"VERDICT_TOPICS_VERIFICATIONS=" + r.prefix + "verifications",
		"VERDICT_TOPICS_BILLING=" + r.prefix + "billing",
		"VERDICT_TOPICS_RISK=" + r.prefix + "risk",
		"VERDICT_TOPICS_OVERDUE=" + r.prefix + "overdue",
		"VERDICT_TOPICS_DEADLETTER=" + r.prefix + "deadletter",
	}
	return append(append(cleanEnvironment(), env...), more...)
}

// cleanEnvironment is ours without VERDICT_*, which the program would take for settings.
func cleanEnvironment() []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "VERDICT_") {
			env = append(env, entry)
		}
	}
	return env
}

func (r *realParts) group() string { return r.prefix + "group" }

// output runs the program to its end and returns what it prints.
func (r *realParts) output(stdin []byte, args ...string) []byte {
	r.t.Helper()
	command := exec.Command(r.binary, args...)
	command.Env = cleanEnvironment()
	command.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		r.t.Fatalf("verdict %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

// rawLine is one raw event with its record key.
type rawLine struct{ key, value []byte }

// generate makes events by the program's own generator. It only makes input: nothing is judged by it.
func (r *realParts) generate(count, seed int) []rawLine {
	r.t.Helper()
	out := r.output(nil, "generate", "--count", strconv.Itoa(count), "--seed", strconv.Itoa(seed), "--with-key")
	return r.keyed(out, count)
}

// keyed splits key<TAB>value lines.
func (r *realParts) keyed(text []byte, count int) []rawLine {
	r.t.Helper()
	var lines []rawLine
	for line := range bytes.Lines(text) {
		key, value, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte("\t"))
		if !ok {
			r.t.Fatalf("generated line %d has no tab between key and value", len(lines)+1)
		}
		lines = append(lines, rawLine{key, value})
	}
	if len(lines) != count {
		r.t.Fatalf("%d lines generated instead of %d", len(lines), count)
	}
	return lines
}

// counts are check.py's counts by name.
type counts map[string]int

// check compares all that is in the topics with all that went in, and returns the counts.
func (r *realParts) check(args ...string) counts {
	r.t.Helper()
	return r.checkAs("--state", args...)
}

// checkAs is check for a group that ran --state, or --at-least-once.
func (r *realParts) checkAs(group string, args ...string) counts {
	r.t.Helper()
	checker, err := filepath.Abs("../../.ci/check.py")
	if err != nil {
		r.t.Fatal(err)
	}
	args = append([]string{"-B", checker, "--brokers", r.brokers, "--topics", r.prefix, "--registry", r.registry,
		group}, args...)
	command := exec.Command(python(), args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		r.t.Fatalf("the checker: %v (it needs confluent-kafka and fastavro, in the Python of VERDICT_TEST_PYTHON)\n%s%s", err, stderr.Bytes(), out)
	}
	found := counts{}
	if err := json.Unmarshal(out, &found); err != nil {
		r.t.Fatalf("the checker's counts: %v\n%s", err, out)
	}
	r.t.Logf("counted: %s", bytes.TrimSpace(out))
	return found
}

// answered is of how many raw records something has become: a decision, a dead letter, or a repeat.
func (c counts) answered() int { return c["decisions"] + c["deadletter"] + c["transition REPEATED"] }

func python() string {
	if path := os.Getenv("VERDICT_TEST_PYTHON"); path != "" {
		return path
	}
	return "python3"
}

// checkAgainstDecide also compares with what `verdict decide` says about each line by itself.
func (r *realParts) checkAgainstDecide(lines []rawLine, args ...string) counts {
	r.t.Helper()
	var text []byte
	for _, line := range lines {
		text = append(append(text, line.value...), '\n')
	}
	directory := r.t.TempDir()
	input, answers := filepath.Join(directory, "lines"), filepath.Join(directory, "decided.jsonl")
	writeFile(r.t, input, text)
	writeFile(r.t, answers, r.output(nil, "decide", "--stateless", "--format", "json", input))
	return r.check(append(args, "--lines", input, "--decided", answers)...)
}

// require fails the test unless the counts are these.
func (c counts) require(t *testing.T, expected counts) {
	t.Helper()
	for name, want := range expected {
		if c[name] != want {
			t.Errorf("%s: %d instead of %d", name, c[name], want)
		}
	}
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
