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
// it. The texts of the event are parts of one copy of the value, except those with escapes.
type jsonReader struct {
	decoder jsontext.Decoder
	buffer  bytes.Buffer
	text    string // the whole value
	scratch []byte
	draft   draft
}

var (
	errTooDeep   = errors.New("nested deeper than 64 levels")
	errNotObject = errors.New("the top-level value is not an object")
	errTrailing  = errors.New("something follows the object")
)

// release drops what refers to a record.
func (j *jsonReader) release() {
	j.buffer = bytes.Buffer{}
	j.decoder.Reset(&j.buffer)
	j.text = ""
	j.draft = draft{}
}

func (j *jsonReader) read(value []byte, e *processor.Event, maxCodes int) *processor.Rejection {
	j.buffer = *bytes.NewBuffer(value)
	j.decoder.Reset(&j.buffer)
	j.draft.reset(e, maxCodes)
	j.text = string(value)
	switch err := j.readDocument(); {
	case err == nil:
		return j.draft.finish()
	case err == io.EOF:
		return processor.Reject(processor.ReasonEmptyValue, "the value has only white space")
	default:
		return j.malformed(err)
	}
}

// malformed describes an error by its kind and place alone, because the library's own text quotes the document.
func (j *jsonReader) malformed(err error) *processor.Rejection {
	at := j.decoder.InputOffset()
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		at = syntactic.ByteOffset
	}
	problem := "not valid JSON"
	switch {
	case errors.Is(err, errTooDeep), errors.Is(err, errNotObject), errors.Is(err, errTrailing):
		problem = err.Error()
	case errors.Is(err, jsontext.ErrDuplicateName):
		problem = "a name occurs twice in one object"
	case errors.Is(err, io.ErrUnexpectedEOF):
		problem = "the value ends inside of the document"
	}
	return processor.Reject(processor.ReasonMalformedJSON, "%s, at byte %d", problem, at)
}

func (j *jsonReader) readDocument() error {
	if kind := j.decoder.PeekKind(); kind != '{' {
		if err := j.skip(); err != nil {
			return err
		}
		if _, err := j.decoder.ReadToken(); err != io.EOF {
			return errTrailing
		}
		return errNotObject
	}
	if err := j.readObject(j.readField); err != nil {
		return err
	}
	if _, err := j.decoder.ReadToken(); err != io.EOF {
		return errTrailing
	}
	return nil
}

// readObject calls member for each value of the object that comes next, with the value's name as it is written, in
// quotes, valid until the next call.
func (j *jsonReader) readObject(member func(name jsontext.Value) error) error {
	if _, err := j.decoder.ReadToken(); err != nil {
		return err
	}
	for j.decoder.PeekKind() != '}' {
		name, err := j.decoder.ReadValue()
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := j.decoder.ReadToken()
	return err
}

func (j *jsonReader) readField(name jsontext.Value) error {
	f := j.fieldOf(name)
	kind := j.decoder.PeekKind()
	switch {
	case f == fieldNone || kind == 'n':
		return j.skip()
	case f == fieldCodes:
		return j.readCodes(kind)
	case f == fieldMetadata:
		return j.readMetadata(kind)
	case f == fieldRiskCode || f == fieldAttempt:
		return j.readInt(f, kind)
	default:
		return j.readText(f, kind)
	}
}

func (j *jsonReader) fieldOf(name jsontext.Value) field {
	if bytes.IndexByte(name, '\\') < 0 {
		return fieldOf(string(name[1 : len(name)-1]))
	}
	j.scratch, _ = jsontext.AppendUnquote(j.scratch[:0], name)
	return fieldOf(string(j.scratch))
}

// take reads a scalar. The result is part of the copy of the value.
func (j *jsonReader) take() (string, error) {
	raw, err := j.decoder.ReadValue()
	if err != nil {
		return "", err
	}
	end := int(j.decoder.InputOffset())
	return j.text[end-len(raw) : end], nil
}

// takeText reads a string.
func (j *jsonReader) takeText() (string, error) {
	raw, err := j.take()
	if err != nil {
		return "", err
	}
	for i := 1; i < len(raw)-1; i++ {
		if raw[i] == '\\' {
			j.scratch, err = jsontext.AppendUnquote(j.scratch[:0], raw)
			return string(j.scratch), err
		}
	}
	return raw[1 : len(raw)-1], nil
}

func (j *jsonReader) readText(f field, kind jsontext.Kind) error {
	if kind != '"' {
		return j.skipWrong(f, -1, "is not a string")
	}
	s, err := j.takeText()
	if err == nil {
		j.draft.setText(f, s)
	}
	return err
}

func (j *jsonReader) readInt(f field, kind jsontext.Kind) error {
	if kind != '0' {
		return j.skipWrong(f, -1, intProblem(f))
	}
	raw, err := j.take()
	if err != nil {
		return err
	}
	n, ok := parseInt(raw)
	if !ok {
		n = -1
	}
	j.draft.setInt(f, n)
	return nil
}

// parseInt reads digits; what is above an int32 comes out as some number above it.
func parseInt(s string) (int64, bool) {
	var n int64
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = min(n*10+int64(d), math.MaxInt32+1)
	}
	return n, true
}

const codeProblem = "is neither a string nor an integer that is not negative"

func (j *jsonReader) readCodes(kind jsontext.Kind) error {
	if kind != '[' {
		return j.skipWrong(fieldCodes, -1, "is not an array")
	}
	if _, err := j.decoder.ReadToken(); err != nil {
		return err
	}
	for at := 0; ; at++ {
		kind := j.decoder.PeekKind()
		if kind == ']' {
			_, err := j.decoder.ReadToken()
			return err
		}
		if err := j.readCode(kind, at); err != nil {
			return err
		}
	}
}

func (j *jsonReader) readCode(kind jsontext.Kind, at int) error {
	var code string
	var err error
	switch kind {
	case '"':
		code, err = j.takeText()
	case '0':
		if code, err = j.take(); err == nil {
			if _, ok := parseInt(code); !ok {
				j.draft.fault(fieldCodes, at, codeProblem)
			}
		}
	default:
		return j.skipWrong(fieldCodes, at, codeProblem)
	}
	if err == nil {
		j.draft.addCode(code)
	}
	return err
}

func (j *jsonReader) readMetadata(kind jsontext.Kind) error {
	if kind != '{' {
		return j.skipWrong(fieldMetadata, -1, "is not an object")
	}
	at := -1
	return j.readObject(func(name jsontext.Value) error {
		at++
		if j.decoder.PeekKind() != '"' {
			return j.skipWrong(fieldMetadata, at, "is not a string")
		}
		j.scratch, _ = jsontext.AppendUnquote(j.scratch[:0], name)
		key := string(j.scratch)
		value, err := j.takeText()
		if err == nil {
			j.draft.addPair(at, key, value)
		}
		return err
	})
}

// skipWrong reads over a value of the wrong type.
func (j *jsonReader) skipWrong(f field, at int, problem string) error {
	j.draft.fault(f, at, problem)
	return j.skip()
}

// skip reads over the next value, token by token where it is nested, because the depth counts.
func (j *jsonReader) skip() error {
	outside := j.decoder.StackDepth()
	for {
		if _, err := j.decoder.ReadToken(); err != nil {
			return err
		}
		switch depth := j.decoder.StackDepth(); {
		case depth > maxDepth:
			return errTooDeep
		case depth <= outside:
			return nil
		}
	}
}
