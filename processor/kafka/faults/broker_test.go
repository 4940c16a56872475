//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// slots is how many instances can run at a time. Each has a listener of its own at each broker, advertised at a proxy,
// so that one instance's network can be broken without touching another's.
const slots = 4

const brokerStart = 90 * time.Second

// broker is one node of Kafka, controller and broker in one, as a process.
type broker struct {
	t       testing.TB
	id      int32
	dir     string // configuration, data and log
	lib     string
	inner   int // port of the suite's own clients and of the other brokers
	quorum  int // port of the controller
	proxies [slots]*proxy
	*process
}

// newBroker finds ports and starts the proxies; nothing runs yet.
func newBroker(t testing.TB, id int32, dir, lib string) (*broker, [slots]int) {
	t.Helper()
	b := &broker{t: t, id: id, dir: dir, lib: lib}
	b.inner, b.quorum = mustPort(t), mustPort(t)
	var listeners [slots]int
	for i := range listeners {
		listeners[i] = mustPort(t)
		b.proxies[i] = startProxy(t, mustPort(t), loopback(listeners[i]))
	}
	return b, listeners
}

func mustPort(t testing.TB) int {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

const log4jText = `rootLogger.level=WARN
rootLogger.appenderRef.console.ref=Console
appender.console.type=Console
appender.console.name=Console
appender.console.target=SYSTEM_ERR
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c{1} %m%n
`

// Times are Kafka's own defaults, because recovery is measured: only what makes a test slow without saying anything is
// changed (the first rebalance's delay), and the sizes of internal topics.
const brokerText = `process.roles=broker,controller
node.id=%[1]d
controller.quorum.voters=%[2]s
controller.listener.names=CONTROLLER
inter.broker.listener.name=INNER
listeners=%[3]s
advertised.listeners=%[4]s
listener.security.protocol.map=%[5]s
log.dirs=%[6]s
default.replication.factor=%[7]d
min.insync.replicas=%[8]d
offsets.topic.replication.factor=%[7]d
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=%[7]d
transaction.state.log.min.isr=%[8]d
transaction.state.log.num.partitions=6
share.coordinator.state.topic.replication.factor=%[7]d
share.coordinator.state.topic.min.isr=%[8]d
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=4
`

// writeConfig writes the broker's files. extra are lines of the scenario's own.
func (b *broker) writeConfig(voters string, listeners [slots]int, replication, inSync int, extra string) error {
	listen := []string{fmt.Sprintf("INNER://%s", loopback(b.inner)), fmt.Sprintf("CONTROLLER://%s", loopback(b.quorum))}
	advertise := []string{listen[0]}
	protocols := []string{"INNER:PLAINTEXT", "CONTROLLER:PLAINTEXT"}
	for i, port := range listeners {
		listen = append(listen, fmt.Sprintf("I%d://%s", i, loopback(port)))
		advertise = append(advertise, fmt.Sprintf("I%d://%s", i, b.proxies[i].address))
		protocols = append(protocols, fmt.Sprintf("I%d:PLAINTEXT", i))
	}
	comma := func(s []string) string { return strings.Join(s, ",") }
	text := fmt.Sprintf(brokerText, b.id, voters, comma(listen), comma(advertise), comma(protocols), b.path("log"),
		replication, inSync)
	return errors.Join(
		os.WriteFile(b.path("server.properties"), []byte(text+extra), 0o600),
		os.WriteFile(b.path("log4j2.properties"), []byte(log4jText), 0o600),
	)
}

func (b *broker) path(name string) string { return filepath.Join(b.dir, name) }

// java are the arguments of a Java program. Two cores are shared by up to three brokers: a small heap, a simple
// collector, and no slow compiler.
func (b *broker) java(args ...string) []string {
	return append([]string{"-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dlog4j2.configurationFile=" + b.path("log4j2.properties"), "-cp", filepath.Join(b.lib, "*")}, args...)
}

func (b *broker) format(clusterID string) error {
	out, err := exec.Command("java", b.java("kafka.tools.StorageTool", "format", "-t", clusterID, "-c",
		b.path("server.properties"))...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("broker %d: formatting its directory: %w\n%s", b.id, err, out)
	}
	return nil
}

// start runs the broker; it does not wait until it answers.
func (b *broker) start() {
	b.process = startProcess(b.t, fmt.Sprintf("broker %d", b.id), b.path("broker.log"), nil, "java",
		b.java("kafka.Kafka", b.path("server.properties"))...)
}

// kill and terminate end the broker. Its proxies refuse connections from then on, as its own ports do, until await
// finds it again.
func (b *broker) kill() {
	b.process.kill()
	b.refuse()
}

func (b *broker) terminate(limit time.Duration) error {
	defer b.refuse()
	return b.process.terminate(limit, 143) // java's code for SIGTERM
}

func (b *broker) refuse() {
	for _, p := range b.proxies {
		p.refuse()
	}
}

// await waits until the broker answers as a member of the cluster.
func (b *broker) await(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(loopback(b.inner)), kgo.RetryTimeout(time.Second))
	if err != nil {
		return err
	}
	defer client.Close()
	err = poll(ctx, brokerStart, b.name, func() error {
		if !b.running() {
			return fmt.Errorf("it ended with exit code %d; its log: %s", b.exitCode(), b.lastLines())
		}
		return client.Ping(ctx)
	})
	for _, p := range b.proxies {
		p.listen()
	}
	return err
}

// lastLines are the end of the broker's log.
func (b *broker) lastLines() string { return lastLines(b.path("broker.log")) }

func lastLines(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return "\n\t" + strings.Join(lines[max(0, len(lines)-15):], "\n\t")
}
