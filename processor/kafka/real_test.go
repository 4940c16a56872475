package kafka_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
)

// childConfig is the environment variable by which a test binary becomes a process that only runs a runner, to be killed.
const childConfig = "VERDICT_TEST_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childConfig); text != "" {
		os.Exit(child(text))
	}
	os.Exit(m.Run())
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
		t.Skip("needs a Kafka: set VERDICT_TEST_KAFKA to its host:port (topics and groups of random names are created on it)")
	}
	return broker
}

// realConfig creates topics of its own.
func realConfig(t *testing.T, broker string) kafka.Config {
	t.Helper()
	run := fmt.Sprintf("test-%08x", rand.Uint32())
	cfg := kafka.Config{
		Brokers: []string{broker}, Group: run, RawTopics: []string{run + "-raw"}, SessionTimeout: 6 * time.Second, HeartbeatInterval: time.Second,
		TransactionTimeout: 15 * time.Second,
	}
	for _, route := range processor.Routes() {
		cfg.Topics[route] = run + "-" + route.String()
	}
	plan := kafka.TopicPlan(cfg)
	for i := range plan {
		plan[i].ReplicationFactor = 1
	}
	results, err := kafka.CreateTopics(t.Context(), cfg, plan)
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
	text, err := json.Marshal(cfg)
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

const realEvents, realKeys = 200_000, 5_000

// produceReal writes events of realKeys verifications, round by round, and between them transactions that are aborted.
func produceReal(t *testing.T, cfg kafka.Config, pace time.Duration) {
	key := func(i int) (string, int32) { k := i % realKeys; return fmt.Sprintf("v-%d", k), int32(k % 8) }
	p := producer(t, cfg.Brokers)
	doomed := producer(t, cfg.Brokers, kgo.TransactionalID(cfg.Group+"-upstream"))
	topic := cfg.RawTopics[0]
	for from := 0; from < realEvents; from += realKeys {
		var list []*kgo.Record
		for i := from; i < from+realKeys; i++ {
			k, partition := key(i)
			list = append(list, &kgo.Record{Topic: topic, Partition: partition, Key: []byte(k), Value: []byte(k + " approved")})
		}
		if err := doomed.BeginTransaction(); err != nil {
			t.Error(err)
		}
		for i := range int32(8) {
			doomed.Produce(context.Background(), &kgo.Record{Topic: topic, Partition: i, Key: []byte("aborted"), Value: []byte("aborted approved")}, nil)
		}
		if err := p.ProduceSync(context.Background(), list...).FirstErr(); err != nil {
			t.Error(err)
		}
		if err := doomed.Flush(context.Background()); err != nil {
			t.Error(err)
		}
		if err := doomed.EndTransaction(context.Background(), kgo.TryAbort); err != nil {
			t.Error(err)
		}
		time.Sleep(pace) // spreads the load over the kills; nothing waits for it
	}
}

// checkReal reads all decisions back and counts.
func checkReal(t *testing.T, cfg kafka.Config) {
	t.Helper()
	c := collect(t, cfg.Brokers, cfg.Topics[processor.RouteDecision])
	c.poll(3*time.Minute, realEvents)
	c.poll(2*time.Second, realEvents+1)
	sources := map[string]int{}
	last := map[string]int{}
	disorder, aborted := 0, 0
	for _, r := range c.records {
		source, _, _ := strings.Cut(string(r.Value), " ")
		sources[source]++
		var offset int
		fmt.Sscanf(source[strings.LastIndexByte(source, '/')+1:], "%d", &offset)
		if string(r.Key) == "aborted" {
			aborted++
		}
		if before, ok := last[string(r.Key)]; ok && offset <= before {
			disorder++
		}
		last[string(r.Key)] = offset
	}
	t.Logf("%d decisions of %d events, %d of aborted transactions, %d out of order, %d keys", len(c.records), len(sources), aborted, disorder, len(last))
	if len(sources) != realEvents || len(c.records) != realEvents || aborted > 0 || disorder > 0 || len(last) != realKeys {
		t.Errorf("lost %d, decided twice %d", realEvents-len(sources), len(c.records)-len(sources))
	}
}

func TestRealKafkaLosesNothingToKills(t *testing.T) {
	broker := realBroker(t)
	cfg := realConfig(t, broker)
	produced := make(chan struct{})
	go func() { defer close(produced); produceReal(t, cfg, 300*time.Millisecond) }()
	a, b := spawn(t, cfg, "a"), spawn(t, cfg, "b")
	for range 4 {
		time.Sleep(time.Duration(1500+rand.IntN(1500)) * time.Millisecond) // a kill may come at any moment: that is the test
		_ = a.Process.Kill()
		_ = a.Wait()
		a = spawn(t, cfg, "a")
	}
	if err := b.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := b.Wait(); err != nil {
		t.Error("SIGTERM: ", err)
	}
	b = spawn(t, cfg, "b")
	time.Sleep(1500 * time.Millisecond)
	_ = b.Process.Kill() // for good: its partitions go to a
	<-produced
	checkReal(t, cfg)
	_ = a.Process.Signal(syscall.SIGTERM)
	if err := a.Wait(); err != nil {
		t.Error("SIGTERM: ", err)
	}
}

// Instances without a name of their own: what a dead or frozen one leaves open is taken over.
func TestRealKafkaTakesOverFromTheDeadAndTheFrozen(t *testing.T) {
	broker := realBroker(t)
	cfg := realConfig(t, broker)
	produced := make(chan struct{})
	go func() { defer close(produced); produceReal(t, cfg, 700*time.Millisecond) }()
	a, b := spawn(t, cfg, ""), spawn(t, cfg, "")
	time.Sleep(4 * time.Second)
	_ = a.Process.Signal(syscall.SIGSTOP)
	time.Sleep(11 * time.Second) // longer than the session
	_ = a.Process.Signal(syscall.SIGCONT)
	time.Sleep(4 * time.Second)
	_ = b.Process.Kill()
	<-produced
	checkReal(t, cfg)
	_ = a.Process.Signal(syscall.SIGTERM)
	if err := a.Wait(); err != nil {
		t.Error("SIGTERM: ", err)
	}
}

func TestRealKafkaAtLeastOnce(t *testing.T) {
	broker := realBroker(t)
	cfg := realConfig(t, broker)
	cfg.Delivery = kafka.DeliveryAtLeastOnce
	a := spawn(t, cfg, "a")
	produceReal(t, cfg, 0)
	checkReal(t, cfg) // nothing crashes, so nothing comes twice
	_ = a.Process.Signal(syscall.SIGTERM)
	if err := a.Wait(); err != nil {
		t.Error("SIGTERM: ", err)
	}
}

func TestRealKafkaCheck(t *testing.T) {
	broker := realBroker(t)
	cfg := realConfig(t, broker)
	for _, f := range kafka.Check(t.Context(), cfg) {
		t.Logf("%+v", f)
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
}

// The command of VERDICT_TEST_KAFKA_RESTART kills the broker and brings it back.
func TestRealKafkaRestarts(t *testing.T) {
	broker := realBroker(t)
	restart := os.Getenv("VERDICT_TEST_KAFKA_RESTART")
	if restart == "" {
		t.Skip("needs a command that restarts the broker in VERDICT_TEST_KAFKA_RESTART")
	}
	cfg := realConfig(t, broker)
	produced := make(chan struct{})
	go func() { defer close(produced); produceReal(t, cfg, 500*time.Millisecond) }()
	a, b := spawn(t, cfg, "a"), spawn(t, cfg, "b")
	for range 2 {
		time.Sleep(4 * time.Second)
		if out, err := exec.Command(restart).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	<-produced
	checkReal(t, cfg)
	for _, p := range []*exec.Cmd{a, b} {
		_ = p.Process.Signal(syscall.SIGTERM)
		if err := p.Wait(); err != nil {
			t.Error("SIGTERM: ", err)
		}
	}
}
