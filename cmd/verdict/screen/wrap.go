package screen

import (
	"strings"
	"unicode/utf8"
)

// Wrap breaks text into lines of at most width columns. The first begins in the column after indent, which begins each
// other one.
func Wrap(text string, width int, indent string) string {
	return WrapItems(strings.Fields(text), width, indent)
}

// WrapItems is wrapText for items that must not be broken.
func WrapItems(items []string, width int, indent string) string {
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
