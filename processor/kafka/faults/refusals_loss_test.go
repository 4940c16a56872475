//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestRawTopicIsTruncated removes raw records before they are decided: Verdict stops, and says where; told to go on, it
// goes on at the earliest record, says so, and decides all that is left.
func TestRawTopicIsTruncated(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 1})
	ctx := t.Context()
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))
	s.must(i.terminate(stopLimit, 0))
	const partition = 2
	committed, err := s.cluster.committed(ctx, s.group, s.names.raw)
	s.must(err)
	at := committed[partition]
	first := at + 300
	s.must(poll(ctx, time.Minute, "some input", func() error {
		ends, err := s.cluster.ends(ctx, s.names.raw, committedIsolation)
		if err == nil && ends[partition] < first+100 {
			err = fmt.Errorf("the partition ends at %d", ends[partition])
		}
		return err
	}))
	var removed []inputRecord
	s.must(s.cluster.read(ctx, s.names.raw, false, func(r *kgo.Record) {
		if r.Partition == partition && r.Offset < first {
			in := readInput(s.seed, r)
			in.gone = r.Offset >= at
			removed = append(removed, in)
		}
	}))
	s.must(s.cluster.deleteRecords(ctx, s.names.raw, partition, first))
	place := fmt.Sprintf("%s/%d", s.names.raw, partition)
	s.say("%s is truncated: the group stands at %d, the earliest record is at %d", place, at, first)
	i.start()
	s.must(i.awaitEnd(ctx, 45*time.Second, 1, place, fmt.Sprintf("at offset %d", at),
		fmt.Sprintf("begins at %d", first), "kafka.on_truncation"))
	s.say("it stopped with exit code 1; it says: %s", lastLine(i.logFile))

	i.settings["KAFKA_ON_TRUNCATION"] = "earliest"
	i.start()
	s.must(s.calm(ctx))
	m, err := i.metrics(ctx)
	s.must(err)
	if got := m.sum("verdict_truncated_offsets_total"); got != float64(first-at) {
		t.Errorf("%v offsets are counted as passed over, want %d", got, first-at)
	}
	s.must(i.said("going on at the earliest", fmt.Sprintf(`"offset":%d`, at), fmt.Sprintf(`"earliest":%d`, first)))
	s.say("with earliest it goes on; passed over and counted: %d", first-at)
	r := s.finishWith(func(o *observation) {
		o.inputs = append(removed, o.inputs...)
		o.removedBelow = map[int32]int64{partition: first}
	})
	// The only wrong is the one that was done on purpose.
	if want := int(first - at); r.count[lost] != want || r.count[undone] != want {
		t.Errorf("lost %d and undone %d, want the %d that were removed", r.count[lost], r.count[undone], want)
	}
	r.count[lost], r.count[undone] = 0, 0
	if !r.ok() {
		t.Error("more is wrong than the records that were removed, see the table above")
	}
}

// TestOutputTopicIsCreatedAnew deletes an output topic in mid-run. Verdict waits, names it, and goes on when it is
// there again.
func TestOutputTopicIsCreatedAnew(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 1})
	ctx := t.Context()
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))
	s.gen.rate.Store(0)
	s.must(s.gen.client.Flush(ctx))
	s.must(s.cluster.settle(ctx, s.group, s.names, false, time.Minute))
	// What the topic has is kept, because the checker will ask for it.
	kept, err := s.cluster.observe(ctx, s.seed, s.group, s.names, s.parser())
	s.must(err)

	topic := s.names.outputs[risk]
	s.must(s.cluster.deleteTopic(ctx, topic))
	s.say("%s is deleted, with %d records", topic, len(kept.outputs[risk]))
	s.gen.rate.Store(int64(*rateFlag))
	since := time.Now()
	s.must(i.awaitUnready(ctx, 45*time.Second, topic))
	s.say("not ready after %.1f s: %v", time.Since(since).Seconds(), i.readiness(ctx))
	s.must(i.awaitUnready(ctx, 45*time.Second, "the topic "+topic+" is not there: create it"))
	s.say("after %.1f s: %v", time.Since(since).Seconds(), i.readiness(ctx))
	since = time.Now()
	s.must(s.cluster.createTopics(ctx, topicSpec{name: topic, partitions: 3, replication: 1}))
	s.flowsAgain(ctx, "the topic is there again", since)
	r := s.finishWith(func(o *observation) { o.precede(risk, kept) })
	if !r.ok() {
		t.Errorf("the promise is broken, see the table above (seed %d)", s.seed)
	}
}

// precede puts what a topic had before it was deleted in front of what it has now. Offsets began anew, so that those of
// now are raised.
func (o *observation) precede(topic output, kept *observation) {
	const behind = 1 << 40
	for i := range o.outputs[topic] {
		o.outputs[topic][i].offset += behind
	}
	o.outputs[topic] = append(slices.Clone(kept.outputs[topic]), o.outputs[topic]...)
	for at, fate := range maps.Clone(o.raw.fate) {
		if at.topic == topic {
			delete(o.raw.fate, at)
			at.offset += behind
			o.raw.fate[at] = fate
		}
	}
	for at, fate := range kept.raw.fate {
		if at.topic == topic {
			o.raw.fate[at] = fate
		}
	}
}

// finishWith is finish, for scenarios that have to add to what can be read back.
func (s *stage) finishWith(adjust func(*observation)) *report {
	s.t.Helper()
	ctx := s.t.Context()
	s.must(s.gen.finish(ctx))
	s.say("%d events are written; waiting until they are decided", s.ledger.len())
	s.must(s.cluster.settle(ctx, s.group, s.names, false, 2*time.Minute))
	s.awaitOverdue(ctx)
	for _, i := range slices.Clone(s.instances) {
		s.must(s.remove(i))
	}
	o, err := s.cluster.observe(ctx, s.seed, s.group, s.names, s.parser())
	s.must(err)
	o.until = s.until
	adjust(o)
	r := check(s.seed, s.ledger.all(), o, s.promise)
	s.say("read back and checked:\n%s", r.table())
	return r
}

// endedOrUnready waits until the broker has given up, or the instance says that it is not ready.
func (s *stage) endedOrUnready(ctx context.Context, b *broker, i *instance) error {
	return poll(ctx, time.Minute, "the disk being full", func() error {
		if b.running() && i.readiness(ctx) == nil {
			return errors.New("the broker runs, and the instance is ready")
		}
		return nil
	})
}
