package events

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
)

// Open opens a file of one event per line; "-" and "" are the standard input.
func Open(file string, stdin io.Reader) (name string, lines *Reader, err error) {
	if file == "" || file == "-" {
		return "-", NewReader(stdin), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return file, nil, err
	}
	lines = NewReader(f)
	lines.file = f
	return file, lines, nil
}

// Line is one record to produce.
type Line struct {
	Key   string
	Value []byte
}

// Reader reads lines. A line ends with LF or CR LF; the last one may lack its end, and what follows the last end is no
// line of its own.
type Reader struct {
	reader *bufio.Reader
	file   *os.File // nil if there is none to close
	// Most bounds the bytes of a line that are kept: of a longer one, one byte more and no end, so that it shows. 0
	// is no bound.
	Most   int
	Length int // of the last line, all bytes without its end
}

// NewReader makes a reader of lines from r, which it does not close.
func NewReader(r io.Reader) *Reader {
	return &Reader{reader: bufio.NewReaderSize(r, 64<<10)}
}

// Close closes the file that Open has opened.
func (l *Reader) Close() {
	if l.file != nil {
		_ = l.file.Close() // it was only read
	}
}

// Next returns a line without its end, in memory of its own; io.EOF after the last.
func (l *Reader) Next() ([]byte, error) {
	var line []byte
	var last byte
	l.Length = 0
	for {
		part, err := l.reader.ReadSlice('\n')
		part = bytes.TrimSuffix(part, []byte("\n"))
		if len(part) > 0 {
			last = part[len(part)-1]
		}
		l.Length += len(part)
		line = append(line, l.kept(part, len(line))...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || l.Length == 0):
			return nil, err
		case last == '\r':
			l.Length--
		}
		return line[:min(len(line), l.Length)], nil
	}
}

// kept cuts a part of a line to what there is room for.
func (l *Reader) kept(part []byte, before int) []byte {
	if l.Most == 0 {
		return part
	}
	return part[:min(len(part), l.Most+1-before)]
}

// Cut says whether the last line was longer than what is kept.
func (l *Reader) Cut() bool { return l.Most > 0 && l.Length > l.Most }

// Idle says that no further line has come yet: to read on may take until someone writes one.
func (l *Reader) Idle() bool {
	come, _ := l.reader.Peek(l.reader.Buffered()) // what is buffered can be looked at
	return bytes.IndexByte(come, '\n') < 0
}
