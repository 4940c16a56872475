package decide

import (
	"bytes"

	"verdict/processor"
)

// hints gathers what makes a whole file unreadable and can be mended by one command, to say so once, at the end. What
// is wrong with a single line its dead letter says itself.
type hints struct {
	file string // as it can be written in a command

	lines     int
	malformed int  // lines that are no JSON object
	begins    byte // of the first line that says anything
	mark      bool // the file begins with a byte order mark
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func newHints(file string) *hints {
	if file == "" || file == "-" {
		file = "FILE"
	}
	return &hints{file: file}
}

// look looks at a line and at what became of it.
func (h *hints) look(line []byte, res *processor.Result) {
	h.lines++
	if h.lines == 1 {
		h.mark = bytes.HasPrefix(line, byteOrderMark)
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	if text := bytes.TrimSpace(line); h.begins == 0 && len(text) > 0 {
		h.begins = text[0]
	}
	if res.Rejection != nil && res.Rejection.Reason == processor.ReasonMalformedJSON {
		h.malformed++
	}
}

// texts are what to do, one each.
func (h *hints) texts() []string {
	var texts []string
	if h.mark {
		texts = append(texts, "the file begins with a byte order mark, which JSON does not have; take it away:\n"+
			"  sed -i '1s/^\\xEF\\xBB\\xBF//' "+h.file)
	}
	// A broken line among others is a dead letter; a file of nothing else is another kind of file.
	if h.malformed == 0 || h.malformed < h.lines-1 || h.mark && h.lines == 1 {
		return texts
	}
	switch {
	case h.begins == '[':
		texts = append(texts, "this looks like an array; one object a line is read:\n"+
			"  jq -c '.[]' "+h.file+" | verdict decide")
	case h.begins == '{' && h.malformed > 1:
		texts = append(texts, "this looks like objects over several lines; one object a line is read:\n"+
			"  jq -c . "+h.file+" | verdict decide")
	}
	return texts
}
