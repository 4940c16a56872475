// Package screen shows text to a person: tables, wrapped lines, colors, counts, suggestions. It knows nothing of the
// project.
package screen

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Table aligns columns, two spaces apart. The last column is as long as it is.
type Table struct{ rows [][]string }

// Size is the number of rows.
func (t *Table) Size() int { return len(t.rows) }

// Row adds a row.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Write writes all rows.
func (t *Table) Write(w io.Writer) error {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		line := ""
		for i, cell := range row {
			line += cell
			if i < len(row)-1 {
				line += strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
