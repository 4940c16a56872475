package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// canonicalSamples are the demo's samples of events, under the keys that they should have.
func canonicalSamples(t *testing.T) []rawLine {
	t.Helper()
	files, err := filepath.Glob("events/samples/*-*.jsonl") // one for each vocabulary
	if err != nil || len(files) != 3 {
		t.Fatalf("samples of %d vocabularies (%v)", len(files), err)
	}
	var lines []rawLine
	for _, file := range files {
		for _, line := range fileLines(t, file) {
			var event struct {
				VerificationID string `json:"verification_id"`
			}
			if err := json.Unmarshal(line, &event); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			lines = append(lines, rawLine{[]byte(event.VerificationID), line})
		}
	}
	return lines
}

// malformedSamples are lines that are no events, under no key, the empty line among them.
func malformedSamples(t *testing.T) []rawLine {
	t.Helper()
	var lines []rawLine
	for _, line := range fileLines(t, "events/samples/broken.jsonl") {
		lines = append(lines, rawLine{nil, line})
	}
	for _, row := range fileLines(t, "../../processor/codec/testdata/malformed.txt") {
		// after the reason that it must have; the others are comments
		if _, line, ok := bytes.Cut(row, []byte("\t")); ok {
			lines = append(lines, rawLine{nil, line})
		}
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
