// Package decide decides lines of a file, without Kafka.
package decide

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
)

// Options say what to decide and how to show it.
type Options struct {
	Config  *config.Loaded
	Rules   *pipeline.Rules
	Version string         // of the program
	Input   pipeline.Input // of each line
	Time    time.Time      // of events without one
	JSON    bool           // otherwise lines for a person
	Explain bool
	// Stateless decides each line by itself, as if nothing were known of its verification.
	Stateless bool
	File      string // "" and "-" are In
	In        io.Reader
	Out       io.Writer
	Err       io.Writer // for hints about the whole file
}

// Counts are what became of the lines.
type Counts struct{ Lines, Rejected int }

// Run decides each line of a file and shows what became of it.
func Run(o Options) (n Counts, err error) {
	if screen.IsTerminal(o.In) && (o.File == "" || o.File == "-") {
		fmt.Fprintln(o.Out, "Type one event per line; Ctrl-D ends.")
	}
	o.Input.Format = cmp.Or(o.Input.Format, codec.Canonical)
	name, lines, err := events.Open(o.File, o.In)
	if err != nil {
		return n, err
	}
	defer lines.Close()
	lines.Most = int(o.Config.Limits.ValueBytes)
	out := show.NewPrinter(o.Out, o.Rules.Catalog, o.JSON, o.Explain)
	found := events.NewHints(o.File, o.command())
	n, err = o.decideLines(name, lines, out, found)
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	for _, text := range append(found.Texts(), out.Hints()...) {
		fmt.Fprintln(screen.Wrapped(o.Err, len("hint: ")), "hint: "+text)
	}
	return n, err
}

// command is the one that decides a file in this way, without its name.
func (o *Options) command() string {
	text := "verdict decide"
	if o.Input.Format != codec.Canonical {
		text += " --input " + o.Input.Format
	}
	if o.Input.Product != "" {
		text += " --product " + events.Quoted(o.Input.Product)
	}
	if o.Input.Integration != processor.IntegrationUnspecified {
		text += " --integration " + o.Input.Integration.String()
	}
	if o.Input.Account != "" {
		text += " --account " + events.Quoted(o.Input.Account)
	}
	if o.Explain {
		text += " --explain"
	}
	if o.JSON {
		text += " --format json"
	}
	return text
}

func (o *Options) decideLines(name string, lines *events.Reader, out show.Printer,
	found *events.Hints) (n Counts, err error) {
	p := pipeline.NewOffline(o.Config, o.Version, o.Rules, o.Input)
	told := newStory()
	var known processor.Known // nil: without state
	if !o.Stateless {
		known = told
	}
	topic := strings.ToValidUTF8(name, "\uFFFD") // a file's name is any bytes, a decision's source is text
	var res processor.Result
	for {
		if lines.Idle() {
			if err := out.Flush(); err != nil {
				return n, err
			}
		}
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return n, out.Finish()
		}
		if err != nil {
			return n, fmt.Errorf("%s line %d: %w", name, n.Lines+1, err)
		}
		record := processor.Record{Topic: topic, Offset: int64(n.Lines), Timestamp: o.Time.UnixMilli(), Value: line}
		if lines.Cut() {
			p.TooLarge(&record, processor.ValueTooLarge(lines.Length, lines.Most).Detail, &res)
		} else if err := p.Process(&record, known, &res); err != nil {
			return n, err
		}
		n.Lines++
		found.Look(line, &res)
		if res.Rejection != nil {
			n.Rejected++
		}
		shown := show.Line{Number: n.Lines, Result: &res}
		if res.Followed {
			shown.Before, shown.Repeats = &told.before, told.keep(n.Lines, &res)
		}
		if found.GoesOn() {
			err = out.GoOn(&shown)
		} else {
			shown.Unread = o.unread(&res, line)
			err = out.Print(&shown)
		}
		if err != nil {
			return n, err
		}
	}
}

// unread is what looks misspelt in an event: by its name in the canonical envelope. Of a provider's own body it is only
// known that there is something.
func (o *Options) unread(res *processor.Result, line []byte) (unread show.Unread) {
	if !res.Unread {
		return nil // nearly always: the line is not looked at again
	}
	shape, format := o.Rules.Formats.Recognise(line).String(), o.Input.Format
	switch {
	case format == codec.Canonical && res.Rejection != nil && shape != "" && shape != codec.Canonical:
		return nil // a provider's own body, as the dead letter says: none of its names is misspelt
	case format != codec.Canonical && (format != codec.Auto || shape != codec.Canonical):
		return show.Unread{{}}
	}
	first, _ := codec.UnreadFields(line)
	for _, f := range first {
		if f.Meant != "" {
			unread = append(unread, show.UnreadField{Name: f.Name, Meant: f.Meant})
		}
	}
	return unread
}
