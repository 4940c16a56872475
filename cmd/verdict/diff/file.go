package diff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/state"
)

// readFile compares what the sides make of each line of a file. All lines are of the range, and one partition.
func (c *comparison) readFile(ctx context.Context) error {
	name, lines, err := events.Open(c.File, c.In)
	if err != nil {
		return err
	}
	defer lines.Close()
	lines.Most = int(c.Config.Limits.ValueBytes)
	c.new = pipeline.NewComparing(c.Config, c.Version, c.New, &c.Input, nil)
	c.old = pipeline.NewComparing(c.Config, c.Version, c.Old, &c.Input, nil)
	m := newMemories(state.Options{})
	defer m.free()
	hints := events.NewHints(c.File, "verdict diff")
	bar := screen.NewProgress(c.Err, "bytes", 0)
	if size := fileSize(name); size > 0 {
		bar = screen.NewProgress(c.Err, "bytes", size)
	}
	err = c.readLines(ctx, strings.ToValidUTF8(name, "\uFFFD"), lines, m, hints, bar)
	bar.End()
	if err != nil {
		return fmt.Errorf("%s line %d: %w", name, c.counts.events+1, err)
	}
	c.known, c.input.File = m.shared.Len(), name
	for _, text := range hints.Texts() {
		fmt.Fprintln(screen.Wrapped(c.Err, len("hint: ")), "hint: "+text)
	}
	return nil
}

func (c *comparison) readLines(ctx context.Context, topic string, lines *events.Reader, m *memories,
	hints *events.Hints, bar *screen.Progress) error {
	read := 0
	for n := int64(0); ; n++ {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		record := processor.Record{Topic: topic, Offset: n, Timestamp: c.Time.UnixMilli(), Value: line}
		if lines.Cut() {
			c.tooLarge(&record, processor.ValueTooLarge(lines.Length, lines.Most).Detail, &c.was, &c.is)
		} else if err := c.process(&record, m, &c.was, &c.is); err != nil {
			return err
		}
		hints.Look(line, &c.newResult)
		c.compare(&record, m)
		read += lines.Length + 1
		if n%settleEvery == 0 {
			bar.Show(read)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
	}
}

// fileSize is how many bytes a file has; 0: it is no file, or that is not known.
func fileSize(name string) int {
	stat, err := os.Stat(name)
	if err != nil || !stat.Mode().IsRegular() {
		return 0
	}
	return int(stat.Size())
}
