package pipeline

import (
	"context"
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
)

// Scan is a scan that shows a person how far it is.
type Scan struct {
	Client  *cluster.Client
	Options scan.Options
	What    string    // is done to the records, in a word
	To      io.Writer // progress, if it is a terminal
}

// Read reads ranges, of which there is at least one.
func (s Scan) Read(ctx context.Context, ranges []scan.Range, each func(*processor.Record) error) (scan.Result, error) {
	var bar *screen.Progress
	s.Options.ProgressEvery = 100 * time.Millisecond
	s.Options.Progress = func(at scan.Result) {
		done, all, known := howFar(&at)
		if !known {
			return
		}
		if bar == nil {
			bar = screen.NewProgress(s.To, s.What, all)
		}
		bar.Show(done)
	}
	result, err := scan.Read(ctx, s.Client, ranges, s.Options, each)
	if bar != nil {
		bar.End()
	}
	if err != nil {
		return result, fmt.Errorf("while %s was read: %w", ranges[0].Topic, err)
	}
	return result, nil
}

// howFar counts offsets that have been read, and all; false: the ends are not known yet.
func howFar(at *scan.Result) (done, all int, known bool) {
	for i := range at.Partitions {
		p := &at.Partitions[i]
		if p.End < 0 || p.Position < 0 {
			return 0, 0, false
		}
		done += int(p.Position - p.Start)
		all += int(p.End - p.Start)
	}
	return done, all, all > 0
}
