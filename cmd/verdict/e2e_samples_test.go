package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// canonicalSamples are the demo's samples of events, under the keys that they should have.
func canonicalSamples(t *testing.T) []rawLine {
	t.Helper()
	var lines []rawLine
	for _, line := range fileLines(t, "samples/events.jsonl") {
		var event struct {
			VerificationID string `json:"verification_id"`
		}
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, rawLine{[]byte(event.VerificationID), line})
	}
	return lines
}

// malformedSamples are lines that are no events, under no key, the empty line among them.
func malformedSamples(t *testing.T) []rawLine {
	t.Helper()
	var lines []rawLine
	for _, line := range fileLines(t, "../../processor/codec/testdata/malformed.txt") {
		lines = append(lines, rawLine{nil, line})
	}
	return lines
}

func fileLines(t *testing.T, path string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
}
