package show

import (
	"strings"

	"verdict/cmd/verdict/screen"
)

// Columns are the widths of a line's parts; 0: the part is left out. The retry advice is last and takes what it needs.
type Columns struct {
	Line, id, vocabulary, status, outcome, category, billing int
}

const (
	retryWidth  = 12
	idWidth     = 13
	leastStatus = 18 // the reason of a dead letter fits
	leastID     = 9
	mostStatus  = 24
	shortName   = 10 // of a vocabulary
)

// ColumnsOf fits lines to the terminal that w is; elsewhere they are as wide as they need to be.
func ColumnsOf(w any) Columns { return columnsFor(screen.TextWidth(w), false) }

// ColumnsWithID are ColumnsOf with the verification id before all else, for events that come from anywhere.
func ColumnsWithID(w any) Columns {
	const most = screen.LineWidth + idWidth + 1
	if width, known := screen.Width(w); known {
		return columnsFor(min(width, most), true)
	}
	return columnsFor(most, true)
}

// columnsFor fits lines into a width. What is wanting is taken from the category, then from the codes, which have a
// line of their own where there is no room; then from the id, then from the billing flag and the vocabulary's name.
// Outcome and retry advice stay whole.
func columnsFor(width int, withID bool) Columns {
	c := Columns{Line: width, vocabulary: 18, status: mostStatus, outcome: 12, category: 17, billing: 12}
	if withID {
		c.id = idWidth
	}
	shrink := func(part *int, least int) {
		if over := c.width() - c.Line; over > 0 && *part > 0 {
			*part = max(least, *part-over)
		}
	}
	drop := func(part *int) {
		if c.width() > c.Line {
			*part = 0
		}
	}
	drop(&c.category)
	shrink(&c.status, leastStatus)
	shrink(&c.id, leastID)
	drop(&c.id)
	drop(&c.billing)
	shrink(&c.vocabulary, shortName)
	c.status = min(mostStatus, c.status+max(0, c.Line-c.width()))
	c.Line = max(c.Line, c.width())
	return c
}

func (c Columns) width() int {
	sum := retryWidth
	for _, w := range []int{c.id, c.vocabulary, c.status, c.outcome, c.category, c.billing} {
		if w > 0 {
			sum += w + 1
		}
	}
	return sum
}

// row joins the parts of a line. color dresses the outcome, once it is padded.
func (c Columns) row(id, vocabulary, status, outcome, category, billing, retry string,
	color func(string) string) string {
	var b strings.Builder
	add := func(text string, width int, dress func(string) string) {
		if width > 0 {
			b.WriteString(dress(screen.Pad(text, width)) + " ")
		}
	}
	plain := func(text string) string { return text }
	add(id, c.id, plain)
	add(screen.Squeeze(vocabulary, c.vocabulary), c.vocabulary, plain)
	add(status, c.status, plain)
	add(outcome, c.outcome, color)
	add(category, c.category, plain)
	add(billing, c.billing, plain)
	return strings.TrimRight(b.String()+retry, " ")
}

// second is where the part after the vocabulary begins.
func (c Columns) second() int {
	if c.id > 0 {
		return c.id + 1 + c.vocabulary + 1
	}
	return c.vocabulary + 1
}

// Head is the head of the columns.
func (c Columns) Head() string {
	return c.row("VERIFICATION", "VOCABULARY", "STATUS/RISK CODES", "OUTCOME", "CATEGORY", "BILLING", "ADVICE",
		func(text string) string { return text })
}
