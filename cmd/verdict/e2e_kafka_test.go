package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func (r *realParts) context() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	r.t.Cleanup(cancel)
	return ctx
}

// createTopic makes a topic with one replica. Raw topics take larger records than the others do.
func (r *realParts) createTopic(name string, partitions int32) {
	r.t.Helper()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, 1
	if name == r.prefix+"raw" {
		limit := kmsg.NewCreateTopicsRequestTopicConfig()
		limit.Name, limit.Value = "max.message.bytes", kmsg.StringPtr("4194304")
		topic.Configs = append(topic.Configs, limit)
	}
	request := kmsg.NewPtrCreateTopicsRequest()
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(r.context(), r.client)
	if err == nil {
		err = kerr.ErrorForCode(answer.Topics[0].ErrorCode)
	}
	if err != nil {
		r.t.Fatalf("create topic %s: %v", name, err)
	}
}

// rememberAll is for events with times of long ago, as those of the providers' examples.
const rememberAll = "VERDICT_STATE_RETENTION=876000h"

// createRest has the program make the topics that are missing: those of its state, as it wants them, and good for
// rememberAll. Raw topics that were created a moment ago may not be seen yet.
func (r *realParts) createRest(settings ...string) {
	r.t.Helper()
	var out []byte
	await(r.t, 30*time.Second, func() bool {
		command := exec.Command(r.binary, "topics", "--create")
		command.Env = r.environment(append(settings, rememberAll)...)
		var err error
		out, err = command.CombinedOutput()
		return err == nil
	}, func() string { return "verdict topics --create: " + string(out) })
}

// kcat produces keyed lines with librdkafka, each with the trace header, in the partition of its key.
func (r *realParts) kcat(lines []rawLine) {
	r.t.Helper()
	if _, err := exec.LookPath("kcat"); err != nil {
		r.t.Fatalf("%v: these tests produce with kcat; install it", err)
	}
	var text []byte
	for _, line := range lines {
		text = append(append(append(append(text, line.key...), '\t'), line.value...), '\n')
	}
	file := filepath.Join(r.t.TempDir(), "lines")
	writeFile(r.t, file, text)
	command := exec.Command("kcat", "-P", "-b", r.brokers, "-t", r.prefix+"raw", "-K", "\t", "-l", file,
		"-H", "traceparent="+trace, "-X", "partitioner=murmur2_random", "-X", "acks=all", "-X", "enable.idempotence=true")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Run(); err != nil {
		r.t.Fatalf("kcat: %v\n%s", err, stderr.Bytes())
	}
}

// produce writes records to the raw topic; each names its partition.
func (r *realParts) produce(records ...*kgo.Record) {
	r.t.Helper()
	for _, record := range records {
		record.Topic = r.prefix + "raw"
	}
	if err := r.client.ProduceSync(r.context(), records...).FirstErr(); err != nil {
		r.t.Fatalf("produce: %v", err)
	}
}

// offsets are positions by partition of the raw topic.
type offsets map[int32]int64

// ends are the raw topic's high watermarks: aborted records and transaction markers count.
func (r *realParts) ends() offsets {
	r.t.Helper()
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = r.prefix + "raw"
	for p := range outputPartitions["raw"] {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition, partition.Timestamp, partition.CurrentLeaderEpoch = p, -1, -1
		topic.Partitions = append(topic.Partitions, partition)
	}
	request := kmsg.NewPtrListOffsetsRequest()
	request.ReplicaID = -1
	request.Topics = append(request.Topics, topic)
	ends := offsets{}
	for _, shard := range r.client.RequestSharded(r.context(), request) {
		if shard.Err != nil {
			r.t.Fatalf("list offsets: %v", shard.Err)
		}
		for _, p := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics[0].Partitions {
			ends[p.Partition] = p.Offset
		}
	}
	return ends
}

// committed are the group's offsets; partitions without one are left out.
func (r *realParts) committed() (offsets, error) {
	request := kmsg.NewPtrOffsetFetchRequest()
	request.Group = r.group()
	topic := kmsg.NewOffsetFetchRequestTopic()
	topic.Topic = r.prefix + "raw"
	group := kmsg.NewOffsetFetchRequestGroup()
	group.Group = r.group()
	groupTopic := kmsg.NewOffsetFetchRequestGroupTopic()
	groupTopic.Topic = topic.Topic
	for p := range outputPartitions["raw"] {
		topic.Partitions = append(topic.Partitions, p)
		groupTopic.Partitions = append(groupTopic.Partitions, p)
	}
	request.Topics = append(request.Topics, topic)
	group.Topics = append(group.Topics, groupTopic)
	request.Groups = append(request.Groups, group)
	answer, err := request.RequestWith(r.context(), r.client)
	if err != nil {
		return nil, err
	}
	found := offsets{}
	for _, g := range answer.Groups {
		if err := kerr.ErrorForCode(g.ErrorCode); err != nil {
			return nil, err
		}
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				if p.Offset >= 0 {
					found[p.Partition] = p.Offset
				}
			}
		}
	}
	return found, nil
}

// awaitCommitted waits until the group has committed at least these offsets.
func (r *realParts) awaitCommitted(goal offsets, limit time.Duration, instances ...*instance) {
	r.t.Helper()
	var state string
	await(r.t, limit, func() bool {
		for _, i := range instances {
			i.running()
		}
		at, err := r.committed()
		if err != nil {
			state = err.Error()
			return false
		}
		state = fmt.Sprintf("committed %v of %v", at, goal)
		for p, end := range goal {
			if at[p] < end {
				return false
			}
		}
		return true
	}, func() string { return state })
}

// awaitAll waits until nothing is left to decide.
func (r *realParts) awaitAll(limit time.Duration, instances ...*instance) {
	r.t.Helper()
	r.awaitCommitted(r.ends(), limit, instances...)
}

// await polls until done says so.
func await(t *testing.T, limit time.Duration, done func() bool, state func() string) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %s: %s", limit, state())
		}
	}
}
