package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
	"verdict/rules/wording"
)

// watcher reads the output topics as a subscriber would, read committed, and prints what it finds in the order of the
// input.
type watcher struct {
	reader   *local.Reader
	registry *codec.Registry
	outputs  *codec.OutputReader
	cfg      *config.Loaded
	catalog  *rules.Catalog
	out      io.Writer
	paint    screen.Paint
	columns  show.Columns

	wanted  int // decided events after which follow ends; 0: never
	counts  *show.Summary
	charges int
	risks   int
	next    int64            // the offset to show next
	early   map[int64]string // lines whose turn is still to come
	head    bool             // has been printed
}

func newWatcher(c *local.Cluster, cfg *config.Loaded, catalog *rules.Catalog, out io.Writer) (*watcher, error) {
	registry, err := codec.NewRegistry(codec.RegistryOptions{URLs: []string{c.RegistryURL()}})
	if err != nil {
		return nil, err
	}
	outputs, err := codec.NewOutputReader(registry)
	if err != nil {
		return nil, err
	}
	reader, err := local.NewReader(c, cfg.Topics.OutputTopics()...)
	if err != nil {
		return nil, err
	}
	return &watcher{
		reader: reader, registry: registry, outputs: outputs, cfg: cfg, catalog: catalog, out: out,
		paint: screen.NewPaint(out), columns: show.ColumnsOf(out), counts: show.NewSummary(), early: map[int64]string{},
	}, nil
}

func (w *watcher) close() {
	w.reader.Close()
	w.registry.Close()
}

// follow prints until all wanted events are decided, with all that their decisions came with, or ctx is done.
func (w *watcher) follow(ctx context.Context) error {
	for {
		records, err := w.reader.Poll(ctx)
		switch {
		case errors.Is(err, context.Canceled):
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
		if w.wanted > 0 && w.counts.Total() >= w.wanted && w.reader.CaughtUp() {
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
		w.counts.AddDeadLetter(reason)
		offset, err := strconv.ParseInt(header(r, processor.HeaderSourceOffset), 10, 64)
		if err != nil {
			return err
		}
		place := "offset " + strconv.FormatInt(offset, 10)
		w.show(offset, show.DeadLetterLine(place, reason, header(r, processor.HeaderDetail), w.paint, w.columns))
	default:
		return w.decision(ctx, r)
	}
	return nil
}

func (w *watcher) decision(ctx context.Context, r *processor.Record) error {
	var read processor.Decision
	if err := w.outputs.Read(ctx, processor.RouteDecision, r.Value, &read); err != nil {
		return err
	}
	text, err := codec.NewJSONEncoder().Append(processor.RouteDecision, nil, &read)
	if err != nil {
		return err
	}
	d, err := show.ParseDecision(text)
	if err != nil {
		return err
	}
	w.counts.AddDecision(d)
	w.show(read.Source.Offset, d.Line(w.catalog, w.paint, w.columns))
	return nil
}

// maxEarly bounds how many lines wait for an earlier one.
const maxEarly = 1000

// show prints a line when it is its turn: several partitions and topics are read side by side, but the input is one
// partition, so each of its offsets comes once.
func (w *watcher) show(offset int64, line string) {
	if !w.head {
		fmt.Fprintln(w.out, w.paint.As(screen.Bold, w.columns.Head()))
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
	if err := w.counts.Write(w.out, w.paint, w.columns.Line); err != nil {
		return err
	}
	return show.WriteCounts(w.out, "topics", []string{
		wording.Count(w.counts.Decisions, "decision") + ",", wording.Count(w.charges, "billing event") + ",",
		wording.Count(w.risks, "risk event") + ",", wording.Count(w.counts.DeadLetters, "dead letter"),
	}, w.columns.Line)
}

func header(r *processor.Record, key string) string {
	value, _ := r.Header(key)
	return string(value)
}
