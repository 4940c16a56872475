package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// watcher reads the output topics as a subscriber would, read committed, and prints what it finds in the order of the input.
type watcher struct {
	cluster  *cluster
	client   *kgo.Client
	outputs  *codec.OutputReader
	registry *codec.Registry
	cfg      *loadedConfig
	catalog  *rules.Catalog
	out      io.Writer
	paint    paint
	columns  columns

	wanted  int // decided events after which follow ends; 0: never
	counts  *summary
	charges int
	risks   int
	next    int64            // the offset to show next
	early   map[int64]string // lines whose turn is still to come
	head    bool             // has been printed
	read    map[place]int64  // the offset after the last one that was read
}

// place is a partition of an output topic.
type place struct {
	topic     string
	partition int32
}

func newWatcher(c *cluster, cfg *loadedConfig, catalog *rules.Catalog, out io.Writer) (*watcher, error) {
	client, err := c.client(
		kgo.ConsumeTopics(outputTopicNames(cfg)...),
		kgo.KeepControlRecords(), // so that the end of a transaction counts as read
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	if err != nil {
		return nil, err
	}
	w := &watcher{
		cluster: c, client: client, cfg: cfg, catalog: catalog, out: out, paint: newPaint(out), columns: columnsOf(out), counts: newSummary(),
		early: map[int64]string{}, read: map[place]int64{},
	}
	if w.registry, err = codec.NewRegistry(codec.RegistryOptions{URLs: []string{c.registryURL()}}); err != nil {
		return nil, err
	}
	w.outputs, err = codec.NewOutputReader(w.registry)
	return w, err
}

func (w *watcher) close() {
	w.client.Close()
	w.registry.Close()
}

// follow prints until all wanted events are decided or ctx is done.
func (w *watcher) follow(ctx context.Context) error {
	for {
		fetches := w.client.PollFetches(ctx)
		err := fetches.Err()
		switch {
		case stopped(ctx):
			return nil
		case err != nil:
			return fmt.Errorf("read the output topics: %w", err)
		}
		for _, r := range fetches.Records() {
			if err := w.record(ctx, r); err != nil {
				return fmt.Errorf("%s/%d offset %d: %w", r.Topic, r.Partition, r.Offset, err)
			}
		}
		if w.wanted > 0 && w.counts.total() >= w.wanted && w.caughtUp() {
			return nil
		}
	}
}

// caughtUp says whether all that the output topics hold has been read: billing and risk events come after their decisions.
func (w *watcher) caughtUp() bool {
	for _, topic := range outputTopicNames(w.cfg) {
		for _, p := range w.cluster.kafka.PartitionInfos(topic) {
			if w.read[place{topic, p.Partition}] < p.HighWatermark {
				return false
			}
		}
	}
	return true
}

func outputTopicNames(cfg *loadedConfig) []string {
	return []string{cfg.Topics.Decisions, cfg.Topics.Billing, cfg.Topics.Risk, cfg.Topics.DeadLetter}
}

func (w *watcher) record(ctx context.Context, r *kgo.Record) error {
	w.read[place{r.Topic, r.Partition}] = r.Offset + 1
	if r.Attrs.IsControl() {
		return nil
	}
	switch r.Topic {
	case w.cfg.Topics.Billing:
		w.charges++
	case w.cfg.Topics.Risk:
		w.risks++
	case w.cfg.Topics.DeadLetter:
		reason := header(r, processor.HeaderReason)
		w.counts.addDeadLetter(reason)
		offset, err := strconv.ParseInt(header(r, processor.HeaderSourceOffset), 10, 64)
		if err != nil {
			return err
		}
		w.show(offset, deadLetterLine("offset "+strconv.FormatInt(offset, 10), reason, header(r, processor.HeaderDetail), w.paint, w.columns))
	default:
		return w.decision(ctx, r)
	}
	return nil
}

func (w *watcher) decision(ctx context.Context, r *kgo.Record) error {
	var read processor.Decision
	if err := w.outputs.Read(ctx, processor.RouteDecision, r.Value, &read); err != nil {
		return err
	}
	text, err := codec.NewJSONEncoder().Append(processor.RouteDecision, nil, &read)
	if err != nil {
		return err
	}
	d, err := parseDecision(text)
	if err != nil {
		return err
	}
	w.counts.addDecision(d)
	w.show(read.Source.Offset, d.line(w.catalog, w.paint, w.columns))
	return nil
}

// maxEarly bounds how many lines wait for an earlier one.
const maxEarly = 1000

// show prints a line when it is its turn: several partitions and topics are read side by side, but the input is one
// partition, so each of its offsets comes once.
func (w *watcher) show(offset int64, line string) {
	if !w.head {
		fmt.Fprintln(w.out, w.paint.as(bold, w.columns.head()))
		w.head = true
	}
	w.early[offset] = line
	for len(w.early) > 0 {
		line, there := w.early[w.next]
		if !there && len(w.early) < maxEarly {
			return
		}
		if there {
			fmt.Fprintln(w.out, line)
			delete(w.early, w.next)
		}
		w.next++
	}
}

func (w *watcher) finish() error {
	fmt.Fprintln(w.out)
	if err := w.counts.write(w.out, w.paint, w.columns.line); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.out, "  topics        %s, %s, %s, %s\n", count(w.counts.decisions, "decision"), count(w.charges, "billing event"),
		count(w.risks, "risk event"), count(w.counts.deadLetters, "dead letter"))
	return err
}

func header(r *kgo.Record, key string) string {
	for i := len(r.Headers) - 1; i >= 0; i-- {
		if r.Headers[i].Key == key {
			return string(r.Headers[i].Value)
		}
	}
	return ""
}
