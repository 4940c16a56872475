package show

import (
	"strings"

	"verdict/cmd/verdict/screen"
)

// Columns are the widths of a line's parts; 0: the part is left out. The retry advice is last and takes what it needs.
type Columns struct {
	Line, vocabulary, status, outcome, category, billing int
}

const (
	retryWidth      = 12
	leastStatus     = 18 // the reason of a dead letter fits
	leastVocabulary = 10
)

// ColumnsOf fits lines to the terminal that w is; elsewhere they are as wide as they need to be.
func ColumnsOf(w any) Columns {
	if width, ok := screen.Width(w); ok {
		return columnsFor(width)
	}
	return columnsFor(screen.LineWidth)
}

// columnsFor fits lines into a width. What is wanting is taken from the category, then from the codes, then from the
// billing flag, then from the vocabulary's name; outcome and retry advice stay whole.
func columnsFor(width int) Columns {
	c := Columns{Line: min(width, screen.LineWidth), vocabulary: 18, status: 24, outcome: 12, category: 16, billing: 12}
	over := func() int { return c.width() - c.Line }
	if over() > 0 {
		c.category = 0
	}
	if n := over(); n > 0 {
		c.status = max(leastStatus, c.status-n)
	}
	if over() > 0 {
		c.billing = 0
	}
	if n := over(); n > 0 {
		c.vocabulary = max(leastVocabulary, c.vocabulary-n)
	}
	c.Line = max(c.Line, c.width())
	return c
}

func (c Columns) width() int {
	sum := retryWidth
	for _, w := range []int{c.vocabulary, c.status, c.outcome, c.category, c.billing} {
		if w > 0 {
			sum += w + 1
		}
	}
	return sum
}

// row joins the parts of a line. color dresses the outcome, once it is padded.
func (c Columns) row(vocabulary, status, outcome, category, billing, retry string, color func(string) string) string {
	var b strings.Builder
	add := func(text string, width int, dress func(string) string) {
		if width > 0 {
			b.WriteString(dress(screen.Pad(text, width)) + " ")
		}
	}
	plain := func(text string) string { return text }
	add(vocabulary, c.vocabulary, plain)
	add(status, c.status, plain)
	add(outcome, c.outcome, color)
	add(category, c.category, plain)
	add(billing, c.billing, plain)
	return strings.TrimRight(b.String()+retry, " ")
}

// Head is the head of the columns.
func (c Columns) Head() string {
	return c.row("VOCABULARY", "STATUS/RISK CODES", "OUTCOME", "CATEGORY", "BILLING", "RETRY",
		func(text string) string { return text })
}
