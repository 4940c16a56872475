package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %s%s", n, noun, either(strings.HasSuffix(noun, "s"), "es", "s"))
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func orList(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " or " + items[last]
}

// words makes a symbol readable: NOT_BILLABLE, "not billable".
func words(symbol string) string { return strings.ToLower(strings.ReplaceAll(symbol, "_", " ")) }

// pad clips or fills text to a width. What cannot be printed is shown as ?, because it is a provider's text and a terminal
// would obey it.
func pad(text string, width int) string {
	text = printable(text)
	n := utf8.RuneCountInString(text)
	if n > width {
		return string([]rune(text)[:width-1]) + "…"
	}
	return text + strings.Repeat(" ", width-n)
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
