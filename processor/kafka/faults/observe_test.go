//go:build unix

package faults

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unique"

	"github.com/twmb/franz-go/pkg/kgo"
)

// topics of a run.
type topicNames struct {
	raw     string
	outputs [numOutputs]string
	// changelog is where the state is; "": there is none
	changelog string
}

// written are the topics that Verdict writes.
func (n *topicNames) written() []string {
	list := n.outputs[:]
	if n.changelog != "" {
		list = append(list[:len(list):len(list)], n.changelog)
	}
	return list
}

// parseJSON reads a value of an output in JSON.
func parseJSON(value []byte) (fields, error) {
	var f fields
	return f, json.Unmarshal(value, &f)
}

// observe reads everything back. parse reads the values of decisions, billing and risk events.
func (c *cluster) observe(ctx context.Context, seed uint64, group string, names topicNames,
	parse func([]byte) (fields, error)) (*observation, error) {
	o := &observation{}
	for topic := range numOutputs {
		var broken error
		err := c.read(ctx, names.outputs[topic], false, func(r *kgo.Record) {
			out, err := readOutput(seed, topic, r, parse)
			if err != nil && broken == nil {
				broken = fmt.Errorf("%s %d/%d cannot be read: %w", topic, r.Partition, r.Offset, err)
			}
			o.outputs[topic] = append(o.outputs[topic], out)
		})
		if err != nil {
			return nil, err
		}
		if broken != nil {
			return nil, broken
		}
		slices.SortStableFunc(o.outputs[topic], func(a, b outputRecord) int {
			return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
		})
	}
	var err error
	if o.raw, err = c.readRawView(ctx, names.outputs); err != nil {
		return nil, err
	}
	if o.committed, o.numbers, err = c.committedCuts(ctx, group, names.raw); err != nil {
		return nil, err
	}
	if names.changelog != "" {
		if o.state, err = c.readState(ctx, names.changelog); err != nil {
			return nil, err
		}
	}
	return o, c.read(ctx, names.raw, false, func(r *kgo.Record) {
		o.inputs = append(o.inputs, readInput(seed, r))
	})
}

func readInput(seed uint64, r *kgo.Record) inputRecord {
	return inputRecord{partition: r.Partition, offset: r.Offset, event: sentAs(seed, r),
		timestamp: r.Timestamp.UnixMilli()}
}

func readOutput(seed uint64, topic output, r *kgo.Record, parse func([]byte) (fields, error)) (outputRecord, error) {
	out := outputRecord{partition: r.Partition, offset: r.Offset, event: -1, key: string(r.Key)}
	if topic == deadLetters {
		out.event, out.value = findEvent(seed, r.Value), slices.Clone(r.Value)
		return out, readSource(&out, r.Headers)
	}
	f, err := parse(r.Value)
	out.decisionID, out.chargeID = f.DecisionID, f.ChargeID
	out.says, out.verification, out.attempt = unique.Make(f.content()), unique.Make(f.VerificationID), int32(f.Attempt)
	if err == nil {
		out.since, err = micros(f.FlagSince)
	}
	if err == nil {
		out.deadline, err = micros(f.Deadline)
	}
	if f.Lifecycle != nil {
		out.lifecycle = *f.Lifecycle
	}
	if topic == decisions {
		out.event = findEvent(seed, []byte(f.EventID))
		out.sourcePartition, out.sourceOffset = f.Source.Partition, f.Source.Offset
	}
	return out, err
}

// readSource reads a dead letter's headers: where its original is.
func readSource(out *outputRecord, headers []kgo.RecordHeader) error {
	out.sourcePartition, out.sourceOffset = -1, -1
	for _, h := range headers {
		n, err := strconv.ParseInt(string(h.Value), 10, 64)
		switch h.Key {
		case "verdict-source-partition":
			out.sourcePartition = int32(n)
		case "verdict-source-offset":
			out.sourceOffset = n
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("header %s: %w", h.Key, err)
		}
	}
	return nil
}

// settle waits until the group has read all of the raw topic, or has stopped (whileDown), and no transaction is open
// any more in the outputs.
func (c *cluster) settle(ctx context.Context, group string, names topicNames, whileDown bool,
	limit time.Duration) error {
	return poll(ctx, limit, "the end of all work", func() error {
		for _, topic := range names.written() {
			raw, err := c.ends(ctx, topic, rawIsolation)
			if err != nil {
				return err
			}
			stable, err := c.ends(ctx, topic, committedIsolation)
			if err != nil {
				return err
			}
			for partition, end := range raw {
				if stable[partition] < end {
					return fmt.Errorf("%s/%d ends at %d, committed up to %d: a transaction is open", topic, partition,
						end, stable[partition])
				}
			}
		}
		if whileDown {
			return nil
		}
		ends, err := c.ends(ctx, names.raw, committedIsolation)
		if err != nil {
			return err
		}
		committed, err := c.committed(ctx, group, names.raw)
		if err != nil {
			return err
		}
		for partition, end := range ends {
			if committed[partition] < end {
				return fmt.Errorf("%s/%d ends at %d, the group stands at %d", names.raw, partition, end,
					committed[partition])
			}
		}
		return nil
	})
}
