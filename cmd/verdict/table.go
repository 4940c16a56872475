package main

import (
	"io"
	"strings"
	"unicode/utf8"
)

// table aligns columns, two spaces apart. The last column is as long as it is.
type table struct{ rows [][]string }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(w io.Writer) error {
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

// wrapText breaks text into lines of at most width columns. The first begins in the column after indent, which begins each
// other one.
func wrapText(text string, width int, indent string) string {
	return wrapItems(strings.Fields(text), width, indent)
}

// wrapItems is wrapText for items that must not be broken.
func wrapItems(items []string, width int, indent string) string {
	var b strings.Builder
	begin := utf8.RuneCountInString(indent)
	column := begin
	for _, item := range items {
		length := utf8.RuneCountInString(item)
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
