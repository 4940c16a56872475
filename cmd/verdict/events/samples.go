package events

import (
	"bytes"
	"embed"
	"errors"
	"io"
	"io/fs"

	"verdict/processor"
	"verdict/processor/codec"
)

// Sample events: each file is one vocabulary's, the last one what goes wrong. Ubble's and
// Veriff's are their own webhook bodies, the others canonical.
//
//go:embed samples
var sampleFS embed.FS

// sampleFiles is the order in which the demonstration shows them.
var sampleFiles = []string{
	"samples/yousign-video.jsonl", "samples/fourthline-idv.jsonl", "samples/fourthline-docauth.jsonl",
	"samples/ubble.jsonl", "samples/veriff.jsonl",
	"samples/broken.jsonl",
}

// Samples are all samples, in the order in which they are shown, without keys.
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

// ReadAll reads the lines that are left. They have no keys: SetKeys gives them.
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
		events = append(events, Line{Value: line})
	}
}

// SetKeys gives each line the key that a producer would give its record: its verification id, none where that cannot be
// read. Which providers there are and where they put it is the decoder's matter. The options are those of
// the raw topic that the lines are for; without its product a body that does not name one cannot be read.
func SetKeys(lines []Line, formats *codec.Formats, topic codec.TopicOptions) {
	decoder := codec.NewDecoder(codec.DecoderOptions{
		Formats: formats, Topics: map[string]codec.TopicOptions{"": topic},
	})
	var e processor.Event
	for i := range lines {
		e.Reset()
		lines[i].Key = "" // what is no event is sent all the same, to become a dead letter
		if decoder.Decode(&processor.Record{Value: lines[i].Value}, &e) == nil {
			lines[i].Key = e.VerificationID
		}
	}
}
