package kafka

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/produce"
	"github.com/segmentio/kafka-go/protocol/rawproduce"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

const acksAll = -1

// parcel is a finished batch on its way to its partition.
type parcel struct {
	key   outputKey
	batch *outputBatch
	bytes []byte
}

// publish sends all batches. A request takes one batch for a partition and only one request is under way to a broker, so the
// batches go in rounds: the first of each partition, then the second, and so on.
func (u *unit) publish(ctx context.Context, b *batch) error {
	for round := 0; ; round++ {
		parcels := u.parcels(&b.outputs, round)
		if len(parcels) == 0 {
			return nil
		}
		err := u.step(ctx, func(ctx context.Context) error {
			var err error
			parcels, err = u.send(ctx, b, parcels)
			return err
		})
		if err != nil {
			return err
		}
	}
}

func (u *unit) parcels(o *outputs, round int) []parcel {
	var parcels []parcel
	for _, key := range o.keys {
		if list := o.batches[key]; round < len(list) {
			b := list[round]
			s := wire.Stamp{ProducerID: u.producer.ID, Epoch: u.producer.Epoch, Sequence: u.producer.take(key, b.Count),
				Transactional: u.producer.transactionalID != ""}
			parcels = append(parcels, parcel{key, b, b.Finish(u.cfg.Compression, s)})
		}
	}
	return parcels
}

// send sends each parcel once, to all leaders at a time, and returns those that have to be sent again, with an error.
func (u *unit) send(ctx context.Context, b *batch, parcels []parcel) ([]parcel, error) {
	l, err := u.client.Layout(ctx)
	if err != nil {
		return parcels, err
	}
	byLeader := map[int32][]parcel{}
	for _, p := range parcels {
		leader := l.Leader(p.key.topic, p.key.partition)
		byLeader[leader] = append(byLeader[leader], p)
	}
	var (
		mu    sync.Mutex
		wait  sync.WaitGroup
		again []parcel
		worst error
	)
	for leader, list := range byLeader {
		wait.Add(1)
		go func() {
			defer wait.Done()
			res, err := u.sendTo(ctx, leader, list)
			mu.Lock()
			defer mu.Unlock()
			left := list
			if err == nil {
				left, err = u.sent(b, list, res)
			}
			again = append(again, left...)
			worst = cluster.WorseOf(worst, err)
		}()
	}
	wait.Wait()
	return again, worst
}

func (u *unit) sendTo(ctx context.Context, leader int32, parcels []parcel) (*produce.Response, error) {
	if leader < 0 {
		return nil, fmt.Errorf("Produce, %s/%d: %w", parcels[0].key.topic, parcels[0].key.partition, protocol.ErrNoLeader)
	}
	req := &rawproduce.Request{TransactionalID: u.producer.transactionalID, Acks: acksAll, Timeout: cluster.Millis(u.client.Timeout * 3 / 4)}
	topics := map[string]int{}
	for _, p := range parcels {
		i, ok := topics[p.key.topic]
		if !ok {
			i = len(req.Topics)
			topics[p.key.topic] = i
			req.Topics = append(req.Topics, rawproduce.RequestTopic{Topic: p.key.topic})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, rawproduce.RequestPartition{
			Partition: p.key.partition, RecordSet: protocol.RawRecordSet{Reader: bytes.NewReader(p.bytes)},
		})
	}
	return cluster.Ask[*produce.Response](ctx, u.client, req)
}

// sent sorts out a broker's answer, partition by partition.
func (u *unit) sent(b *batch, parcels []parcel, res *produce.Response) ([]parcel, error) {
	codes := map[outputKey]int16{}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			codes[outputKey{topic.Topic, p.Partition}] = p.ErrorCode
		}
	}
	var again []parcel
	var worst error
	for _, p := range parcels {
		code, ok := codes[p.key]
		err := fmt.Errorf("Produce, %s/%d: the answer lacks it", p.key.topic, p.key.partition)
		if ok {
			err = cluster.Refused("Produce", fmt.Sprintf("%s/%d", p.key.topic, p.key.partition), code)
		}
		if err == nil || code == duplicateSequence {
			continue
		}
		if cluster.Classify(err) == cluster.ClassTooLarge {
			b.refused = append(b.refused, p)
		}
		again = append(again, p)
		worst = cluster.WorseOf(worst, err)
	}
	return again, worst
}

const duplicateSequence = 46 // the broker has the batch already
