package wording

import (
	"strings"
	"unicode"
)

// Printable is text with a ? for each character that a terminal might obey.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
