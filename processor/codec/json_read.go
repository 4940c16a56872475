package codec

import (
	"bytes"
	"errors"
	"io"
	"math"

	"github.com/go-json-experiment/json/jsontext"

	"verdict/processor"
)

// jsonReader reads the canonical envelope as JSON: one object, no name twice at any depth, valid UTF-8, nothing behind
// it. The library validates the whole document first; the fields are then picked from a copy of it, of which the texts
// of the event are parts, except those with escapes.
type jsonReader struct {
	decoder jsontext.Decoder
	buffer  bytes.Buffer
	walker  jsonWalker
	scratch []byte
	draft   draft
	strange int // names that the envelope does not have
	alike   alikeMemory
}

var (
	errTooDeep   = errors.New("nested deeper than 64 levels")
	errNotObject = errors.New("the top-level value is not an object")
	errArray     = errors.New("the top-level value is an array, not an object (write each item as a record of its own)")
	errMark      = errors.New("it begins with a byte order mark (write UTF-8 without one)")
	errTrailing  = errors.New("something follows the object")
)

// byteOrderMark is what some editors put before a text in UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// release drops what refers to a record.
func (j *jsonReader) release() {
	j.buffer = bytes.Buffer{}
	j.decoder.Reset(&j.buffer)
	j.walker = jsonWalker{}
	j.draft = draft{}
}

// begin makes ready to read an event.
func (j *jsonReader) begin(value []byte, e *processor.Event, maxCodes int) *processor.Rejection {
	if rejection := j.load(value); rejection != nil {
		return rejection
	}
	j.draft.reset(e, maxCodes)
	j.strange = 0
	return nil
}

// load validates the value and makes ready to walk it.
func (j *jsonReader) load(value []byte) *processor.Rejection {
	j.buffer = *bytes.NewBuffer(value)
	j.decoder.Reset(&j.buffer)
	if bytes.HasPrefix(value, []byte(byteOrderMark)) {
		return malformed(errMark, 0)
	}
	if err := j.validate(); errors.Is(err, io.EOF) {
		return processor.Reject(processor.ReasonEmptyValue, "the value has only white space")
	} else if err != nil {
		return malformed(err, j.decoder.InputOffset())
	}
	j.walker = jsonWalker{text: string(value)}
	return nil
}

// end judges what was walked.
func (j *jsonReader) end() *processor.Rejection {
	if at := j.walker.tooDeep; at > 0 {
		return malformed(errTooDeep, int64(at))
	}
	return j.draft.finish()
}

// validate reads the one object that the value must be.
func (j *jsonReader) validate() error {
	document, err := j.decoder.ReadValue()
	if err != nil {
		return err
	}
	kind := document.Kind()
	if _, err := j.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	switch kind {
	case '{':
		return nil
	case '[':
		return errArray
	default:
		return errNotObject
	}
}

// malformed describes an error by its kind and place alone, because the library's own text quotes the document.
func malformed(err error, at int64) *processor.Rejection {
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		at = syntactic.ByteOffset
	}
	problem := "not valid JSON"
	switch {
	case errors.Is(err, errTooDeep), errors.Is(err, errNotObject), errors.Is(err, errTrailing),
		errors.Is(err, errArray), errors.Is(err, errMark):
		problem = err.Error()
	case errors.Is(err, jsontext.ErrDuplicateName):
		problem = "a name occurs twice in one object"
	case errors.Is(err, io.ErrUnexpectedEOF):
		problem = "the value ends inside of the document"
	}
	return processor.Reject(processor.ReasonMalformedJSON, "%s, at byte %d", problem, at)
}

func (j *jsonReader) readDocument() {
	w := &j.walker
	w.peek()
	for w.open(); w.more(); {
		j.readField(j.readName())
	}
}

func (j *jsonReader) readName() field {
	name := j.readText()
	f := fieldOf(name)
	if f == fieldNone {
		j.draft.alike |= 1 << j.alike.of(j.strange, name)
		j.strange++
	}
	j.draft.seen |= 1 << f
	return f
}

// unquote resolves escapes; the text is valid, so that it cannot fail.
func (j *jsonReader) unquote(raw string) string {
	j.scratch, _ = jsontext.AppendUnquote(j.scratch[:0], raw)
	return string(j.scratch)
}

// readText reads a string, which comes next.
func (j *jsonReader) readText() string {
	raw, escaped := j.walker.quoted()
	if !escaped {
		return raw[1 : len(raw)-1]
	}
	return j.unquote(raw)
}

func (j *jsonReader) readField(f field) {
	first := j.walker.peek()
	switch {
	case f == fieldNone || first == 'n':
		j.walker.skip()
	case f == fieldCodes:
		j.readCodes(first)
	case f == fieldMetadata:
		j.readMetadata(first)
	case f == fieldRiskCode || f == fieldAttempt:
		j.readInt(f, first)
	case first != '"':
		j.skipWrong(f, -1, "is not a string")
	default:
		j.draft.setText(f, j.readText())
	}
}

func (j *jsonReader) readInt(f field, first byte) {
	if !isDigit(first) {
		j.skipWrong(f, -1, intProblem(f))
		return
	}
	n, ok := parseInt(j.walker.literal())
	if !ok {
		n = -1
	}
	j.draft.setInt(f, n)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// parseInt reads digits; what is above an int32 comes out as some number above it.
func parseInt(s string) (int64, bool) {
	var n int64
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = min(n*10+int64(s[i]-'0'), math.MaxInt32+1)
	}
	return n, true
}

const codeProblem = "is neither a string nor an integer that is not negative"

func (j *jsonReader) readCodes(first byte) {
	if first != '[' {
		j.skipWrong(fieldCodes, -1, "is not an array")
		return
	}
	at := 0
	for j.walker.open(); j.walker.more(); at++ {
		j.readCode(at)
	}
}

func (j *jsonReader) readCode(at int) {
	switch first := j.walker.peek(); {
	case first == '"':
		j.draft.addCodeText(at, j.readText())
	case isDigit(first):
		code := j.walker.literal()
		if _, ok := parseInt(code); !ok {
			j.draft.fault(fieldCodes, at, codeProblem)
		}
		j.draft.addCode(code)
	default:
		j.skipWrong(fieldCodes, at, codeProblem)
	}
}

func (j *jsonReader) readMetadata(first byte) {
	if first != '{' {
		j.skipWrong(fieldMetadata, -1, "is not an object")
		return
	}
	at := 0
	for j.walker.open(); j.walker.more(); at++ {
		key := j.readText()
		if j.walker.peek() != '"' {
			j.skipWrong(fieldMetadata, at, "is not a string")
			continue
		}
		j.draft.addPair(at, key, j.readText())
	}
}

// skipWrong reads over a value of the wrong type.
func (j *jsonReader) skipWrong(f field, at int, problem string) {
	j.draft.fault(f, at, problem)
	j.walker.skip()
}
