package events

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
)

// Sample events: each file is one vocabulary's, the last one what goes wrong. Ubble's are its own webhook bodies, the
// others canonical.
//
//go:embed samples
var sampleFS embed.FS

// sampleFiles is the order in which the demonstration shows them.
var sampleFiles = []string{
	"samples/yousign-video.jsonl", "samples/fourthline-idv.jsonl", "samples/fourthline-docauth.jsonl",
	"samples/ubble.jsonl",
	"samples/broken.jsonl",
}

// Samples are all samples, in the order in which they are shown.
func Samples() ([]Line, error) {
	var all []Line
	for _, file := range sampleFiles {
		content, err := fs.ReadFile(sampleFS, file)
		if err != nil {
			return nil, err
		}
		events, err := ReadAll(NewReader(bytes.NewReader(content)))
		if err != nil {
			return nil, err
		}
		all = append(all, events...)
	}
	return all, nil
}

// ReadAll reads the lines that are left, each with the key that a producer would give it.
func ReadAll(lines *Reader) ([]Line, error) {
	var events []Line
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		events = append(events, Line{keyOf(line), line})
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
