package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// decideOptions say what to decide and how to show it.
type decideOptions struct {
	Config  *loadedConfig
	Catalog *rules.Catalog
	Version string       // of the program
	Input   codec.Format // of each line
	Product string       // of events that do not name it, "" is none
	Time    time.Time    // of events without one
	JSON    bool         // otherwise lines for a person
	Explain bool
	File    string // "" and "-" are In
	In      io.Reader
	Out     io.Writer
}

// decideCounts are what became of the lines.
type decideCounts struct{ Lines, Rejected int }

// decideRun decides each line of a file and shows what became of it.
func decideRun(o decideOptions) (n decideCounts, err error) {
	if isTerminal(o.In) && (o.File == "" || o.File == "-") {
		fmt.Fprintln(o.Out, "Type one event per line; Ctrl-D ends.")
	}
	name, lines, err := openLines(o.File, o.In)
	if err != nil {
		return n, err
	}
	defer lines.close()
	lines.most = int(o.Config.Limits.ValueBytes)
	out := newPrinter(o.Out, o.Catalog, o.JSON, o.Explain)
	n, err = o.decideLines(name, lines, out)
	if flushErr := out.flush(); err == nil {
		err = flushErr
	}
	return n, err
}

func (o *decideOptions) decideLines(name string, lines *lineReader, out printer) (n decideCounts, err error) {
	p := newOfflineProcessor(o.Config, o.Version, o.Catalog, o.Input, o.Product)
	topic := strings.ToValidUTF8(name, "\uFFFD") // a file's name is any bytes, a decision's source is text
	var res processor.Result
	for {
		if lines.idle() {
			if err := out.flush(); err != nil {
				return n, err
			}
		}
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return n, out.finish()
		}
		if err != nil {
			return n, fmt.Errorf("%s line %d: %w", name, n.Lines+1, err)
		}
		record := processor.Record{Topic: topic, Offset: int64(n.Lines), Timestamp: o.Time.UnixMilli(), Value: line}
		if lines.cut() {
			p.TooLarge(&record, processor.ValueTooLarge(lines.length, lines.most).Detail, &res)
		} else if err := p.Process(&record, &res); err != nil {
			return n, err
		}
		n.Lines++
		if res.Rejection != nil {
			n.Rejected++
		}
		if err := out.print(n.Lines, &res); err != nil {
			return n, err
		}
	}
}
