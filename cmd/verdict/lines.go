package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
)

// openLines opens a file of one event per line; "-" and "" are the standard input.
func openLines(file string, stdin io.Reader) (name string, lines *lineReader, err error) {
	if file == "" || file == "-" {
		return "-", newLineReader(stdin), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return file, nil, err
	}
	lines = newLineReader(f)
	lines.file = f
	return file, lines, nil
}

// keyedLine is one record to produce.
type keyedLine struct {
	key   string
	value []byte
}

// lineReader reads lines. A line ends with LF or CR LF; the last one may lack its end, and what follows the last end is no
// line of its own.
type lineReader struct {
	reader *bufio.Reader
	file   *os.File // nil if there is none to close
	// most bounds the bytes of a line that are kept: of a longer one, one byte more and no end, so that it shows. 0 is no bound.
	most   int
	length int // of the last line, all bytes without its end
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{reader: bufio.NewReaderSize(r, 64<<10)}
}

func (l *lineReader) close() {
	if l.file != nil {
		_ = l.file.Close() // it was only read
	}
}

// next returns a line without its end, in memory of its own; io.EOF after the last.
func (l *lineReader) next() ([]byte, error) {
	var line []byte
	var last byte
	l.length = 0
	for {
		part, err := l.reader.ReadSlice('\n')
		part = bytes.TrimSuffix(part, []byte("\n"))
		if len(part) > 0 {
			last = part[len(part)-1]
		}
		l.length += len(part)
		line = append(line, l.kept(part, len(line))...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || l.length == 0):
			return nil, err
		case last == '\r':
			l.length--
		}
		return line[:min(len(line), l.length)], nil
	}
}

// kept cuts a part of a line to what there is room for.
func (l *lineReader) kept(part []byte, before int) []byte {
	if l.most == 0 {
		return part
	}
	return part[:min(len(part), l.most+1-before)]
}

// cut says whether the last line was longer than what is kept.
func (l *lineReader) cut() bool { return l.most > 0 && l.length > l.most }

// idle says that no further line has come yet: to read on may take until someone writes one.
func (l *lineReader) idle() bool {
	come, _ := l.reader.Peek(l.reader.Buffered()) // what is buffered can be looked at
	return bytes.IndexByte(come, '\n') < 0
}
