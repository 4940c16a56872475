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

// lineReader reads lines of any length. A line ends with LF or CR LF; the last one may lack its end, and what follows the last
// end is no line of its own.
type lineReader struct {
	reader *bufio.Reader
	file   *os.File // nil if there is none to close
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
	line, err := l.reader.ReadBytes('\n')
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, err
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), nil
}
