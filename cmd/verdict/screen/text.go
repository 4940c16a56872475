package screen

import (
	"strings"
	"unicode/utf8"

	"verdict/rules/wording"
)

// Either is one text or the other.
func Either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// OrDash is text, or a dash for none.
func OrDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// OrList joins items for a sentence: a, b or c.
func OrList(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " or " + items[last]
}

// Words makes a symbol readable: NOT_BILLABLE, "not billable".
func Words(symbol string) string { return strings.ToLower(strings.ReplaceAll(symbol, "_", " ")) }

// Pad clips or fills text to a width. What cannot be printed is shown as ?, because it is a provider's text and a
// terminal would obey it.
func Pad(text string, width int) string {
	text = Printable(text)
	n := utf8.RuneCountInString(text)
	if n > width {
		return string([]rune(text)[:width-1]) + "…"
	}
	return text + strings.Repeat(" ", width-n)
}

// Printable is text with a ? for each character that a terminal might obey.
func Printable(text string) string { return wording.Printable(text) }

// Squeeze takes letters out of the middle of a text, where it has more than width: names often differ at their end.
func Squeeze(text string, width int) string {
	letters := []rune(text)
	if len(letters) <= width || width < 3 {
		return text
	}
	end := (width - 1) / 2
	return string(letters[:width-1-end]) + "…" + string(letters[len(letters)-end:])
}
