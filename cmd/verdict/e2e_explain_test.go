package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka/upkeep"
)

// explain calls verdict explain, and returns its exit code and all that it prints.
func (r *realParts) explain(args ...string) (code int, said string) {
	r.t.Helper()
	command := exec.Command(r.binary, append([]string{"explain"}, args...)...)
	command.Env = r.environment()
	out, err := command.CombinedOutput()
	if exit, ended := errors.AsType[*exec.ExitError](err); ended {
		return exit.ExitCode(), string(out)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return exitOK, string(out)
}

// expectExplained calls it for a place of one of the test's topics, and compares.
func (r *realParts) expectExplained(want int, topic string, partition int32, offset int64, parts ...string) {
	r.t.Helper()
	place := fmt.Sprintf("%s%s/%d/%d", r.prefix, topic, partition, offset)
	code, said := r.explain(place)
	if code != want {
		r.t.Errorf("explain %s: exit code %d, want %d\n%s", place, code, want, said)
	}
	contains(r.t, strings.Join(strings.Fields(said), " "), parts...)
}

// A real broker tells what was taken back, what ends a transaction, what is gone and what is not there yet, and records
// in Avro are found from both ends.
func realExplain(r *realParts) {
	t := r.t
	upstream, err := kgo.NewClient(kgo.SeedBrokers(r.brokers), kgo.TransactionalID(r.prefix+"upstream"),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.UnknownTopicRetries(-1))
	if err != nil {
		t.Fatal(err)
	}
	defer upstream.Close()
	for _, commit := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit} { // at offsets 0 and 2, each with a mark
		if err := upstream.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		record := &kgo.Record{Topic: r.prefix + "raw", Key: []byte("v-1"), Value: []byte(approvedOne)}
		if err := upstream.ProduceSync(r.context(), record).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := upstream.EndTransaction(r.context(), commit); err != nil {
			t.Fatal(err)
		}
	}
	r.produce(&kgo.Record{Key: []byte("v-1"), Value: []byte(approvedOne)}, &kgo.Record{Key: []byte("v-2"), Value: []byte("{")})
	i := r.start("one")
	r.awaitAll(time.Minute, i)
	i.stop()

	r.expectExplained(exitFailure, "raw", 0, 0, "its producer has taken the record back")
	r.expectExplained(exitFailure, "raw", 0, 1, "the mark with which a transaction ends")
	r.expectExplained(exitOK, "raw", 0, 2, "Published: the decision "+r.prefix+"decisions/", "say the same")
	r.expectExplained(exitFailure, "raw", 0, 4, "It may be a repeat")
	r.expectExplained(exitOK, "raw", 0, 5, "Published: the dead letter", "malformed_json")
	r.expectExplained(exitFailure, "raw", 0, 6, "not there yet: the next one will have offset 6")
	r.expectExplained(exitFailure, "raw", 99, 0, "the topic has only 8 partitions")
	decisions := upkeep.PartitionOf([]byte("v-1"), outputPartitions["decisions"])
	r.expectExplained(exitOK, "decisions", decisions, 0, "from the raw record "+r.prefix+"raw/0/2", "say the same")
	billing := upkeep.PartitionOf([]byte("v-1"), outputPartitions["billing"])
	r.expectExplained(exitOK, "billing", billing, 0, "a billing event", "from the raw record "+r.prefix+"raw/0/2")
	r.removeRaw(0, 3)
	r.expectExplained(exitFailure, "raw", 0, 2, "was removed", "begins at offset 3")
	r.expectExplained(exitFailure, "decisions", decisions, 0, "cannot be read", "APPROVED [source:")
}

// removeRaw takes records of the raw topic, as retention does.
func (r *realParts) removeRaw(partition int32, before int64) {
	r.t.Helper()
	topic := kmsg.NewDeleteRecordsRequestTopic()
	topic.Topic = r.prefix + "raw"
	of := kmsg.NewDeleteRecordsRequestTopicPartition()
	of.Partition, of.Offset = partition, before
	topic.Partitions = append(topic.Partitions, of)
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(r.context(), r.client)
	if err == nil {
		err = kerr.ErrorForCode(answer.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		r.t.Fatalf("remove records: %v", err)
	}
}
