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
	keys := newKeyed()
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		events = append(events, Line{keys.key(line), line})
	}
}

// keyed knows the key that a producer would give a record: its verification id, none where that cannot be read. Which
// providers there are and where they put it is the decoder's matter.
type keyed struct {
	decoder *codec.Decoder
	event   processor.Event
}

func newKeyed() *keyed {
	return &keyed{decoder: codec.NewDecoder(codec.DecoderOptions{
		Formats: map[string]codec.Format{"": codec.FormatAuto},
	})}
}

func (k *keyed) key(line []byte) string {
	k.event.Reset()
	if k.decoder.Decode(&processor.Record{Value: line}, &k.event) != nil {
		return "" // what is no event is sent all the same, to become a dead letter
	}
	return k.event.VerificationID
}
