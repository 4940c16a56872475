package kafka_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
	"verdict/processor/kafka/cluster"
	"verdict/rules"
)

// childConfig is the environment variable by which a test binary becomes a process that only runs a runner, to be
// killed.
const childConfig = "VERDICT_TEST_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childConfig); text != "" {
		os.Exit(child(text))
	}
	sideBySide()
	goleak.VerifyTestMain(m)
}

// sideBySide has more tests run at a time than there are CPUs, unless -parallel says how many: most of them wait.
func sideBySide() {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("4")
	}
}

func child(text string) int {
	var cfg kafka.Config
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		panic(err)
	}
	log, err := zap.NewDevelopment()
	if err != nil {
		panic(err)
	}
	codec := new(plain)
	p := processor.New(rules.Embedded(), codec, codec, processor.Options{Version: "test"})
	r, err := kafka.NewRunner(cfg, p, kafka.NewMetrics(prometheus.NewRegistry(), p.Vocabularies()), log)
	if err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := r.Run(ctx); err != nil {
		log.Error("ended", zap.Error(err))
		return 1
	}
	return 0
}

// realBroker names a Kafka that the tests may create topics on.
func realBroker(t *testing.T) string {
	broker := os.Getenv("VERDICT_TEST_KAFKA")
	if broker == "" {
		t.Skip("needs a Kafka: set VERDICT_TEST_KAFKA to its host:port (topics and groups of random names are " +
			"created on it)")
	}
	return broker
}

// realConfig creates topics of its own. Unless more says otherwise there is no state: these tests count each record.
func realConfig(t *testing.T, broker string, more ...func(*kafka.Config)) kafka.Config {
	t.Helper()
	run := fmt.Sprintf("test-%08x", rand.Uint32())
	cfg := kafka.Config{
		Connection: cluster.Connection{Brokers: []string{broker}}, Group: run, RawTopics: []string{run + "-raw"},
		SessionTimeout:     6 * time.Second,
		HeartbeatInterval:  time.Second,
		TransactionTimeout: 15 * time.Second,
	}
	for _, route := range processor.Routes() {
		cfg.Topics[route] = run + "-" + route.String()
	}
	for _, f := range more {
		f(&cfg)
	}
	plan := kafka.TopicPlan(cfg)
	for i := range plan {
		plan[i].ReplicationFactor = 1
	}
	results, err := admin.CreateTopics(t.Context(), cfg.Connection, plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil || !r.Created {
			t.Fatal(r)
		}
	}
	return cfg
}

// spawn starts a process that runs a runner.
func spawn(t *testing.T, cfg kafka.Config, instance string) *exec.Cmd {
	t.Helper()
	cfg.InstanceID = instance
	text, err := json.Marshal(cfg) //nolint:staticcheck // SA1026: of TLS, which is nil here
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childConfig+"="+string(text))
	cmd.Stderr = prefixed{instance}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

type prefixed struct{ instance string }

func (p prefixed) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		fmt.Fprintf(os.Stderr, "%s | %s", p.instance, line)
	}
	return len(b), nil
}

const (
	realEvents, realKeys = 200_000, 5_000
	realLead             = 4 * realKeys // how far production may run ahead of the decisions
)

// follower reads the decisions while instances come and go.
type follower struct {
	*collector
	n    atomic.Int64
	stop context.CancelFunc
	done chan struct{}
}

func follow(t *testing.T, cfg kafka.Config) *follower {
	ctx, stop := context.WithCancel(t.Context())
	f := &follower{collector: collect(t, cfg.Brokers, cfg.Topics[processor.RouteDecision]), stop: stop,
		done: make(chan struct{})}
	go func() {
		defer close(f.done)
		for ctx.Err() == nil {
			fetches := f.client.PollFetches(ctx)
			fetches.EachRecord(func(r *kgo.Record) { f.records = append(f.records, r) })
			f.n.Store(int64(len(f.records)))
		}
	}()
	return f
}

// reaches waits until there are n decisions.
func (f *follower) reaches(n int) {
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for f.n.Load() < int64(n) {
		select {
		case <-tick.C:
		case <-deadline.C:
			f.t.Errorf("%d decisions came, want %d", f.n.Load(), n)
			return
		}
	}
}

// produceReal writes events of realKeys verifications, round by round, and beside them transactions that are aborted.
func (f *follower) produceReal(cfg kafka.Config) (done chan struct{}) {
	done = make(chan struct{})
	p := producer(f.t, cfg.Brokers)
	go func() {
		defer close(done)
		for from := 0; from < realEvents; from += realKeys {
			if err := f.produceRound(cfg, p); err != nil {
				f.t.Error("the test's own producer: ", err)
				return
			}
			f.reaches(from - realLead)
		}
	}()
	return done
}

func (f *follower) produceRound(cfg kafka.Config, p *kgo.Client) error {
	var list []*kgo.Record
	for i := range realKeys {
		key := fmt.Sprintf("v-%d", i)
		list = append(list, &kgo.Record{Topic: cfg.RawTopics[0], Partition: int32(i % 8), Key: []byte(key),
			Value: []byte(key + " approved")})
	}
	doomed := f.openDoomed(cfg)
	defer doomed.Close()
	err := p.ProduceSync(f.t.Context(), list...).FirstErr()
	// A broker that goes away may take the transaction along: the next round's client ends it then.
	if err := doomed.EndTransaction(f.t.Context(), kgo.TryAbort); err != nil {
		f.t.Log("the aborted transaction was left open: ", err)
	}
	return err
}

// openDoomed begins a transaction that writes to each partition; with one transactional id, it first ends the one
// before.
func (f *follower) openDoomed(cfg kafka.Config) *kgo.Client {
	doomed := producer(f.t, cfg.Brokers, kgo.TransactionalID(cfg.Group+"-upstream"))
	_ = doomed.BeginTransaction()
	for i := range int32(8) {
		doomed.Produce(f.t.Context(), &kgo.Record{Topic: cfg.RawTopics[0], Partition: i, Key: []byte("aborted"),
			Value: []byte("aborted approved")}, nil)
	}
	_ = doomed.Flush(f.t.Context())
	return doomed
}

// check counts all decisions.
func (f *follower) check() {
	f.t.Helper()
	f.reaches(realEvents)
	f.stop()
	<-f.done
	f.poll(2*time.Second, realEvents+1)
	sources, last := map[string]int{}, map[string]int{}
	disorder, aborted := 0, 0
	for _, r := range f.records {
		source, _, _ := strings.Cut(string(r.Value), " ")
		sources[source]++
		offset, err := strconv.Atoi(source[strings.LastIndexByte(source, '/')+1:])
		if err != nil {
			f.t.Fatal(err)
		}
		if string(r.Key) == "aborted" {
			aborted++
		}
		if before, ok := last[string(r.Key)]; ok && offset <= before {
			disorder++
		}
		last[string(r.Key)] = offset
	}
	f.t.Logf("%d decisions of %d events, %d of aborted transactions, %d out of order, %d keys", len(f.records),
		len(sources),
		aborted, disorder, len(last))
	if len(sources) != realEvents || len(f.records) != realEvents || aborted > 0 || disorder > 0 ||
		len(last) != realKeys {
		f.t.Errorf("lost %d, decided twice %d", realEvents-len(sources), len(f.records)-len(sources))
	}
}

// terminate sends SIGTERM and expects the exit code 0.
func terminate(t *testing.T, p *exec.Cmd) {
	t.Helper()
	_ = p.Process.Signal(syscall.SIGTERM)
	if err := p.Wait(); err != nil {
		t.Error("after SIGTERM: ", err)
	}
}

func TestRealKafkaLosesNothingToKills(t *testing.T) {
	cfg := realConfig(t, realBroker(t))
	f := follow(t, cfg)
	produced := f.produceReal(cfg)
	a, b := spawn(t, cfg, "a"), spawn(t, cfg, "b")
	for n := range 4 {
		f.reaches((n + 1) * 30_000)
		_ = a.Process.Kill()
		_ = a.Wait()
		a = spawn(t, cfg, "a")
	}
	terminate(t, b)
	b = spawn(t, cfg, "b")
	f.reaches(160_000)
	_ = b.Process.Kill() // for good: its partitions go to a
	<-produced
	f.check()
	terminate(t, a)
}

// Instances without a name of their own: what a dead or frozen one leaves open is taken over.
func TestRealKafkaTakesOverFromTheDeadAndTheFrozen(t *testing.T) {
	cfg := realConfig(t, realBroker(t))
	f := follow(t, cfg)
	produced := f.produceReal(cfg)
	a, b := spawn(t, cfg, ""), spawn(t, cfg, "")
	f.reaches(40_000)
	_ = a.Process.Signal(syscall.SIGSTOP)
	f.reaches(100_000) // the lead is not enough for that: b has got its partitions
	_ = a.Process.Signal(syscall.SIGCONT)
	f.reaches(150_000)
	_ = b.Process.Kill()
	<-produced
	f.check()
	terminate(t, a)
}

func TestRealKafkaAtLeastOnce(t *testing.T) {
	cfg := realConfig(t, realBroker(t))
	cfg.Delivery = kafka.DeliveryAtLeastOnce
	f := follow(t, cfg)
	a := spawn(t, cfg, "a")
	<-f.produceReal(cfg)
	f.check() // nothing crashes, so nothing comes twice
	terminate(t, a)
}

// The command of VERDICT_TEST_KAFKA_RESTART kills the broker and brings it back.
func TestRealKafkaRestarts(t *testing.T) {
	restart := os.Getenv("VERDICT_TEST_KAFKA_RESTART")
	if restart == "" {
		t.Skip("needs a command that restarts the broker in VERDICT_TEST_KAFKA_RESTART")
	}
	cfg := realConfig(t, realBroker(t))
	f := follow(t, cfg)
	produced := f.produceReal(cfg)
	a, b := spawn(t, cfg, "a"), spawn(t, cfg, "b")
	for n := range 2 {
		f.reaches((n + 1) * 50_000)
		if out, err := exec.Command(restart).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	<-produced
	f.check()
	terminate(t, a)
	terminate(t, b)
}

func TestRealKafkaCheck(t *testing.T) {
	cfg := realConfig(t, realBroker(t), func(c *kafka.Config) { c.State.Enabled = true })
	for _, f := range kafka.Check(t.Context(), cfg) {
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
}
