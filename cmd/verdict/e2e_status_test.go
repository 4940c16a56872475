package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestRealStatus looks at 100 partitions with records that wait, on a real Kafka, and says how long that took.
func TestRealStatus(t *testing.T) {
	const partitions, each = 100, 1_000
	brokers := os.Getenv("VERDICT_TEST_KAFKA")
	if brokers == "" {
		t.Skip("needs a real Kafka in VERDICT_TEST_KAFKA (host:port): run `make e2e`")
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.UnknownTopicRetries(-1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	prefix := fmt.Sprintf("status-%08x-", rand.Uint32())
	r := &realParts{t: t, binary: buildProgram(t), brokers: brokers, registry: "http://127.0.0.1:1", prefix: prefix,
		client: client}
	r.createTopic(prefix+"raw", partitions)
	r.createRest()
	began := time.Now().Add(-time.Hour)
	var records []*kgo.Record
	value := make([]byte, 500) // nothing that a producer could compress, so that batches are large
	chance := rand.NewChaCha8([32]byte{})
	for i := range partitions * each {
		_, _ = chance.Read(value)
		records = append(records, &kgo.Record{Topic: prefix + "raw", Partition: int32(i % partitions),
			Timestamp: began.Add(time.Duration(i) * time.Millisecond), Value: slices.Clone(value)})
	}
	if err := client.ProduceSync(r.context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"status"}, {"status", "--all"}} {
		start := time.Now()
		command := exec.Command(r.binary, args...)
		command.Env = r.environment()
		out, _ := command.CombinedOutput() // its code is looked at below
		took := time.Since(start)
		t.Logf("verdict %s: %s for %d partitions", strings.Join(args, " "), took.Round(time.Millisecond), partitions)
		want := fmt.Sprintf("0 members, %d partitions; %d records wait, the oldest for 1h", partitions, partitions*each)
		text, code := string(out), command.ProcessState.ExitCode()
		if code != exitRejected || !strings.Contains(text, want) || !strings.Contains(text, "/0-99 wait for more than 5m") {
			t.Errorf("exit code %d, want %d and %q\n%s", code, exitRejected, want, text)
		}
	}
}
