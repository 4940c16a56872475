// Package screen shows text to a person: tables, wrapped lines, colors, counts, suggestions. It knows nothing of the
// project.
package screen

import (
	"cmp"
	"io"
	"strings"
)

// Table aligns columns, two spaces apart. The last column is as long as it is. On a terminal that is too narrow, cells
// are broken between words, and where that is not enough the last cell of each row stands below it.
type Table struct {
	// LeastLast is the room below which the last column is better off in lines of its own; 0 means 20.
	LeastLast int

	rows []row
}

// row is a row of cells, or a note.
type row struct {
	cells  []string
	note   bool
	column int // where a note begins
}

// Size is the number of rows.
func (t *Table) Size() int { return len(t.rows) }

// Row adds a row.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, row{cells: cells}) }

// Note adds lines that have all the room from a column on, whatever the columns' widths; an empty one is an empty line.
func (t *Table) Note(column int, text string) {
	t.rows = append(t.rows, row{cells: []string{text}, note: true, column: column})
}

// Write writes all rows.
func (t *Table) Write(w io.Writer) error {
	width, known := Width(w)
	if !known {
		width = 1 << 20
	}
	_, err := io.WriteString(w, t.text(width))
	return err
}

const (
	gap       = 2 // between columns
	leastLast = 20
)

func (t *Table) text(width int) string {
	natural, words := t.widths(strings.Fields)
	fit, fits := shrink(natural, words, width)
	least := cmp.Or(t.LeastLast, leastLast)
	if last := len(fit) - 1; !fits || last > 0 && fit[last] < min(least, natural[last]) {
		return t.stacked(width)
	}
	var b strings.Builder
	for _, r := range t.rows {
		r.write(&b, fit, width)
	}
	return b.String()
}

// widths are the columns' widths, and those of the longest part of their cells that is to stay whole.
func (t *Table) widths(parts func(cell string) []string) (natural, least []int) {
	for _, r := range t.rows {
		if r.note {
			continue
		}
		for i, cell := range r.cells {
			if i == len(natural) {
				natural, least = append(natural, 0), append(least, 0)
			}
			for line := range strings.SplitSeq(cell, "\n") {
				natural[i] = max(natural[i], columnsOf(line))
			}
			for _, part := range parts(cell) {
				least[i] = max(least[i], columnsOf(part)+margin(cell))
			}
		}
	}
	return natural, least
}

// shrink takes from the widest column, again and again, until all fit; false if they do not.
func shrink(natural, least []int, width int) ([]int, bool) {
	fit := append([]int{}, natural...)
	over := gap*(len(fit)-1) - width
	for _, w := range fit {
		over += w
	}
	for ; over > 0; over-- {
		widest := -1
		for i, w := range fit {
			if w > least[i] && (widest < 0 || w >= fit[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return fit, false
		}
		fit[widest]--
	}
	return fit, true
}

// stacked writes the last cell of each row in lines of its own.
func (t *Table) stacked(width int) string {
	var upper Table
	columns := 0
	for _, r := range t.rows {
		columns = max(columns, len(r.cells))
	}
	for _, r := range t.rows {
		if !r.note {
			r.cells = r.cells[:min(len(r.cells), columns-1)]
		}
		upper.rows = append(upper.rows, r)
	}
	natural, least := upper.widths(strings.Fields)
	fit, fits := shrink(natural, least, width)
	if !fits {
		natural, least = upper.widths(breakable)
		fit, _ = shrink(natural, least, width)
	}
	var b strings.Builder
	const indent = "    "
	for i, r := range t.rows {
		upper.rows[i].write(&b, fit, width)
		if !r.note && len(r.cells) == columns && r.cells[columns-1] != "" {
			b.WriteString(indent + Wrap(r.cells[columns-1], width, indent) + "\n")
		}
	}
	return b.String()
}

func (r row) write(b *strings.Builder, fit []int, width int) {
	if !r.note {
		writeRow(b, r.cells, fit)
		return
	}
	indent := ""
	for _, w := range fit[:r.column] {
		indent += strings.Repeat(" ", w+gap)
	}
	b.WriteString(strings.TrimRight(indent+Wrap(r.cells[0], width, indent), " ") + "\n")
}

// writeRow writes a row in as many lines as its cells need.
func writeRow(b *strings.Builder, row []string, widths []int) {
	cells := make([][]string, len(row))
	height := 1
	for i, cell := range row {
		cells[i] = cellLines(cell, widths[i])
		height = max(height, len(cells[i]))
	}
	for n := range height {
		line := ""
		for i := range row {
			text := ""
			if n < len(cells[i]) {
				text = cells[i][n]
			}
			line += text
			if i < len(row)-1 {
				line += strings.Repeat(" ", max(0, widths[i]-columnsOf(text))+gap)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// cellLines breaks a cell that is too wide. Blanks at its begin stay; a cell that fits stays as it is.
func cellLines(cell string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(cell, "\n") {
		if columnsOf(line) <= width {
			lines = append(lines, line)
			continue
		}
		indent := strings.Repeat(" ", margin(line))
		var items []string
		for _, word := range strings.Fields(line) {
			items = append(items, broken(word, width-len(indent))...)
		}
		lines = append(lines, strings.Split(indent+WrapItems(items, width, indent), "\n")...)
	}
	return lines
}

// breakable cuts a cell at each place where it may be broken if need be: the names of a catalog are long words.
func breakable(cell string) (parts []string) {
	for _, word := range strings.Fields(cell) {
		parts = append(parts, broken(word, 1)...)
	}
	return parts
}

// broken cuts a word behind strokes, so that its parts are as long as the width allows. One without strokes, and paint,
// stays whole.
func broken(word string, width int) (parts []string) {
	for columnsOf(word) > width && !strings.Contains(word, "\x1b") {
		end := strings.LastIndexAny(word[:min(max(width, 0), len(word)-1)], "|_")
		if end < 0 {
			end = strings.IndexAny(word[:len(word)-1], "|_")
		}
		if end < 0 {
			break
		}
		parts, word = append(parts, word[:end+1]), word[end+1:]
	}
	return append(parts, word)
}

// margin is the number of blanks at the begin of a text.
func margin(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }
