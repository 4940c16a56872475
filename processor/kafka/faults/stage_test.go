//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// sessionTimeout and transactionTimeout are Verdict's defaults, which the scenarios run with; sweep is how often a
// broker looks for transactions that have timed out.
const (
	sessionTimeout     = 10 * time.Second
	transactionTimeout = 15 * time.Second
	sweep              = 10 * time.Second
)

const rawPartitions = 6

// stage is a scenario under way: a cluster, instances, somebody who writes and somebody who watches.
type stage struct {
	t       testing.TB
	dir     string
	seed    uint64
	rng     *rand.Rand
	began   time.Time
	promise promise

	cluster  *cluster
	registry *registry // nil: outputs are JSON
	names    topicNames
	group    string
	settings map[string]string // of all instances, over what newInstance sets

	ledger    *ledger
	gen       *generator
	watch     *watcher
	until     int64       // ms: what was overdue before must have been told; 0: not yet
	upstream  int32       // events in transactions that their producer aborted
	instances []*instance // those that are to run
	rows      []recovery
}

// stageOptions says how scenarios differ.
type stageOptions struct {
	brokers      int
	brokerConfig string                       // more lines of server.properties
	avro         bool                         // outputs and half of the inputs in Avro, with a registry
	promise      promise                      // zero: exactly once
	settings     map[string]string            // of the instances: KAFKA_SESSION_TIMEOUT and the like
	topics       func(topicNames) []topicSpec // nil: rawPartitions and other numbers, on all brokers
}

// newStage starts a cluster with its topics and somebody who watches. Instances and events are up to the scenario.
func newStage(t testing.TB, o stageOptions) *stage {
	t.Helper()
	s := &stage{t: t, dir: stageDir(t), seed: *seedFlag, rng: rand.New(rand.NewPCG(*seedFlag, 2)), began: time.Now(),
		promise: o.promise,
		group:   "faults", settings: map[string]string{"OUTPUT_FORMAT": "json", "STATE_ON_GROWTH": "continue"}}
	s.names = topicNames{raw: "raw", outputs: [numOutputs]string{"decisions", "billing",
		"risk", "deadletter", "verifications", "overdue"}}
	s.names.changelog = s.group + "-state." + s.names.raw
	if o.promise.atLeastOnce {
		s.names.changelog = ""
		s.settings["DELIVERY"] = "at_least_once"
	}
	for key, value := range o.settings {
		s.settings[key] = value
	}
	s.say("seed %d; repeat with: go test -v -run '^%s$' ./processor/kafka/faults -faults.seed %d", s.seed, t.Name(),
		s.seed)
	s.cluster = startCluster(t, s.dir, o.brokers, o.brokerConfig)
	s.say("%d broker(s) are up", o.brokers)
	s.exportCatalog()
	specs := s.topics(o)
	if err := s.cluster.createTopics(t.Context(), specs...); err != nil {
		t.Fatal(err)
	}
	s.ledger = newLedger(s.seed, max(specs[0].partitions, len(specs[0].placed)))
	s.ledger.once = o.promise.atLeastOnce
	if o.avro {
		s.startRegistry()
	}
	client := s.cluster.client(kgo.ConsumeTopics(s.names.outputs[decisions]),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond),
		kgo.MetadataMinAge(100*time.Millisecond),
		kgo.MetadataMaxAge(time.Second), kgo.RequestTimeoutOverhead(2*time.Second))
	s.watch = startWatcher(t.Context(), client, s.ledger)
	t.Cleanup(s.watch.close)
	return s
}

// stageDir is where brokers and instances have their files.
func stageDir(t testing.TB) string {
	if *keepFlag == "" {
		return t.TempDir()
	}
	dir := filepath.Join(*keepFlag, t.Name())
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (s *stage) topics(o stageOptions) []topicSpec {
	var specs []topicSpec
	if out := s.names.outputs; o.topics != nil {
		specs = o.topics(s.names)
	} else {
		specs = append([]topicSpec{
			{name: s.names.raw, partitions: rawPartitions, replication: o.brokers},
			{name: out[decisions], partitions: 5, replication: o.brokers},
			{name: out[billing], partitions: 4, replication: o.brokers},
			{name: out[risk], partitions: 3, replication: o.brokers},
			{name: out[deadLetters], partitions: 1, replication: o.brokers},
		}, stateTopics(s.names, rawPartitions, o.brokers)...)
	}
	// When something came is for the broker to say: what a producer's client holds back has not come.
	specs[0].configs = maps.Clone(specs[0].configs)
	if specs[0].configs == nil {
		specs[0].configs = map[string]string{}
	}
	specs[0].configs["message.timestamp.type"] = "LogAppendTime"
	return specs
}

// changelogConfigs are those of a changelog, but that it is compacted as often as a broker can.
var changelogConfigs = map[string]string{"cleanup.policy": "compact,delete", "message.timestamp.type": "LogAppendTime",
	"retention.ms": "5184000000", "min.cleanable.dirty.ratio": "0.01", "segment.bytes": "1048576"}

// stateTopics are those that are written because there is state.
func stateTopics(names topicNames, rawPartitions, replication int) []topicSpec {
	specs := []topicSpec{{name: names.outputs[table], partitions: 3, replication: replication},
		{name: names.outputs[overdue], partitions: 2, replication: replication}}
	if names.changelog != "" {
		specs = append(specs, topicSpec{name: names.changelog, partitions: rawPartitions, replication: replication,
			configs: changelogConfigs})
	}
	return specs
}

// exportCatalog gives the instances a catalog in which a pending video is overdue soon.
func (s *stage) exportCatalog() {
	s.t.Helper()
	program, err := build()
	if err != nil {
		s.t.Fatal(err)
	}
	dir := filepath.Join(s.dir, "catalog")
	if out, err := exec.Command(program, "catalog", "--export", dir).CombinedOutput(); err != nil {
		s.t.Fatalf("exporting the catalog: %v\n%s", err, out)
	}
	file := filepath.Join(dir, "yousign-video.yaml")
	text, err := os.ReadFile(file)
	const pending = "overdue_after: {after: 24h,"
	if err == nil && strings.Count(string(text), pending) != 1 {
		err = fmt.Errorf("%s does not have %q once", file, pending)
	}
	if err == nil {
		soon := fmt.Sprintf("overdue_after: {after: %ds,", overdueAfter/1000)
		err = os.WriteFile(file, []byte(strings.Replace(string(text), pending, soon, 1)), 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.settings["CATALOG_DIR"] = dir
}

// say tells the person who watches what happens.
func (s *stage) say(format string, args ...any) {
	s.t.Helper()
	s.t.Logf("%7.1fs  %s", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

// generate begins to write events.
func (s *stage) generate(rate int) {
	encode := func(e *event) []byte { return e.json(s.seed) }
	if s.registry != nil {
		encode = s.registry.encode
	}
	s.gen = startGenerator(s.t.Context(), s.cluster.client(producer()...), s.ledger, s.names.raw, rate, encode)
	s.t.Cleanup(func() { s.gen.stop(); s.gen.wait.Wait() })
}

// add starts an instance and makes it one of those that are to run.
func (s *stage) add(slot int, stableID string) *instance {
	i := s.newInstance(slot, stableID)
	s.instances = append(s.instances, i)
	i.start()
	return i
}

// allPartitions are the raw partitions that events go to.
func (s *stage) allPartitions() []int32 {
	list := make([]int32, s.ledger.spread())
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

const calmLimit = 90 * time.Second

// calm waits until each instance that is to run does and is ready, and decisions flow from all partitions.
func (s *stage) calm(ctx context.Context) error {
	for _, i := range s.instances {
		if err := i.awaitReady(ctx, calmLimit); err != nil {
			return err
		}
	}
	if _, _, err := s.watch.flow(ctx, time.Now(), s.allPartitions(), calmLimit); err != nil {
		return fmt.Errorf("waiting for calm: %w%s", err, s.state(ctx))
	}
	return nil
}

// state is what the instances say of themselves and the end of their logs, for the report of a failure.
func (s *stage) state(ctx context.Context) string {
	text := ""
	for _, i := range s.instances {
		if !i.running() {
			text += fmt.Sprintf("\n%s ended with exit code %d", i.label(), i.exitCode())
		} else if err := i.readiness(ctx); err != nil {
			text += fmt.Sprintf("\n%s: %v", i.label(), err)
		} else {
			text += fmt.Sprintf("\n%s: ready", i.label())
		}
		text += lastLines(i.logFile)
	}
	return text
}

// revive starts instances that have ended by themselves, which is a failure, so that the run can go on.
func (s *stage) revive() {
	s.t.Helper()
	for _, i := range s.instances {
		if !i.running() {
			s.t.Errorf("%s ended by itself with exit code %d; its log: %s", i.label(), i.exitCode(),
				lastLines(i.logFile))
			i.start()
		}
	}
}

// drop takes an instance from those that are to run.
func (s *stage) drop(i *instance) {
	s.instances = slices.DeleteFunc(s.instances, func(other *instance) bool { return other == i })
}

// remove ends an instance with SIGTERM, for good.
func (s *stage) remove(i *instance) error {
	s.drop(i)
	return i.terminate(stopLimit, 0)
}

// stopLimit is how long a SIGTERM may take: the default of shutdown_timeout, and a little.
const stopLimit = 10 * time.Second

// finish lets the rest of the events be decided, stops everything, reads all back and checks it.
func (s *stage) finish() {
	s.t.Helper()
	ctx := s.t.Context()
	if err := s.gen.finish(ctx); err != nil {
		s.t.Fatalf("the generator could not deliver its events: %v", err)
	}
	s.say("%d events are written; waiting until they are decided", s.ledger.len())
	if err := s.cluster.settle(ctx, s.group, s.names, false, 2*time.Minute); err != nil {
		s.t.Errorf("%v%s", err, s.state(ctx))
	}
	s.awaitOverdue(ctx)
	for _, i := range slices.Clone(s.instances) {
		if err := s.remove(i); err != nil {
			s.t.Errorf("%v; its log: %s", err, lastLines(i.logFile))
		}
	}
	if len(s.rows) > 0 {
		s.say("recovery, from the fault to decisions about later events, readable as committed (limits that are "+
			"broken are failures):\n%s",
			recoveryTable(s.rows))
	}
	s.say("%d raw records were in transactions that their producer aborted", s.upstream)
	s.audit(ctx, s.promise)
}

// patience is how long after its deadline an overdue word may be told, at a time when nothing is broken.
const patience = 10 * time.Second

// awaitOverdue gives all words that nothing follows any more their time to be told as overdue.
func (s *stage) awaitOverdue(ctx context.Context) {
	s.t.Helper()
	if s.names.changelog == "" {
		return
	}
	last := time.Now()
	if err := pass(ctx, overdueAfter*time.Millisecond+patience); err != nil {
		s.t.Fatal(err)
	}
	const most = 3 * time.Minute // for a flood of them: they are told one by one
	for told := int64(-1); time.Since(last) < most; {
		ends, err := s.cluster.ends(ctx, s.names.outputs[overdue], committedIsolation)
		if err == nil {
			err = pass(ctx, patience/2)
		}
		if err != nil {
			s.t.Fatal(err)
		}
		before := told
		if told = total(ends); told == before {
			break
		}
	}
	s.say("overdue words were told until %.0f s after the last event", time.Since(last).Seconds())
	s.until = last.UnixMilli() + overdueAfter
}

func total(ends map[int32]int64) (sum int64) {
	for _, end := range ends {
		sum += end
	}
	return sum
}

// audit reads all back and checks it.
func (s *stage) audit(ctx context.Context, p promise) {
	s.t.Helper()
	if err := s.cluster.settle(ctx, s.group, s.names, true, transactionTimeout+2*sweep); err != nil {
		s.t.Errorf("no instance runs, and yet: %v", err)
	}
	o, err := s.cluster.observe(ctx, s.seed, s.group, s.names, s.parser())
	if err != nil {
		s.t.Fatal(err)
	}
	o.until = s.until
	r := check(s.seed, s.ledger.all(), o, p)
	s.say("read back and checked:\n%s", r.table())
	if !r.ok() {
		s.t.Errorf("the promise is broken, see the table above (seed %d)", s.seed)
	}
}

func (s *stage) parser() func([]byte) (fields, error) {
	if s.registry != nil {
		return s.registry.parse
	}
	return parseJSON
}
