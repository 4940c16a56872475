package decide

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"verdict/processor"
	"verdict/processor/codec"
)

// hints gathers what makes a whole file unreadable and can be mended by one command, to say so once, at the end. What
// is wrong with a single line its dead letter says itself.
type hints struct {
	file   string // as it can be written in a command
	decide string // the command that reads what was mended

	lines     int
	malformed int  // lines that are no JSON object
	begins    byte // of the first line that says anything
	open      bool // that line ends inside of a document
	mark      bool // the file begins with a byte order mark
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func newHints(o *Options) *hints {
	h := &hints{file: "FILE", decide: "verdict decide"}
	if o.File != "" && o.File != "-" {
		h.file = quoted(o.File)
	}
	if o.Input.Format != codec.Canonical {
		h.decide += " --input " + o.Input.Format
	}
	if o.Input.Product != "" {
		h.decide += " --product " + quoted(o.Input.Product)
	}
	if o.Input.Integration != processor.IntegrationUnspecified {
		h.decide += " --integration " + o.Input.Integration.String()
	}
	if o.Input.Account != "" {
		h.decide += " --account " + quoted(o.Input.Account)
	}
	if o.Explain {
		h.decide += " --explain"
	}
	if o.JSON {
		h.decide += " --format json"
	}
	return h
}

// quoted makes a text one word of a shell's command, and a file's name that looks like a flag none.
func quoted(text string) string {
	if strings.HasPrefix(text, "-") {
		text = "./" + text
	}
	strange := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') &&
			!strings.ContainsRune("_./-,+:@%", r)
	}
	if !strings.ContainsFunc(text, strange) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// look looks at a line and at what became of it.
func (h *hints) look(line []byte, res *processor.Result) {
	h.lines++
	if h.lines == 1 {
		h.mark = bytes.HasPrefix(line, byteOrderMark)
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	if text := bytes.TrimSpace(line); h.begins == 0 && len(text) > 0 {
		h.begins, h.open = text[0], endsInside(text)
	}
	if res.Rejection != nil && res.Rejection.Reason == processor.ReasonMalformedJSON {
		h.malformed++
	}
}

// endsInside says whether a text is the begin of a JSON document.
func endsInside(text []byte) bool {
	var document json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(text)).Decode(&document), io.ErrUnexpectedEOF)
}

// goesOn says whether the line that was looked at last is only more of a document over several lines, as are all lines
// before it but the first.
func (h *hints) goesOn() bool { return h.open && h.lines > 1 && h.malformed == h.lines }

// texts are what to do, one each.
func (h *hints) texts() []string {
	var texts []string
	if h.mark {
		texts = append(texts, "the file begins with a byte order mark, which JSON does not have; leave it out:\n"+
			"  tail -c +4 "+h.file+" | "+h.decide)
	}
	// A broken line among others is a dead letter; a file of nothing else is another kind of file.
	if h.malformed == 0 || h.malformed < h.lines-1 || h.mark && h.lines == 1 {
		return texts
	}
	switch {
	case h.begins == '[':
		texts = append(texts, "this looks like an array; one object a line is read:\n"+
			"  jq -c '.[]' "+h.file+" | "+h.decide)
	case h.begins == '{' && h.open && h.malformed > 1:
		texts = append(texts, "this looks like objects over several lines; one object a line is read:\n"+
			"  jq -c . "+h.file+" | "+h.decide)
	}
	return texts
}
