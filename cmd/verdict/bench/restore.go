package bench

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/cmd/verdict/events"
	"verdict/processor/kafka"
)

// restoreEvents are there to be decided when the pipeline starts with an empty memory.
const restoreEvents = 1000

// restore is that of a pipeline that begins with an empty memory, as after a crash. What is prepared before, schemas
// and catalog, and the group's being joined are in the time to the first decision, not in that of the restore.
func (l *line) restore(ctx context.Context) (*Restore, error) {
	records, err := l.target.stateRecords(ctx)
	if err != nil {
		return nil, err
	}
	o := &l.bench.options
	others := events.NewGenerator(l.bench.catalog, o.Seed+1, time.Now().UTC()) // than those that were decided
	if _, err := l.bench.preload(ctx, l.target, others, restoreEvents); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	seconds, err := l.longestRestore(ctx)
	var first time.Time
	if err == nil {
		first, err = l.untilDecided(ctx, int64(o.Events), restoreEvents)
	}
	if err = cmp.Or(err, l.stop()); err != nil {
		return nil, err
	}
	return &Restore{Records: records, Seconds: seconds, RecordsPerSecond: float64(records) / max(seconds, 1e-3),
		FirstDecision: first.Sub(began).Seconds()}, nil
}

// longestRestore waits until the state of all partitions is there, and gives the time that the slowest of them took:
// those of a unit begin together and are read one behind the other. Of partitions whose state is there within the same
// moment it takes the mean.
func (l *line) longestRestore(ctx context.Context) (longest float64, err error) {
	var before figures
	err = l.until(ctx, "the state of all partitions was there", func() (bool, error) {
		now, err := l.figures()
		if n := now.restores - before.restores; n > 0 {
			longest = max(longest, (now.restoreSeconds-before.restoreSeconds)/n)
			before = now
		}
		return now.restores >= float64(l.bench.options.Partitions), err
	})
	return longest, err
}

// stateRecords counts what a restore reads: the records of the state's topic and the markers of its transactions.
func (t *target) stateRecords(ctx context.Context) (sum int64, err error) {
	const latest = -1
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = kafka.Changelog(t.cfg.Kafka.Group, t.raw())
	for p := range t.partitions {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition, partition.Timestamp = int32(p), latest
		topic.Partitions = append(topic.Partitions, partition)
	}
	req := kmsg.NewPtrListOffsetsRequest()
	req.Topics = append(req.Topics, topic)
	res, err := req.RequestWith(ctx, t.client)
	if err != nil {
		return 0, fmt.Errorf("ask how long %s is: %w", topic.Topic, err)
	}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return 0, fmt.Errorf("ask how long %s/%d is: %w", topic.Topic, p.Partition, err)
			}
			sum += p.Offset
		}
	}
	return sum, nil
}
