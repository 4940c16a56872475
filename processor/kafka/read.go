package kafka

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

func (p *partition) String() string { return p.topic + "/" + strconv.Itoa(int(p.id)) }

func (p *partition) field() zap.Field { return zap.Stringer("partition", p) }

// read processes what was fetched of one partition, batch by batch.
func (u *unit) read(p *partition, part *wire.FetchedPartition) error {
	filter := wire.NewAbortedFilter(part.AbortedTransactions)
	for set := part.RecordSet; len(set) > 0 && u.ctx.Err() == nil; {
		b, rest, err := wire.ReadBatch(set)
		if errors.Is(err, wire.ErrCutShort) {
			return nil
		}
		if err != nil {
			u.hold(p, fmt.Errorf("%s: %w", p, err))
			return nil
		}
		set = rest
		if !filter.Skips(&b) && b.NextOffset > p.position {
			if ok, err := u.readRecords(p, &b); err != nil || !ok {
				return err
			}
		}
		u.advance(p, b.NextOffset)
	}
	return nil
}

// readRecords processes the records of a batch; false if the partition is held back at one of them.
func (u *unit) readRecords(p *partition, b *wire.Batch) (bool, error) {
	rs, err := b.Open()
	if err != nil {
		u.hold(p, fmt.Errorf("%s: %w", p, err))
		return false, nil
	}
	now := time.Now().UnixMilli()
	for u.ctx.Err() == nil {
		ok, err := rs.Next(&u.record)
		if err != nil {
			u.hold(p, fmt.Errorf("%s, batch at offset %d: %w; to give the batch up, move the group's offset of this partition to %d",
				p, b.BaseOffset, err, b.NextOffset))
			return false, nil
		}
		if !ok {
			return true, nil
		}
		if u.record.Offset < p.position {
			continue
		}
		if ok, err := u.process(p, now); err != nil || !ok {
			return ok, err
		}
		u.advance(p, u.record.Offset+1)
		if u.full() {
			if err := u.commit(); err != nil {
				return false, err
			}
			now = time.Now().UnixMilli()
		}
	}
	return false, nil
}

// process has u.record processed and collects what comes out of it; false if it cannot be processed at the moment.
func (u *unit) process(p *partition, now int64) (bool, error) {
	r := &u.record
	r.Topic, r.Partition = p.topic, p.id
	if err := u.processor.Process(r, &u.result); err != nil {
		u.hold(p, err)
		return false, nil
	}
	if err := u.fitOutputs(p); err != nil {
		return false, err
	}
	if topic := u.missingTopic(); topic != "" {
		u.hold(p, fmt.Errorf("the topic %s is not there: create it, for example by `verdict topics --create`", topic))
		return false, nil
	}
	for i := range u.result.Outputs {
		out := &u.result.Outputs[i]
		to := &u.targets[out.Route]
		u.batch.outputs.add(outputKey{to.topic, wire.PartitionFor(out.PartitionKey, p.id, to.partitions)}, out, to.maxBatch, now, p, r.Offset)
	}
	u.batch.tally.add(r, &u.result)
	u.batch.records++
	u.batch.bytes += len(r.Key) + len(r.Value)
	for i := range r.Headers {
		u.batch.bytes += len(r.Headers[i].Key) + len(r.Headers[i].Value)
	}
	u.release(p)
	return true, nil
}

// target is what the outputs of a route need to know of their topic.
type target struct {
	topic      string
	partitions int32
	maxMessage int // bytes of a batch, compressed
	maxBatch   int // bytes at which a batch is closed, uncompressed
}

func (u *unit) refreshTargets() {
	for _, route := range processor.Routes() {
		topic := u.cfg.Topics[route]
		u.targets[route] = target{topic, u.layout.Partitions(topic), u.limits.maxMessage(topic), u.limits.batch(topic)}
	}
}

// missingTopic names a topic that the result needs and that has no partitions.
func (u *unit) missingTopic() string {
	for i := range u.result.Outputs {
		if to := &u.targets[u.result.Outputs[i].Route]; to.partitions == 0 {
			return to.topic
		}
	}
	return ""
}

// hold keeps a partition back from the record at its position on; the others go on. It is tried again after a pause, for as
// long as it takes: the world is broken, not the record.
func (u *unit) hold(p *partition, err error) {
	p.stumbles++
	p.pausedUntil = time.Now().Add(cluster.Pause(p.stumbles))
	first := p.held == nil
	if first {
		u.metrics.held.Inc()
	}
	p.held = err
	u.status.hold(p, err)
	u.metrics.errors.WithLabelValues(errorProcess).Inc()
	if first || p.stumbles%10 == 0 {
		u.log.Warn("a partition is held back; trying again", p.field(), zap.Int64("offset", p.position),
			zap.Int("attempts", p.stumbles), zap.Error(err))
	}
}

// release lets a held partition go on.
func (u *unit) release(p *partition) {
	p.stumbles, p.looks = 0, 0
	if p.held != nil {
		u.forgetHeld(p)
		u.log.Info("a partition goes on", p.field(), zap.Int64("offset", p.position))
	}
}

func (u *unit) forgetHeld(p *partition) {
	if p.held == nil {
		return
	}
	p.held, p.unreachable = nil, false
	u.metrics.held.Dec()
	u.status.release(p)
}
