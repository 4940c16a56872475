package main

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Sample events: each file is one vocabulary's, the last one what goes wrong. Ubble's are its own webhook bodies, the others canonical.
//
//go:embed samples
var samples embed.FS

// sampleFiles is the order in which the demonstration shows them.
var sampleFiles = []string{
	"samples/yousign-video.jsonl", "samples/fourthline-idv.jsonl", "samples/fourthline-docauth.jsonl", "samples/ubble.jsonl",
	"samples/broken.jsonl",
}

// events are the lines of FILE, or the samples.
func (d *demo) events() ([]keyedLine, error) {
	if d.file == "" {
		return sampleEvents()
	}
	name, lines, err := openLines(d.file, d.in)
	if err != nil {
		return nil, err
	}
	defer lines.close()
	events, err := readEvents(lines)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(events) == 0 {
		return nil, wrongCall("%s has no line: write one event per line", name)
	}
	return events, nil
}

func sampleEvents() ([]keyedLine, error) {
	var all []keyedLine
	for _, file := range sampleFiles {
		content, err := fs.ReadFile(samples, file)
		if err != nil {
			return nil, err
		}
		events, err := readEvents(newLineReader(bytes.NewReader(content)))
		if err != nil {
			return nil, err
		}
		all = append(all, events...)
	}
	return all, nil
}

func readEvents(lines *lineReader) ([]keyedLine, error) {
	var events []keyedLine
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		events = append(events, keyedLine{keyOf(line), line})
	}
}

// keyOf is the key that a producer would give the event: its verification id, none where that cannot be read.
func keyOf(line []byte) string {
	var e struct {
		VerificationID string `json:"verification_id"`
		CamelCase      string `json:"verificationId"`
		Data           struct {
			VerificationID string `json:"identity_verification_id"`
			Video          struct {
				ID string `json:"id"`
			} `json:"identity_video"`
		} `json:"data"`
	}
	_ = json.Unmarshal(line, &e) // what is no event is sent all the same, to become a dead letter
	return cmp.Or(e.VerificationID, e.CamelCase, e.Data.VerificationID, e.Data.Video.ID)
}

// feed produces the events and then, until ctx is done, generated ones.
func (d *demo) feed(ctx context.Context, c *cluster, cfg *loadedConfig, lines []keyedLine) error {
	client, err := c.client(kgo.ProducerLinger(0), kgo.DefaultProduceTopic(cfg.Topics.Raw[0].Name))
	if err != nil {
		return err
	}
	defer client.Close()
	var records []*kgo.Record
	for _, line := range lines {
		records = append(records, line.record())
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil && !stopped(ctx) {
		return fmt.Errorf("produce the events: %w", err)
	}
	if d.once || d.rate == 0 {
		return nil
	}
	return d.generate(ctx, client)
}

func (l keyedLine) record() *kgo.Record {
	r := &kgo.Record{Value: l.value}
	if l.key != "" {
		r.Key = []byte(l.key)
	}
	return r
}

// generate produces d.rate events per second. Each start of the demonstration shows others.
func (d *demo) generate(ctx context.Context, client *kgo.Client) error {
	g := newGenerator(uint64(time.Now().UnixNano()), time.Now().UTC())
	ticks := time.NewTicker(max(20*time.Millisecond, time.Duration(float64(time.Second)/d.rate)))
	defer ticks.Stop()
	start, sent := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		var records []*kgo.Record
		for due := int(time.Since(start).Seconds() * d.rate); sent < due; sent++ {
			records = append(records, g.next().record())
		}
		if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil && !stopped(ctx) {
			return fmt.Errorf("produce generated events: %w", err)
		}
	}
}
