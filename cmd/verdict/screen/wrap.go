package screen

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Wrap breaks text into lines of at most width columns. The first begins in the column after indent, which begins each
// other one.
func Wrap(text string, width int, indent string) string {
	return WrapItems(strings.Fields(text), width, indent)
}

// WrapItems is Wrap for items that must not be broken; they may be painted.
func WrapItems(items []string, width int, indent string) string {
	var b strings.Builder
	begin := utf8.RuneCountInString(indent)
	column := begin
	for _, item := range items {
		length := columnsOf(item)
		if column > begin && column+1+length > width {
			b.WriteString("\n" + indent)
			column = begin
		} else if column > begin {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(item)
		column += length
	}
	return b.String()
}

// columnsOf is how many columns a text takes on the screen. Paint takes none.
func columnsOf(text string) int {
	n := 0
	for {
		before, rest, found := strings.Cut(text, "\x1b[")
		n += utf8.RuneCountInString(before)
		if !found {
			return n
		}
		_, text, _ = strings.Cut(rest, "m")
	}
}

// Wrapped makes a writer that breaks lines between words where they are wider than the terminal that w is; elsewhere it
// is w. Each Write must end with whole lines. Where a line goes on see Hang; where it begins at the edge, after hang
// blanks, if hang is not 0.
func Wrapped(w io.Writer, hang int) io.Writer {
	width, known := Width(w)
	if !known {
		return w
	}
	return &wrapped{w: w, width: width, hang: hang}
}

type wrapped struct {
	w           io.Writer
	width, hang int
}

func (w *wrapped) Write(text []byte) (int, error) {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		body, ended := strings.CutSuffix(line, "\n")
		if w.hang > 0 && margin(body) == 0 && columnsOf(body) > w.width {
			b.WriteString(hung(body, w.width, w.hang))
		} else {
			b.WriteString(Hang(body, w.width))
		}
		if ended {
			b.WriteByte('\n')
		}
	}
	if _, err := io.WriteString(w.w, b.String()); err != nil {
		return 0, err
	}
	return len(text), nil
}
