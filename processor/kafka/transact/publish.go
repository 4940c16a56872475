package transact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/produce"
	"github.com/segmentio/kafka-go/protocol/rawproduce"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

const acksAll = -1

// parcel is a finished batch on its way to its partition.
type parcel struct {
	key   Key
	batch *outputBatch
	bytes []byte
}

// Refused is a batch that a broker does not take, for its size.
type Refused struct {
	Key     Key
	Records int32
	Bytes   int    // uncompressed
	Origin  Origin // of its first record
}

// publish sends all batches. A request takes one batch for a partition and only one request is under way to a broker,
// so the batches go in rounds: the first of each partition, then the second, and so on.
func (s *Session) publish(ctx context.Context, d *Delivery) error {
	for round := 0; ; round++ {
		parcels := s.parcels(&d.Outputs, round)
		if len(parcels) == 0 {
			return nil
		}
		err := s.step(ctx, func(ctx context.Context) error {
			var err error
			parcels, err = s.send(ctx, d, parcels)
			return err
		})
		if err != nil {
			return err
		}
	}
}

func (s *Session) parcels(o *Outputs, round int) []parcel {
	var parcels []parcel
	for _, key := range o.keys {
		if list := o.batches[key]; round < len(list) {
			b := list[round]
			if b.Count == 0 {
				continue // it was only reserved
			}
			stamp := wire.Stamp{ProducerID: s.producer.ID, Epoch: s.producer.Epoch, Sequence: s.take(key, b.Count),
				Transactional: s.who.TransactionalID != ""}
			parcels = append(parcels, parcel{key, b, b.Finish(stamp)})
		}
	}
	return parcels
}

// send sends each parcel once, to all leaders at a time, and returns those that have to be sent again, with an error.
func (s *Session) send(ctx context.Context, d *Delivery, parcels []parcel) ([]parcel, error) {
	l, err := s.client.Layout(ctx)
	if err != nil {
		return parcels, err
	}
	byLeader := map[int32][]parcel{}
	for _, p := range parcels {
		leader := l.Leader(p.key.Topic, p.key.Partition)
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
			res, err := s.sendTo(ctx, leader, list)
			mu.Lock()
			defer mu.Unlock()
			left := list
			if err == nil {
				left, err = s.sent(d, list, res)
			}
			again = append(again, left...)
			worst = cluster.WorseOf(worst, err)
		}()
	}
	wait.Wait()
	return again, worst
}

func (s *Session) sendTo(ctx context.Context, leader int32, parcels []parcel) (*produce.Response, error) {
	if leader < 0 {
		return nil, fmt.Errorf("Produce, %s/%d: %w", parcels[0].key.Topic, parcels[0].key.Partition,
			protocol.ErrNoLeader)
	}
	topics := cluster.ByTopic(parcels, func(p parcel) string { return p.key.Topic },
		func(topic string) rawproduce.RequestTopic { return rawproduce.RequestTopic{Topic: topic} },
		func(t *rawproduce.RequestTopic, p parcel) {
			t.Partitions = append(t.Partitions, rawproduce.RequestPartition{
				Partition: p.key.Partition, RecordSet: protocol.RawRecordSet{Reader: bytes.NewReader(p.bytes)},
			})
		})
	req := &rawproduce.Request{TransactionalID: s.who.TransactionalID, Acks: acksAll,
		Timeout: cluster.Millis(s.client.Timeout * 3 / 4), Topics: topics}
	return cluster.Ask[*produce.Response](ctx, s.client, req)
}

// sent sorts out a broker's answer, partition by partition.
func (s *Session) sent(d *Delivery, parcels []parcel, res *produce.Response) ([]parcel, error) {
	codes, bases := map[Key]int16{}, map[Key]int64{}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			key := Key{topic.Topic, p.Partition}
			codes[key], bases[key] = p.ErrorCode, p.BaseOffset
		}
	}
	var again []parcel
	var worst error
	for _, p := range parcels {
		code, ok := codes[p.key]
		err := refusedPartition("Produce", p.key.Topic, p.key.Partition, code)
		if !ok {
			err = fmt.Errorf("Produce, %s/%d: the answer lacks it", p.key.Topic, p.key.Partition)
		}
		if err == nil {
			worst = cluster.WorseOf(worst, d.published(p, bases[p.key]))
			continue
		}
		if errors.Is(err, kafka.DuplicateSequenceNumber) { // the broker has the batch already
			continue
		}
		if cluster.Classify(err) == cluster.ClassTooLarge {
			d.Refused = append(d.Refused, Refused{p.key, p.batch.Count, p.batch.uncompressed, p.batch.origin})
		}
		again = append(again, p)
		worst = cluster.WorseOf(worst, err)
	}
	return again, worst
}

// published notes where a partition ends, if anybody wants to know. One that ended before where it was known to has
// lost records, or is another one of that name.
func (d *Delivery) published(p parcel, base int64) error {
	end, wanted := d.Ends[p.key]
	switch {
	case !wanted:
		return nil
	case base >= 0 && base < end:
		d.Lost = append(d.Lost, p.key)
		return cluster.GiveUp(fmt.Errorf("%s/%d had records up to offset %d, and ended at %d: it was created anew, or "+
			"has lost records", p.key.Topic, p.key.Partition, end, base))
	}
	d.Ends[p.key] = base + int64(p.batch.Count)
	return nil
}
