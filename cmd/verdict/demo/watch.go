package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules/wording"
)

// watcher reads the output topics as a subscriber would, read committed, and prints what it finds in the order of the
// input.
type watcher struct {
	reader   *local.Reader
	registry *codec.Registry
	outputs  *codec.OutputReader
	cfg      *config.Loaded
	rules    *pipeline.Rules
	out      io.Writer
	paint    screen.Paint
	columns  show.Columns

	wanted    int // decided events after which follow ends; 0: never
	counts    *show.Summary
	published [processor.NumRoutes]int // records read, by route
	next      int64                    // the offset to show next
	early     map[int64]entry          // lines whose turn is still to come
	head      bool                     // has been printed

	// after is called once, when so many lines have been shown.
	after       func()
	afterHow    int64
	decoder     *codec.Decoder
	raw         int64            // the raw offset after the last that was read
	integration map[int64]string // of raw events that are still to be shown
}

// entry is one line to show.
type entry struct {
	decision *show.Decision // nil: a dead letter or a repeat
	line     string         // of these
}

func newWatcher(c *local.Cluster, cfg *config.Loaded, rules *pipeline.Rules, out io.Writer) (*watcher, error) {
	registry, err := codec.NewRegistry(codec.RegistryOptions{URLs: []string{c.RegistryURL()}})
	if err != nil {
		return nil, err
	}
	outputs, err := codec.NewOutputReader(registry)
	if err != nil {
		return nil, err
	}
	raw := cfg.Topics.Raw[0]
	reader, err := local.NewReader(c, append(cfg.OutputTopics(), raw.Name)...)
	if err != nil {
		return nil, err
	}
	integration, _ := codec.ParseIntegration(raw.Integration)
	return &watcher{
		reader: reader, registry: registry, outputs: outputs, cfg: cfg, rules: rules, out: out,
		paint: screen.NewPaint(out), columns: show.ColumnsWithID(out), counts: show.NewSummary(),
		early: map[int64]entry{}, integration: map[int64]string{},
		decoder: codec.NewDecoder(codec.DecoderOptions{
			Registry: registry, Formats: rules.Formats, Topics: map[string]codec.TopicOptions{
				"": {Format: raw.Format, Product: raw.Product, Account: raw.Account, Integration: integration},
			},
		}),
	}, nil
}

// onceShown calls after when so many lines have been shown. It is called before follow.
func (w *watcher) onceShown(lines int, after func()) { w.afterHow, w.after = int64(lines), after }

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
	route := w.cfg.RouteOf(r.Topic)
	w.published[route]++
	switch route {
	case processor.RouteUnspecified:
		w.rawEvent(r)
	case processor.RouteDecision:
		return w.decision(ctx, r)
	case processor.RouteDeadLetter:
		reason := header(r, processor.HeaderReason)
		w.counts.AddDeadLetter(reason)
		offset, err := strconv.ParseInt(header(r, processor.HeaderSourceOffset), 10, 64)
		if err != nil {
			return err
		}
		w.show(offset, entry{line: show.DeadLetterLine(string(r.Key), placeOf(offset), reason,
			header(r, processor.HeaderDetail), w.paint, w.columns)})
	default: // counted, not shown
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
	if read.HasLifecycle && read.Lifecycle.Transition == processor.TransitionRepeated {
		w.counts.AddRepeat()
		of := "of decision " + read.ID.String()[:8] + "…"
		place := placeOf(read.Source.Offset)
		w.show(read.Source.Offset, entry{line: show.RepeatLine(d.VerificationID, place, of, w.paint, w.columns)})
		return nil
	}
	w.counts.AddDecision(d)
	w.show(read.Source.Offset, entry{decision: d})
	return nil
}

func placeOf(offset int64) string { return "offset " + strconv.FormatInt(offset, 10) }

// rawEvent notes what no output has and what makes a line plausible.
func (w *watcher) rawEvent(r *processor.Record) {
	var e processor.Event
	offset := r.Offset
	if w.decoder.Decode(&processor.Record{Value: r.Value, Headers: r.Headers}, &e) == nil &&
		e.Integration != processor.IntegrationUnspecified {
		w.integration[offset] = strings.ToLower(e.Integration.String())
	}
	w.raw = offset + 1
	w.showWhatIsDue()
}

// maxEarly bounds how many lines wait for an earlier one.
const maxEarly = 1000

// show prints a line when it is its turn: several partitions and topics are read side by side, but the input is one
// partition, so each of its offsets comes once.
func (w *watcher) show(offset int64, line entry) {
	if !w.head {
		fmt.Fprintln(w.out, w.paint.As(screen.Bold, w.columns.Head()))
		w.head = true
	}
	w.early[offset] = line
	w.showWhatIsDue()
}

func (w *watcher) showWhatIsDue() {
	for len(w.early) > 0 {
		line, there := w.early[w.next]
		if (!there || w.next >= w.raw) && len(w.early) < maxEarly {
			return
		}
		if there {
			w.print(line)
			delete(w.early, w.next)
			delete(w.integration, w.next)
		}
		w.next++
		if w.after != nil && w.next == w.afterHow {
			w.after()
		}
	}
}

func (w *watcher) print(line entry) {
	text := line.line
	if line.decision != nil {
		line.decision.Integration = w.integration[w.next]
		text = line.decision.Line(w.rules.Catalog, w.paint, w.columns)
	}
	fmt.Fprintln(w.out, text)
}

func (w *watcher) finish() error {
	fmt.Fprintln(w.out)
	if err := w.counts.Write(w.out, w.paint, w.columns.Line); err != nil {
		return err
	}
	var counts []string
	outputs := w.cfg.Outputs()
	for _, route := range processor.Routes() {
		if outputs[route] != "" {
			counts = append(counts, wording.Count(w.published[route], route.Spec().Noun)+",")
		}
	}
	last := len(counts) - 1 // dead letters are never off
	counts[last] = strings.TrimSuffix(counts[last], ",")
	return show.WriteCounts(w.out, "topics", counts, w.columns.Line)
}

func header(r *processor.Record, key string) string {
	value, _ := r.Header(key)
	return string(value)
}
