package show

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// DiffFormat is how a Diff is written.
type DiffFormat string

// Formats of a Diff: for a terminal, for a program, and one page that needs nothing beside it.
const (
	DiffText DiffFormat = "text"
	DiffJSON DiffFormat = "json"
	DiffHTML DiffFormat = "html"
)

// DiffFormats lists them.
func DiffFormats() []string { return []string{string(DiffText), string(DiffJSON), string(DiffHTML)} }

// WriteDiff writes what a change of rules changes.
func WriteDiff(w io.Writer, d *Diff, format DiffFormat) error {
	switch format {
	case DiffJSON:
		return screen.WriteJSON(w, d)
	case DiffHTML:
		return writeDiffHTML(w, d)
	default:
		return writeDiffText(w, d)
	}
}

// mostLines bounds each list of the text; JSON and HTML have all.
const mostLines = 20

// diffText is a Diff on its way onto a terminal.
type diffText struct {
	io.Writer
	d     *Diff
	paint screen.Paint
	err   error
}

func writeDiffText(w io.Writer, d *Diff) error {
	t := &diffText{Writer: screen.Wrapped(w, 0), d: d, paint: screen.NewPaint(w)}
	for _, line := range d.Head() {
		t.line("%s", line)
	}
	t.title(d.Result())
	t.charges(w)
	t.became(w)
	t.rules(w)
	t.counts(w, "by field", diffRows(d.Fields))
	t.counts(w, "by vocabulary", diffRows(d.Vocabularies))
	t.counts(w, "by status", statusRows(d.Statuses))
	t.counts(w, "by code", codeRows(d.Codes))
	if len(d.Catalog) > 0 {
		t.title("the rules themselves, met by an event or not")
		for i, line := range d.Catalog {
			if i == mostLines {
				t.more(len(d.Catalog))
				break
			}
			t.line("  %s", line)
		}
	}
	return t.err
}

func (t *diffText) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t, format+"\n", args...)
	}
}

func (t *diffText) title(text string) {
	t.line("")
	t.line("%s", t.paint.As(screen.Bold, text))
}

func (t *diffText) more(all int) {
	t.line("  ... and %s more: --format json or html has all", number(all-mostLines))
}

// table writes rows, of which the first cell is a count, and says how many are left out.
func (t *diffText) table(w io.Writer, rows *screen.Table, all int) {
	if t.err == nil {
		t.err = rows.Write(w)
	}
	if all > mostLines {
		t.more(all)
	}
}

// section writes rows under a title, and nothing if there are none. row adds the one of an index.
func (t *diffText) section(w io.Writer, title string, rows int, row func(table *screen.Table, i int)) {
	if rows == 0 {
		return
	}
	t.title(title)
	var table screen.Table
	for i := range min(rows, mostLines) {
		row(&table, i)
	}
	t.table(w, &table, rows)
}

func (t *diffText) counts(w io.Writer, title string, rows [][]string) {
	t.section(w, "decisions that differ, "+title, len(rows), func(table *screen.Table, i int) {
		table.Row(rows[i]...)
	})
}

func (t *diffText) charges(w io.Writer) {
	const title = "billing: charges whose flag is another one, by month of the event (UTC)"
	t.section(w, title, len(t.d.Charges), func(table *screen.Table, i int) {
		c := &t.d.Charges[i]
		table.Row(right(c.Count), c.Month, c.Provider+" "+c.Product, c.Old+" -> "+c.New, c.Effect,
			"e.g. "+examples(c.Examples[:1]))
	})
}

func (t *diffText) became(w io.Writer) {
	const title = "events that are decided on one side only, or are dead letters for another reason"
	t.section(w, title, len(t.d.Became), func(table *screen.Table, i int) {
		b := &t.d.Became[i]
		table.Row(right(b.Count), b.Old+" -> "+b.New, "e.g. "+examples(b.Examples))
	})
}

func (t *diffText) rules(w io.Writer) {
	t.section(w, "what differs, and by which rules", len(t.d.Rules), func(table *screen.Table, i int) {
		r := &t.d.Rules[i]
		table.Row(right(r.Count), r.Vocabulary, r.What(), r.Change())
		for _, side := range []struct{ name, text string }{{"old", r.Old.Rule()}, {"new", r.New.Rule()}} {
			if side.text != "" {
				table.Note(1, side.name+"  "+side.text)
			}
		}
		table.Note(1, "e.g. "+examples(r.Examples))
	})
}

// What names a rule's part, with its code.
func (r *DiffRule) What() string {
	if r.Code == "" {
		return r.Part
	}
	return r.Part + " " + r.Code
}

// Change is the old and the new value. One that only another rule gives is written once.
func (r *DiffRule) Change() string { return r.Old.Value + " -> " + r.NewText() }

// NewText is the new value, beside the old one.
func (r *DiffRule) NewText() string {
	if r.New.Value == r.Old.Value && r.New.Basis != r.Old.Basis {
		return "(same) by another rule"
	}
	return r.New.Value
}

// Rule is the basis of a value, and where it stands; "" for none.
func (v *DiffValue) Rule() string {
	if v.Place == "" {
		return v.Basis
	}
	return v.Basis + " (" + v.Place + ")"
}

// String is where the record is: topic/partition/offset, or of a file the line.
func (e DiffExample) String() string {
	at := e.Topic + "/" + strconv.Itoa(int(e.Partition)) + "/" + strconv.FormatInt(e.Offset, 10)
	if e.Line {
		at = e.Topic + ":" + strconv.FormatInt(e.Offset+1, 10)
	}
	at = screen.Printable(at)
	if e.DecisionID == "" {
		return at
	}
	return at + " (" + e.DecisionID + ")"
}

func examples(list []DiffExample) string {
	var texts []string
	for _, e := range list {
		texts = append(texts, e.String())
	}
	return strings.Join(texts, ", ")
}

// percent is a share, with as many digits as say something.
func percent(part, all int) string {
	share := 100 * float64(part) / float64(max(all, 1))
	switch {
	case share >= 10:
		return fmt.Sprintf("%.0f %%", share)
	case share >= 0.01:
		return fmt.Sprintf("%.2f %%", share)
	}
	return "less than 0.01 %"
}

func diffRows(list []DiffCount) (rows [][]string) {
	for _, c := range list {
		rows = append(rows, []string{right(c.Count), c.Name})
	}
	return rows
}

func statusRows(list []DiffStatus) (rows [][]string) {
	for _, s := range list {
		text := s.Status
		if s.RiskCode != "" {
			text += ", risk code " + s.RiskCode
		}
		rows = append(rows, []string{right(s.Count), s.Vocabulary, text})
	}
	return rows
}

func codeRows(list []DiffCode) (rows [][]string) {
	for _, c := range list {
		rows = append(rows, []string{right(c.Count), c.Vocabulary, c.Code})
	}
	return rows
}

// counted is a count with its noun.
func counted(n int, noun string) string {
	return strings.Replace(wording.Count(n, noun), strconv.Itoa(n), number(n), 1)
}

// clause is a count with its noun and what one or several of it do.
func clause(n int, noun, one, several string) string {
	return counted(n, noun) + " " + screen.Either(n == 1, one, several)
}

// right is a count, at the right of its column.
func right(n int) string { return fmt.Sprintf("%12s", number(n)) }

// number is a number with a comma between thousands.
func number(n int) string {
	text := strconv.Itoa(n)
	var b bytes.Buffer
	for i, digit := range text {
		if i > 0 && (len(text)-i)%3 == 0 && text[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}
