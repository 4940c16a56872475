//go:build unix

package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// rawView is what the logs of the output topics say, markers included.
type rawView struct {
	fate           map[place]fate
	open           []string // transactions without a marker
	commits        int
	abortedRecords int
}

// place is where an output record is.
type place struct {
	topic     output
	partition int32
	offset    int64
}

// fate is what became of a record's transaction.
type fate uint8

const (
	fateUnknown fate = iota
	fateCommitted
	fateAborted
	fateOpen
)

// ends are the offsets at which the partitions of a topic end, for a reader of the given isolation.
func (c *cluster) ends(ctx context.Context, topic string, isolation int8) (map[int32]int64, error) {
	const latest = -1
	return c.offsets(ctx, topic, isolation, latest)
}

func (c *cluster) offsets(ctx context.Context, topic string, isolation int8, at int64) (map[int32]int64, error) {
	l, err := askLayout(ctx, c.admin)
	if err != nil {
		return nil, err
	}
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID, req.IsolationLevel = -1, isolation
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic = topic
	for i := range l.topics[topic] {
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.Timestamp = int32(i), at
		t.Partitions = append(t.Partitions, p)
	}
	req.Topics = append(req.Topics, t)
	res, err := req.RequestWith(ctx, c.admin)
	if err != nil {
		return nil, err
	}
	ends := map[int32]int64{}
	for _, p := range res.Topics[0].Partitions {
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			return nil, fmt.Errorf("end of %s/%d: %w", topic, p.Partition, err)
		}
		ends[p.Partition] = p.Offset
	}
	return ends, nil
}

const (
	rawIsolation       int8 = 0
	committedIsolation int8 = 1
)

// read gives each record of a topic, from the first to where it ended when read was called, each partition in the order
// of offsets. A raw reader sees control records as well.
func (c *cluster) read(ctx context.Context, topic string, raw bool, each func(*kgo.Record)) error {
	isolation, level := committedIsolation, kgo.ReadCommitted()
	if raw {
		isolation, level = rawIsolation, kgo.ReadUncommitted()
	}
	ends, err := c.ends(ctx, topic, isolation)
	if err != nil {
		return err
	}
	const earliest = -2
	begins, err := c.offsets(ctx, topic, isolation, earliest)
	if err != nil {
		return err
	}
	starts := map[int32]kgo.Offset{}
	for partition, end := range ends {
		if end > begins[partition] {
			starts[partition] = kgo.NewOffset().AtStart()
		}
	}
	if len(starts) == 0 {
		return nil
	}
	// Markers are always asked for: they are the last record of a partition, and tell that its end has been reached.
	client := c.client(kgo.FetchIsolationLevel(level), kgo.KeepControlRecords(), kgo.FetchMaxWait(200*time.Millisecond),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: starts}))
	defer client.Close()
	return drain(ctx, client, topic, ends, len(starts), func(r *kgo.Record) {
		if raw || !r.Attrs.IsControl() {
			each(r)
		}
	})
}

const maxSilence = 30 * time.Second

func drain(ctx context.Context, client *kgo.Client, topic string, ends map[int32]int64, left int,
	each func(*kgo.Record)) error {
	for last := time.Now(); left > 0; {
		pollCtx, stop := context.WithTimeout(ctx, time.Second)
		fetches := client.PollFetches(pollCtx)
		stop()
		fetches.EachRecord(func(r *kgo.Record) {
			last = time.Now()
			if end := ends[r.Partition]; r.Offset < end {
				each(r)
				if r.Offset == end-1 {
					left--
				}
			}
		})
		if ctx.Err() != nil || time.Since(last) > maxSilence {
			return fmt.Errorf("reading %s: %d partitions were not read to their end, and nothing came for %s", topic,
				left, maxSilence)
		}
	}
	return nil
}

// readRawView reads the outputs with their markers and finds out what became of each record.
func (c *cluster) readRawView(ctx context.Context, topics [numOutputs]string) (rawView, error) {
	v := rawView{fate: map[place]fate{}}
	for topic := range numOutputs {
		m := markers{view: &v, topic: topic, open: map[openKey][]place{}}
		if err := c.read(ctx, topics[topic], true, m.see); err != nil {
			return v, err
		}
		m.end()
	}
	return v, nil
}

// markers follows the transactions of one topic.
type markers struct {
	view  *rawView
	topic output
	open  map[openKey][]place
}

type openKey struct {
	partition int32
	producer  int64
}

func (m *markers) see(r *kgo.Record) {
	key := openKey{r.Partition, r.ProducerID}
	at := place{m.topic, r.Partition, r.Offset}
	switch {
	case !r.Attrs.IsTransactional() && !r.Attrs.IsControl():
		m.view.fate[at] = fateCommitted // no transaction: readable as soon as it is written
	case !r.Attrs.IsControl():
		m.view.fate[at] = fateOpen
		m.open[key] = append(m.open[key], at)
	case len(r.Key) >= 4 && r.Key[3] <= 1: // version (2 bytes), type (2 bytes): 0 aborts, 1 commits
		outcome := fateAborted
		if r.Key[3] == 1 {
			outcome = fateCommitted
			m.view.commits++
		} else {
			m.view.abortedRecords += len(m.open[key])
		}
		for _, place := range m.open[key] {
			m.view.fate[place] = outcome
		}
		delete(m.open, key)
	}
}

func (m *markers) end() {
	for key, places := range m.open {
		m.view.open = append(m.view.open, fmt.Sprintf(
			"%s %d: producer %d has %d records and no marker, the first at %d",
			m.topic, key.partition, key.producer, len(places), places[0].offset))
	}
}
