package codec

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"verdict/processor"
)

// jsonWriter appends to an object. Its methods take what stands before a value as one constant: the comma, the name,
// the colon and, before a symbol, an id or a time, the quote. To append one text is faster than to append its parts.
type jsonWriter struct {
	bytes []byte
	err   error
}

func (w *jsonWriter) end(dst []byte) ([]byte, error) {
	if w.err != nil {
		return dst, fmt.Errorf("write JSON: a text is not valid UTF-8: %w", w.err)
	}
	return w.bytes, nil
}

func (w *jsonWriter) raw(constant string) { w.bytes = append(w.bytes, constant...) }

// close ends a list or an object whose items each have a comma behind them: the last one's gives way.
func (w *jsonWriter) close(bracket byte) {
	if last := len(w.bytes) - 1; w.bytes[last] == ',' {
		w.bytes[last] = bracket
		return
	}
	w.bytes = append(w.bytes, bracket)
}

// quote writes a string. Nearly all need no escapes, and that is seen fast.
func (w *jsonWriter) quote(s string) {
	start := len(w.bytes)
	w.bytes = append(append(append(w.bytes, '"'), s...), '"')
	if isPlain(w.bytes[start+1 : len(w.bytes)-1]) {
		return
	}
	quoted, err := jsontext.AppendQuote(w.bytes[:start], s)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.bytes = quoted
}

// isPlain says whether a text is all ASCII without quotes, backslashes and control characters.
func isPlain(text []byte) bool {
	rest := text
	for ; len(rest) >= 8; rest = rest[8:] {
		if strange(binary.LittleEndian.Uint64(rest)) != 0 {
			return false
		}
	}
	for _, c := range rest {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (w *jsonWriter) text(before, s string) {
	w.raw(before)
	w.quote(s)
}

func (w *jsonWriter) optional(before, s string) {
	w.raw(before)
	if s == "" {
		w.raw("null")
		return
	}
	w.quote(s)
}

// symbol writes an enum's symbol, which needs no escapes.
func (w *jsonWriter) symbol(before, s string) {
	w.raw(before)
	w.raw(s)
	w.bytes = append(w.bytes, '"')
}

// item writes a symbol of a list.
func (w *jsonWriter) item(s string) {
	w.symbol(`"`, s)
	w.bytes = append(w.bytes, ',')
}

func (w *jsonWriter) id(before string, id processor.ID) {
	w.raw(before)
	w.bytes = append(id.AppendText(w.bytes), '"')
}

func (w *jsonWriter) time(before string, micros int64) {
	w.raw(before)
	w.bytes = append(processor.AppendTime(w.bytes, micros), '"')
}

func (w *jsonWriter) int(before string, n int64) {
	w.raw(before)
	w.bytes = strconv.AppendInt(w.bytes, n, 10)
}

func (w *jsonWriter) bool(before string, b bool) {
	w.raw(before)
	w.bytes = strconv.AppendBool(w.bytes, b)
}
