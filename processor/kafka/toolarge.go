package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/describeconfigs"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
)

// defaultMaxMessage is Kafka's default of max.message.bytes, taken where a topic's own may not be read.
const defaultMaxMessage = 1048588

// sizeLimits knows how large a batch each output topic takes.
type sizeLimits struct {
	mu      sync.Mutex
	message map[string]int // max.message.bytes
	lowered map[string]int // after a broker refused a batch of several records
	notice  int            // the largest notice that is tried, uncompressed, after a broker refused one; 0: any
}

func newSizeLimits() *sizeLimits {
	return &sizeLimits{message: map[string]int{}, lowered: map[string]int{}}
}

// maxMessage is the size of the largest batch that the topic takes, compressed.
func (l *sizeLimits) maxMessage(topic string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, ok := l.message[topic]; ok {
		return n
	}
	return defaultMaxMessage
}

// batch is the size at which a batch is closed, uncompressed.
func (l *sizeLimits) batch(topic string) int {
	limit := min(transact.UsualBatchBytes, l.maxMessage(topic))
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, ok := l.lowered[topic]; ok {
		return min(n, limit)
	}
	return limit
}

// lower takes the least: several batches of a topic may be refused at a time.
func (l *sizeLimits) lower(topic string, limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, ok := l.lowered[topic]; !ok || limit < n {
		l.lowered[topic] = limit
	}
}

// lowerNotice notes that a broker refused a notice of so many bytes. Others are about as large: each would have its
// transaction aborted.
func (l *sizeLimits) lowerNotice(bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.notice == 0 || bytes <= l.notice {
		l.notice = bytes - 1
	}
}

// takesNotice says whether a notice of so many bytes is to be tried.
func (l *sizeLimits) takesNotice(bytes int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.notice == 0 || bytes <= l.notice
}

// read asks the brokers for max.message.bytes of the topics. A topic that it may not ask about keeps the default.
func (l *sizeLimits) read(ctx context.Context, c *cluster.Client, topics []string) error {
	req := &describeconfigs.Request{}
	for _, topic := range topics {
		req.Resources = append(req.Resources, describeconfigs.RequestResource{
			ResourceType: int8(kafka.ResourceTypeTopic), ResourceName: topic,
			ConfigNames: []string{"max.message.bytes"},
		})
	}
	res, err := cluster.Ask[*describeconfigs.Response](ctx, c, req)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notice = 0 // somebody may have raised it
	for _, r := range res.Resources {
		for _, e := range r.ConfigEntries {
			if n, err := strconv.Atoi(e.ConfigValue); err == nil && e.ConfigName == "max.message.bytes" {
				l.message[r.ResourceName] = n
			}
		}
	}
	return nil
}

// How a record that is too large was dealt with already; kept per offset, because the transaction is processed again.
const (
	tooLargeOutput     = 1 // its outputs: make a dead letter
	tooLargeDeadLetter = 2 // the dead letter as well: shrink it
)

// fitOutputs replaces outputs that their topic does not take by a too_large dead letter, and that one's value by a
// digest if need be.
func (f *filler) fitOutputs(p *partition, by *processor.Processor) error {
	known := p.tooLarge[f.record.Offset]
	detail, err := f.oversize(f.result.Outputs)
	if err != nil || detail == "" && known == 0 {
		return err
	}
	if f.result.Rejection == nil {
		if detail == "" {
			detail = "a broker refused an output as too large"
		}
		by.TooLarge(&f.record, detail, &f.result)
		if detail, err = f.oversize(f.result.Outputs); err != nil || detail == "" && known < tooLargeDeadLetter {
			return err
		}
	}
	by.Shrink(&f.record, &f.result)
	if detail, err = f.oversize(f.result.Outputs); err == nil && detail != "" {
		err = cluster.Fatal("%s offset %d: %s, even without the record's value: raise max.message.bytes of the "+
			"dead-letter topic", p,
			f.record.Offset, detail)
	}
	return err
}

// oversize says which output its topic does not take, or "".
func (f *filler) oversize(outputs []processor.Output) (string, error) {
	for i := range outputs {
		out := &outputs[i]
		limit := f.targets[out.Route].maxMessage
		size := sizeAlone(out)
		if size <= limit {
			continue
		}
		size, err := transact.Alone(out, f.cfg.Compression)
		if err != nil {
			return "", cluster.Fatal("compress a batch: %w", err)
		}
		if size > limit {
			return fmt.Sprintf("the %s has %d bytes, the topic takes %d", out.Route, size, limit), nil
		}
	}
	return "", nil
}

// sizeAlone is the most that a batch with this record only may have, uncompressed.
func sizeAlone(out *processor.Output) int { return wire.HeaderBytes + wire.RecordSize(0, out) + 5 }

// errNoticeTooLarge says that a notice is not published, as its topic does not take it.
var errNoticeTooLarge = errors.New("raise the topic's max.message.bytes")

// fitNotice is errNoticeTooLarge where the topic does not take a notice. No dead letter is made of it: its raw record
// has been decided.
func (f *filler) fitNotice(outputs []processor.Output) error {
	topic := f.targets[processor.RouteOverdue].topic
	detail, err := f.oversize(outputs)
	if err != nil {
		return err
	}
	if size := sizeAlone(&outputs[0]); detail == "" && !f.limits.takesNotice(size) {
		detail = fmt.Sprintf("the notice has %d bytes, and a broker has refused one as large", size)
	}
	if detail != "" {
		return fmt.Errorf("%s: %s: %w", topic, detail, errNoticeTooLarge)
	}
	return nil
}

// refused learns from a broker's refusal: a batch of several records will be smaller next time, a single one becomes a
// dead letter. The transaction is processed again. A notice is given up, and without its changelog nothing goes on.
func (f *filler) refused(b transact.Refused, list partitions, err error) error {
	if b.Records > 1 {
		f.limits.lower(b.Key.Topic, max(b.Bytes/2, 1))
		return err
	}
	p := list.find(b.Origin.Topic, b.Origin.Partition)
	switch {
	case b.Key.Topic == f.cfg.Topics[processor.RouteOverdue]:
		f.limits.lowerNotice(b.Bytes)
		return err
	case p.memory != nil && b.Key == p.memory.changelog:
		return cluster.Fatal("%s: it has to take a record of %d bytes: %w: raise its max.message.bytes and the "+
			"brokers' message.max.bytes", changelogName(p.memory), b.Bytes, err)
	}
	if p.tooLarge == nil {
		p.tooLarge = map[int64]int{}
	}
	level := tooLargeOutput
	if b.Key.Topic == f.cfg.Topics[processor.RouteDeadLetter] {
		level = tooLargeDeadLetter
	}
	if p.tooLarge[b.Origin.Offset] >= tooLargeDeadLetter {
		return cluster.Fatal("%s offset %d: %w, even without the record's value: raise max.message.bytes and the "+
			"brokers' message.max.bytes",
			p, b.Origin.Offset, err)
	}
	p.tooLarge[b.Origin.Offset] = max(p.tooLarge[b.Origin.Offset], level)
	return err
}
