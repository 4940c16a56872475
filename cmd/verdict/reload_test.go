package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Rules change under a process that decides, with other rules that are good and with all that may lie there instead.

// reloadsWanted is how often they do, where VERDICT_TEST_RELOADS does not say otherwise.
const reloadsWanted = 20

// Log lines that an operator goes by.
const (
	saysOther   = "other rules decide from now on"
	saysRefused = "the rules' files have changed and are refused, and the rules of before go on deciding: mend the " +
		"files, or put back what was there"
	saysAgain = "the rules' files are those that decide again"
)

func TestReloads(t *testing.T) {
	t.Parallel()
	newReloadStory(t, "100ms").tell(reloadsWanted)
}

// A change is visible in at most ten seconds by the default settings, and SIGHUP makes it visible at once.
func TestReloadIsVisibleInTime(t *testing.T) {
	t.Parallel()
	s := newReloadStory(t, "")
	s.takesOver("usual", 10*time.Second)
	began := time.Now()
	s.rules.swap("asked", nil)
	s.process.signal(syscall.SIGHUP)
	s.process.awaitLog(saysOther)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("SIGHUP took %s", took)
	}
	s.end()
}

// A start with rules that would be refused says so and ends.
func TestRunRefusesBadRules(t *testing.T) {
	t.Parallel()
	m := newMounted(t)
	m.swap("bad", map[string]string{"yousign-video.yaml": "nonsense: true\n"})
	p := startProcess(t, []string{"VERDICT_OUTPUT_FORMAT=json", "VERDICT_CATALOG_DIR=" + m.dir}, "verdict", "run")
	p.awaitExit(1)
	if !strings.Contains(p.text.String(), "yousign-video.yaml:1:1: ") {
		t.Errorf("stderr: %s", p.text.String())
	}
}

func TestRealReloads(t *testing.T) {
	brokers, registry := os.Getenv("VERDICT_TEST_KAFKA"), os.Getenv("VERDICT_TEST_REGISTRY")
	if brokers == "" || registry == "" {
		t.Skip("needs a real Kafka and registry: run `make reloads`")
	}
	count := reloadsWanted
	if text := os.Getenv("VERDICT_TEST_RELOADS"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal("VERDICT_TEST_RELOADS:", err)
		}
	}
	r := newRealParts(t, buildProgram(t), brokers, registry)
	s := &reloadStory{t: t, rules: newMounted(t), raw: r.prefix + "raw", decisions: r.prefix + "decisions",
		brokers: brokers, seen: map[string]int{}, versions: map[string]bool{}}
	s.begin("100ms", r.binary, r.environment())
	s.tell(count)
}

// reloadStory is a process, its rules, and all that goes in and comes out meanwhile.
type reloadStory struct {
	t              *testing.T
	rules          *mounted
	process        *process
	brokers        string
	raw, decisions string
	client         *kgo.Client

	sent    atomic.Int64
	stop    context.CancelFunc // of the load
	loading sync.WaitGroup

	seen     map[string]int  // decisions of each verification
	versions map[string]bool // those of the decisions
	placed   []placed
}

// placed is a decision's place in the raw topic, and the rules that it is by.
type placed struct {
	partition int
	offset    int64
	version   string
}

// newReloadStory begins one on a Kafka in this process; an interval of "" is the default.
func newReloadStory(t *testing.T, interval string) *reloadStory {
	t.Helper()
	c, cfg := startKafka(t)
	s := &reloadStory{t: t, rules: newMounted(t), brokers: c.Broker(), raw: cfg.Topics.Raw[0].Name,
		decisions: cfg.OutputTopics()[0], seen: map[string]int{}, versions: map[string]bool{}}
	s.begin(interval, "verdict", []string{"VERDICT_KAFKA_BROKERS=" + c.Broker()})
	return s
}

// begin starts the process by good rules, and the load.
func (s *reloadStory) begin(interval, program string, env []string) {
	s.t.Helper()
	s.rules.swap("begin", nil)
	env = append(env, "VERDICT_OUTPUT_FORMAT=json", "VERDICT_CATALOG_DIR="+s.rules.dir)
	if interval != "" {
		env = append(env, "VERDICT_CATALOG_RELOAD_INTERVAL="+interval)
	}
	var err error
	s.client, err = kgo.NewClient(kgo.SeedBrokers(s.brokers), kgo.ConsumeTopics(s.decisions),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(50*time.Millisecond), kgo.ProducerLinger(0), kgo.UnknownTopicRetries(-1))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.client.Close)
	s.process = startProcess(s.t, env, program, "run")
	s.process.awaitLog("verdict is starting")
	ctx, stop := context.WithCancel(s.t.Context())
	s.stop = stop
	s.loading.Go(func() { s.load(ctx) })
	s.awaitVersion(s.rules.version, patience)
}

// load sends some 500 events a second, each of a verification of its own.
func (s *reloadStory) load(ctx context.Context) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var records []*kgo.Record
		for range 5 {
			id := fmt.Sprintf("v-%d", s.sent.Add(1))
			value := fmt.Sprintf(`{"provider":"yousign","product":"video","verification_id":%q,"status":"approved"}`, id)
			records = append(records, &kgo.Record{Topic: s.raw, Key: []byte(id), Value: []byte(value)})
		}
		if err := s.client.ProduceSync(s.t.Context(), records...).FirstErr(); err != nil {
			s.t.Error("an event was not sent:", err)
			return
		}
	}
}

// poll reads what there is of decisions.
func (s *reloadStory) poll() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 100*time.Millisecond)
	defer cancel()
	for _, record := range s.client.PollFetches(ctx).Records() {
		var d struct {
			RulesVersion string `json:"rules_version"`
			Source       struct {
				Partition int
				Offset    int64
			}
		}
		if err := json.Unmarshal(record.Value, &d); err != nil {
			s.t.Fatal(err)
		}
		s.seen[string(record.Key)]++
		s.versions[d.RulesVersion] = true
		s.placed = append(s.placed, placed{d.Source.Partition, d.Source.Offset, d.RulesVersion})
	}
}

// awaitVersion waits for a decision by rules of a version.
func (s *reloadStory) awaitVersion(version string, limit time.Duration) {
	s.t.Helper()
	for began := time.Now(); !s.versions[version]; s.poll() {
		if time.Since(began) > limit {
			s.t.Fatalf("no decision is by %s after %s:\n%s", version, limit, s.process.text.String())
		}
	}
}

// takesOver swaps good rules in, and has decisions be by them in time.
func (s *reloadStory) takesOver(name string, limit time.Duration) {
	s.t.Helper()
	s.rules.swap(name, nil)
	s.process.awaitLog(saysOther)
	s.awaitVersion(s.rules.version, limit)
}

// tell changes the rules so many times, and sees what became of all events.
func (s *reloadStory) tell(count int) {
	s.t.Helper()
	for n := range count {
		name := fmt.Sprintf("n%d", n)
		switch n % 8 {
		case 1:
			s.refuses(name, map[string]string{"yousign-video.yaml": "nonsense: true\n"})
		case 3: // whole in itself, but events are decided by what it lacks
			s.refuses(name, map[string]string{"yousign-video.yaml": ""})
		case 5:
			s.torn(name)
		case 7:
			s.rules.vanish()
			s.process.awaitLog(saysRefused)
			s.rules.appear()
			s.process.awaitLog(saysAgain)
		default:
			s.takesOver(name, patience)
		}
	}
	s.end()
}

// refuses swaps rules in that must not decide, and puts the ones of before back.
func (s *reloadStory) refuses(name string, spoil map[string]string) {
	s.t.Helper()
	good := s.rules.mark()
	s.rules.swap(name, spoil)
	s.process.awaitLog(saysRefused)
	s.rules.back(good)
	s.process.awaitLog(saysAgain)
}

// torn writes a file in two halves.
func (s *reloadStory) torn(name string) {
	s.t.Helper()
	whole := s.rules.text("ubble-idv.yaml")
	s.rules.swap(name, map[string]string{"ubble-idv.yaml": whole[:len(whole)/2]})
	s.process.awaitLog(saysRefused)
	s.rules.finish("ubble-idv.yaml", whole[len(whole)/2:])
	s.process.awaitLog(saysOther)
	s.awaitVersion(s.rules.version, patience)
}

// end stops the load, and sees that each event was decided once, by rules that were good, and never by older ones than
// the event before it in its partition.
func (s *reloadStory) end() {
	s.t.Helper()
	s.stop()
	s.loading.Wait()
	sent := int(s.sent.Load())
	for began := time.Now(); len(s.seen) < sent && time.Since(began) < patience; {
		s.poll()
	}
	s.process.signal(syscall.SIGTERM)
	s.process.awaitExit(0)
	s.poll()
	if len(s.seen) != sent || len(s.placed) != sent {
		s.t.Errorf("%d decisions of %d verifications, want %d of each", len(s.placed), len(s.seen), sent)
	}
	for version := range s.versions {
		if !slices.Contains(s.rules.good, version) {
			s.t.Errorf("a decision is by %s, which is none of the good rules %v", version, s.rules.good)
		}
	}
	slices.SortFunc(s.placed, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
	})
	for i := 1; i < len(s.placed); i++ {
		before, now := s.placed[i-1], s.placed[i]
		if before.partition == now.partition &&
			slices.Index(s.rules.good, now.version) < slices.Index(s.rules.good, before.version) {
			s.t.Fatalf("partition %d offset %d is by %s, after %s", now.partition, now.offset, now.version, before.version)
		}
	}
	s.t.Logf("%d events by %d versions", sent, len(s.versions))
}
