package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// formatTopics are raw topics by name, each with its format, product and integration.
var formatTopics = map[string]string{
	"raw-canonical": "canonical", "raw-yousign": "yousign", "raw-ubble": "ubble-v2", "raw-checkout": "checkout",
	"raw-fourthline": "fourthline:identity_verification:api", "raw-fourthline-named": "fourthline", "raw-auto": "auto",
	"raw-veriff-decision": "veriff-decision", "raw-veriff-event": "veriff-event",
}

// Each partition of these topics ends with lastValue, which becomes a dead letter whatever the format is.
const (
	formatPartitions = 3
	lastValue        = "the last one"
)

// One raw topic for each format and one that takes all: the examples of every format go in, good ones and bad ones,
// and what comes out is compared with what a reader of others finds in the bodies.
func realFormats(r *realParts) {
	var settings, checked []string
	for name, format := range formatTopics {
		r.createTopic(r.prefix+name, formatPartitions)
		settings = append(settings, r.prefix+name+":"+format)
		checked = append(checked, "--raw", name+"="+format)
	}
	raw := "VERDICT_TOPICS_RAW=" + strings.Join(settings, ",")
	r.createRest(raw)
	records := r.formatRecords()
	if err := r.client.ProduceSync(r.context(), records...).FirstErr(); err != nil {
		r.t.Fatal(err)
	}
	i := r.start("one", raw, rememberAll)
	r.awaitLasts(i)
	i.stop()
	i.quiet("error")

	found := r.check(append(checked, "--retention", "36500")...)
	found.require(r.t, noneLostNoneTwice)
	found.require(r.t, counts{"raw": len(records)})
	if sum := found.answered(); sum != len(records) {
		r.t.Errorf("%d decisions, dead letters and repeats of %d records", sum, len(records))
	}
	for _, name := range []string{"billing NOT_BILLABLE", "billing BILLABLE", "billing UNDETERMINED", "risk",
		"reason unknown_vocabulary",
		"reason missing_field", "reason invalid_field", "reason malformed_json", "reason empty_value", "outcome RESUBMISSION_REQUIRED"} {
		if found[name] == 0 {
			r.t.Errorf("no %s: the examples show too little", name)
		}
	}
}

// formatRecords are the examples of each format, in its own topic and in that of auto, and canonical ones beside.
func (r *realParts) formatRecords() []*kgo.Record {
	var records []*kgo.Record
	add := func(name string, value []byte, product string) {
		record := &kgo.Record{
			Topic: r.prefix + name, Partition: int32(len(records)) % formatPartitions, Key: fmt.Appendf(nil, "k-%d",
				len(records)%7), Value: value,
			Headers: []kgo.RecordHeader{{Key: "traceparent", Value: []byte(trace)}},
		}
		if product != "" {
			record.Headers = append(record.Headers, kgo.RecordHeader{Key: "verdict-product", Value: []byte(product)})
		}
		records = append(records, record)
	}
	for name, format := range formatTopics {
		format, _, _ = strings.Cut(format, ":")
		if format == "canonical" {
			continue
		}
		for _, body := range r.formatExamples(format) {
			switch name {
			case "raw-fourthline-named":
				add(name, body, "document_authentication")
				continue
			case "raw-fourthline":
				add("raw-auto", body, "identity_verification")
				add("raw-fourthline-named", body, "") // nobody names the product
			}
			add(name, body, "")
			add("raw-auto", body, "")
		}
	}
	for _, line := range canonicalSamples(r.t) {
		add("raw-canonical", line.value, "")
		add("raw-auto", line.value, "")
	}
	for name := range formatTopics {
		for p := range int32(formatPartitions) {
			records = append(records, &kgo.Record{Topic: r.prefix + name, Partition: p, Value: []byte(lastValue)})
		}
	}
	return records
}

func (r *realParts) formatExamples(format string) [][]byte {
	lines := fileLines(r.t, filepath.Join("../../processor/codec/testdata/formats", format+".jsonl"))
	for i, line := range lines {
		lines[i] = bytes.Clone(line)
	}
	return lines
}

// awaitLasts waits until each partition's last record has its dead letter: all before it is decided then.
func (r *realParts) awaitLasts(i *instance) {
	r.t.Helper()
	reader, err := kgo.NewClient(kgo.SeedBrokers(r.brokers), kgo.ConsumeTopics(r.prefix+"deadletter"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		r.t.Fatal(err)
	}
	defer reader.Close()
	seen, count := 0, len(formatTopics)*formatPartitions
	await(r.t, time.Minute, func() bool {
		i.running()
		reader.PollRecords(r.context(), 0).EachRecord(func(record *kgo.Record) {
			if string(record.Value) == lastValue {
				seen++
			}
		})
		return seen >= count
	}, func() string { return fmt.Sprintf("%d of %d", seen, count) })
}
