package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"verdict/processor"
	"verdict/rules"
)

// watcher reads the output topics as a subscriber would, read committed, and prints what it finds in the order of the input.
type watcher struct {
	reader  *reader
	avro    *avroReader // nil: JSON
	cfg     *loadedConfig
	catalog *rules.Catalog
	out     io.Writer
	paint   paint
	columns columns

	wanted  int // decided events after which follow ends; 0: never
	counts  *summary
	charges int
	risks   int
	next    int64            // the offset to show next
	early   map[int64]string // lines whose turn is still to come
	head    bool             // has been printed
}

func newWatcher(c *cluster, cfg *loadedConfig, catalog *rules.Catalog, out io.Writer) (*watcher, error) {
	reader, err := newReader(c, cfg.Topics.outputTopics()...)
	if err != nil {
		return nil, err
	}
	w := &watcher{
		reader: reader, cfg: cfg, catalog: catalog, out: out, paint: newPaint(out), columns: columnsOf(out), counts: newSummary(),
		early: map[int64]string{},
	}
	if cfg.Output.Format == "avro" {
		w.avro, err = newAvroReader(c.registryURL())
	}
	return w, err
}

func (w *watcher) close() { w.reader.close() }

// follow prints until all wanted events are decided, with all that their decisions came with, or ctx is done.
func (w *watcher) follow(ctx context.Context) error {
	for {
		records, err := w.reader.poll(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("read the output topics: %w", err)
		}
		for i := range records {
			r := &records[i]
			if err := w.record(ctx, r); err != nil {
				return fmt.Errorf("%s/%d offset %d: %w", r.Topic, r.Partition, r.Offset, err)
			}
		}
		if w.wanted > 0 && w.counts.total() >= w.wanted && w.reader.caughtUp() {
			return nil
		}
	}
}

func (w *watcher) record(ctx context.Context, r *processor.Record) error {
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
		place := "offset " + strconv.FormatInt(offset, 10)
		w.show(offset, deadLetterLine(place, reason, header(r, processor.HeaderDetail), w.paint, w.columns))
	default:
		return w.decision(ctx, r)
	}
	return nil
}

func (w *watcher) decision(ctx context.Context, r *processor.Record) (err error) {
	value := r.Value
	if w.avro != nil {
		if value, err = w.avro.toJSON(ctx, value); err != nil {
			return err
		}
	}
	d, err := parseDecision(value)
	if err != nil {
		return err
	}
	var at struct {
		Source struct {
			Offset int64 `json:"offset"`
		} `json:"source"`
	}
	if err := json.Unmarshal(value, &at); err != nil {
		return err
	}
	w.counts.addDecision(d)
	w.show(at.Source.Offset, d.line(w.catalog, w.paint, w.columns))
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

func header(r *processor.Record, key string) string {
	value, _ := r.Header(key)
	return string(value)
}
