package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"verdict/cmd/verdict/local"
)

// generate --topic writes what generate prints, but for the times, each event under its verification id.
func TestGenerateToATopic(t *testing.T) {
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	if err := c.CreateTopics(4, "idv.raw.v1"); err != nil {
		t.Fatal(err)
	}
	call := func(want int, args ...string) (string, string) {
		t.Helper()
		var out, errs strings.Builder
		code := run(append([]string{"generate"}, args...), streams{strings.NewReader(""), &out, &errs})
		if code != want {
			t.Fatalf("generate %v: exit code %d, %s%s", args, code, out.String(), errs.String())
		}
		return out.String(), errs.String()
	}
	brokers := "kafka.brokers=" + c.Broker()
	out, _ := call(exitOK, "--topic", "idv.raw.v1", "--seed", "1", "--count", "2500", "--set", brokers)
	if out != "published 2500 events to idv.raw.v1, --seed 1\n" {
		t.Errorf("it says %q", out)
	}
	printed, _ := call(exitOK, "--count", "2500")
	if lines := strings.Count(printed, "\n"); lines != 2500 {
		t.Errorf("%d lines printed", lines)
	}
	reader, err := local.NewReader(c, "idv.raw.v1")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	read, partitions, wrong := 0, map[int32]bool{}, 0
	for read < 2500 {
		records, err := reader.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			read++
			partitions[r.Partition] = true
			var e struct {
				VerificationID string `json:"verification_id"`
			}
			if json.Unmarshal(r.Value, &e) != nil || e.VerificationID != string(r.Key) {
				wrong++ // malformed on purpose
			}
			if !bytes.Contains([]byte(printed), r.Key) {
				t.Errorf("the key %s is not among the printed events", r.Key)
			}
		}
	}
	if len(partitions) != 4 || wrong > 12 {
		t.Errorf("%d partitions, %d of %d without their key", len(partitions), wrong, read)
	}
	_, text := call(exitFailure, "--topic", "absent", "--set", brokers)
	if !strings.Contains(text, "the topic absent is not there: create it") {
		t.Errorf("of an absent topic it says %q", text)
	}
	_, text = call(exitUsage, "--topic", "idv.decisions.v1", "--set", brokers)
	if !strings.Contains(text, "an output of Verdict") {
		t.Errorf("of an output topic it says %q", text)
	}
}
