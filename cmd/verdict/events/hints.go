package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"verdict/processor"
)

// Hints gathers what makes a whole file unreadable and can be mended by one command, to say so once, at the end. What
// is wrong with a single line its dead letter says itself.
type Hints struct {
	file   string // as it can be written in a command
	reader string // the command that reads what was mended

	lines     int
	malformed int  // lines that are no JSON object
	begins    byte // of the first line that says anything
	open      bool // that line ends inside of a document
	mark      bool // the file begins with a byte order mark
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// NewHints makes hints about a file, "" or "-" for the standard input, and the command that would read what was mended.
func NewHints(file, command string) *Hints {
	h := &Hints{file: "FILE", reader: command}
	if file != "" && file != "-" {
		h.file = Quoted(file)
	}
	return h
}

// Quoted makes a text one word of a shell's command, and a file's name that looks like a flag none.
func Quoted(text string) string {
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

// Look looks at a line and at what became of it.
func (h *Hints) Look(line []byte, res *processor.Result) {
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

// GoesOn says whether the line that was looked at last is only more of a document over several lines, as are all lines
// before it but the first.
func (h *Hints) GoesOn() bool { return h.open && h.lines > 1 && h.malformed == h.lines }

// Texts are what to do, one each.
func (h *Hints) Texts() []string {
	var texts []string
	if h.mark {
		texts = append(texts, "the file begins with a byte order mark, which JSON does not have; leave it out:\n"+
			"  tail -c +4 "+h.file+" | "+h.reader)
	}
	// A broken line among others is a dead letter; a file of nothing else is another kind of file.
	if h.malformed == 0 || h.malformed < h.lines-1 || h.mark && h.lines == 1 {
		return texts
	}
	switch {
	case h.begins == '[':
		texts = append(texts, "this looks like an array; one object a line is read:\n"+
			"  jq -c '.[]' "+h.file+" | "+h.reader)
	case h.begins == '{' && h.open && h.malformed > 1:
		texts = append(texts, "this looks like objects over several lines; one object a line is read:\n"+
			"  jq -c . "+h.file+" | "+h.reader)
	}
	return texts
}
