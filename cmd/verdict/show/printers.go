package show

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/rules"
)

// Printer shows what became of each line, and at the end what there is to say about all.
type Printer interface {
	Print(l *Line) error
	// GoOn is Print for a dead letter that only goes on with the document of the line before, and says nothing new.
	GoOn(l *Line) error
	// Hints are what there is to say about all lines, apart from the output.
	Hints() []string
	Flush() error
	Finish() error
}

// NewPrinter makes the printer for w: of JSON, or of lines for a person.
func NewPrinter(w io.Writer, catalog *rules.Catalog, asJSON, explain bool) Printer {
	out := bufio.NewWriterSize(w, 64<<10)
	if asJSON {
		return &jsonPrinter{out: out, explain: explain, catalog: catalog}
	}
	return &linePrinter{out: out, paint: screen.NewPaint(w), columns: ColumnsOf(w), explain: explain, catalog: catalog,
		counts: NewSummary()}
}

// jsonPrinter writes one JSON object per line.
type jsonPrinter struct {
	out     *bufio.Writer
	catalog *rules.Catalog
	explain bool
	unread  Unread
}

type deadLetterJSON struct {
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

type repeatJSON struct {
	DecisionID string `json:"decision_id"`
}

func (p *jsonPrinter) Print(l *Line) error {
	p.unread.add(l.Unread)
	res := l.Result
	var err error
	switch {
	case res.Rejection != nil:
		rejected := deadLetterJSON{res.Rejection.Reason.String(), res.Rejection.Detail}
		return p.field("{", "dead_letter", rejected, "}\n")
	case res.Effects.Repeat:
		err = p.field("{", "repeat", repeatJSON{res.Decision.ID.String()}, "")
	default:
		fmt.Fprintf(p.out, `{"decision":%s`, res.Outputs[0].Value)
		err = p.field(",", "routes", routesOf(res), "")
	}
	if err != nil {
		return err
	}
	if p.explain {
		return p.field(",", "explanation", explainLine(p.catalog, l), "}\n")
	}
	_, err = p.out.WriteString("}\n")
	return err
}

// routesOf names the kinds of records that are published for a decision.
func routesOf(res *processor.Result) (names []string) {
	for i := range res.Outputs {
		names = append(names, res.Outputs[i].Route.String())
	}
	return names
}

// GoOn writes the dead letter like any other: each line of the input has one of the output.
func (p *jsonPrinter) GoOn(l *Line) error { return p.Print(l) }

func (p *jsonPrinter) field(before, name string, value any, after string) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, `%s"%s":%s%s`, before, name, bytes.TrimSpace(text.Bytes()), after)
	return err
}

func (p *jsonPrinter) Flush() error { return p.out.Flush() }

// Hints has the fields that were not read: the output has no place for them.
func (p *jsonPrinter) Hints() []string {
	if text := p.unread.text(); text != "" {
		return []string{text}
	}
	return nil
}

func (p *jsonPrinter) Finish() error { return nil }

// linePrinter writes aligned lines for a person, and a summary at the end.
type linePrinter struct {
	out     *bufio.Writer
	paint   screen.Paint
	columns Columns
	catalog *rules.Catalog
	counts  *Summary
	explain bool
	more    int  // dead letters like the last one, which are not shown
	apart   bool // an empty line was written last
}

func (p *linePrinter) Print(l *Line) error {
	if p.counts.Total() == 0 {
		fmt.Fprintln(p.out, p.paint.As(screen.Bold, p.columns.Head()))
	}
	p.endMore()
	res := l.Result
	p.apart = res.Rejection == nil && p.explain // an explanation ends with an empty line
	switch {
	case res.Rejection != nil:
		p.deadLetter(l) // no failure of the command
	case res.Effects.Repeat:
		p.repeat(l)
	default:
		if err := p.decision(l); err != nil {
			return err
		}
	}
	if !p.apart {
		return nil
	}
	return writeExplanation(p.out, explainLine(p.catalog, l), p.paint, p.columns.Line)
}

func (p *linePrinter) deadLetter(l *Line) {
	rejected := l.Result.Rejection
	p.counts.AddDeadLetter(rejected.Reason.String())
	detail := rejected.Detail
	if said := l.Unread.text(); said != "" {
		detail += "; " + said
	}
	fmt.Fprintln(p.out, DeadLetterLine("", l.name(), rejected.Reason.String(), detail, p.paint, p.columns))
}

func (p *linePrinter) repeat(l *Line) {
	p.counts.AddRepeat()
	of := "of an earlier line"
	if l.Repeats > 0 {
		of = "of line " + strconv.Itoa(l.Repeats)
	}
	fmt.Fprintln(p.out, RepeatLine("", l.name(), of, p.paint, p.columns))
}

// GoOn only counts the dead letter.
func (p *linePrinter) GoOn(l *Line) error {
	p.counts.AddDeadLetter(l.Result.Rejection.Reason.String())
	p.more++
	return nil
}

func (p *linePrinter) endMore() {
	if p.more > 0 {
		fmt.Fprintf(p.out, "and %d like it\n", p.more)
		p.more = 0
	}
}

func (p *linePrinter) decision(l *Line) error {
	view, err := ParseDecision(l.Result.Outputs[0].Value)
	if err != nil {
		return err
	}
	view.Unread = l.Unread
	if l.Result.Followed && l.Before.Word.There {
		view.Follows = wordOf(p.catalog.Vocabulary(view.Provider, view.Product), &l.Before.Word)
	}
	p.counts.AddDecision(view)
	_, err = fmt.Fprintln(p.out, view.Line(p.catalog, p.paint, p.columns))
	return err
}

func (p *linePrinter) Flush() error { return p.out.Flush() }

// Hints has none: each line says its own.
func (p *linePrinter) Hints() []string { return nil }

func (p *linePrinter) Finish() error {
	p.endMore()
	if !p.apart {
		fmt.Fprintln(p.out)
	}
	if err := p.counts.Write(p.out, p.paint, p.columns.Line); err != nil || !p.explain {
		return err
	}
	return p.counts.writeContract(p.out, p.columns.Line)
}
