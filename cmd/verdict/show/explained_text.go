package show

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
	"verdict/rules/wording"
)

// WriteExplained writes what is known of a record, as JSON or for a person.
func WriteExplained(w io.Writer, e *Explained, catalog *rules.Catalog, asJSON bool) error {
	if asJSON {
		return screen.WriteJSON(w, e)
	}
	t := &explainedText{catalog: catalog, paint: screen.NewPaint(w), columns: ColumnsOf(w), width: screen.TextWidth(w)}
	if err := t.write(e); err != nil {
		return err
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

type explainedText struct {
	out     bytes.Buffer
	catalog *rules.Catalog
	paint   screen.Paint
	columns Columns
	width   int
}

func (t *explainedText) write(e *Explained) error {
	t.head(e)
	if e.Published == nil {
		t.notFound(e)
	} else if err := t.published(e); err != nil {
		return err
	}
	if e.Present != nil {
		if err := t.present(e); err != nil {
			return err
		}
	}
	if e.PresentMissing != "" {
		t.title("By the rules of these settings it cannot be decided now")
		t.say(e.PresentMissing)
	}
	if e.Payload != nil {
		t.payload(e)
	}
	return nil
}

// say writes a paragraph.
func (t *explainedText) say(text string) {
	fmt.Fprintln(&t.out, screen.Wrap(screen.Printable(text), t.width, ""))
}

// title writes what begins a part.
func (t *explainedText) title(text string) {
	fmt.Fprintln(&t.out, "\n"+t.paint.As(screen.Bold, screen.Wrap(screen.Printable(text), t.width, "")))
}

func (t *explainedText) head(e *Explained) {
	t.say(e.Record.place() + ": " + screen.Either(e.Record.Kind[0] == 'o', "an ", "a ") + e.Record.Kind + e.Record.of())
	if e.Through != nil {
		t.say("It is of the decision " + e.Through.place() + ".")
	}
	if e.Alike > 0 {
		t.say("It may also be of " + wording.Count(e.Alike, "other decision") + " with the same id, as near to it in " +
			"time.")
	}
	switch {
	case e.Raw != nil && *e.Raw != e.Record:
		t.say("It is from the raw record " + e.Raw.place() + e.Raw.of() + ".")
	case e.RawMissing != "":
		t.say("The raw record that it is from cannot be read: " + e.RawMissing + ".")
	}
}

func (r *PlacedRecord) place() string { return fmt.Sprintf("%s/%d/%d", r.Topic, r.Partition, r.Offset) }

func (r *PlacedRecord) of() string {
	return screen.Either(r.Time == "", "", " of "+r.Time)
}

func (t *explainedText) published(e *Explained) error {
	p := e.Published
	title := "Published"
	if *p.Record != e.Record {
		title += ": the " + p.Record.Kind + " " + p.Record.place() + p.Record.of()
	}
	if p.RulesVersion != "" {
		title += ", by the rules " + p.RulesVersion
	}
	t.title(title)
	if p.Copies > 1 {
		t.say(fmt.Sprintf("It was published %s in that time; this is the latest.", wording.Count(p.Copies, "time")))
	}
	if e.Later != "" {
		t.say(e.Later)
	}
	return t.said(p)
}

// said writes a decision or dead letter with its explanation.
func (t *explainedText) said(s *Said) error {
	switch {
	case s.Rejected != nil:
		fmt.Fprintln(&t.out, t.paint.As(screen.Red, screen.Printable(s.Rejected.Reason)))
		fmt.Fprintln(&t.out, "  "+screen.Wrap(screen.Printable(s.Rejected.Detail), t.width, "  "))
		return nil
	case s.About != "":
		t.say(s.About)
	}
	if s.Whole {
		view, err := ParseDecision(s.Decision)
		if err != nil {
			return err
		}
		fmt.Fprintln(&t.out, t.paint.As(screen.Bold, t.columns.Head()))
		fmt.Fprintln(&t.out, view.Line(t.catalog, t.paint, t.columns))
	}
	var text bytes.Buffer
	if err := writeExplanation(&text, s.Explanation, t.paint, t.width); err != nil {
		return err
	}
	t.out.Write(bytes.TrimRight(text.Bytes(), "\n"))
	t.out.WriteByte('\n')
	return nil
}

const alone = "Compared without lifecycle; id and sequence are the published ones."

func (t *explainedText) present(e *Explained) error {
	p := e.Present
	title := "The rules of these settings, " + p.RulesVersion
	switch {
	case e.Result == ExplainedSame && e.Published.Rejected != nil:
		t.title(title + ", do not decide it either")
		return t.said(p)
	case e.Result == ExplainedSame:
		t.title(title + ", say the same")
		t.say(alone)
		return nil
	case e.Result == ExplainedDiffers && e.Published.Rejected != nil:
		t.title(title + screen.Either(p.Rejected == nil, ", would decide it now", ", reject it for another reason"))
		return t.said(p)
	case e.Result == ExplainedDiffers:
		t.title(title + ", say something else")
		if err := t.differences(e.Differences); err != nil {
			return err
		}
		t.say(alone)
		t.out.WriteByte('\n')
		return t.said(p)
	}
	t.title(title + ", say of it")
	return t.said(p)
}

func (t *explainedText) differences(list []Difference) error {
	for i := range list {
		d := &list[i]
		const indent = "             "
		if d.Hidden {
			text := d.name() + ": they differ (not shown)"
			fmt.Fprintln(&t.out, "  "+screen.Wrap(screen.Printable(text), t.width, "  "))
			continue
		}
		fmt.Fprintln(&t.out, "  "+screen.Wrap(screen.Printable(d.name()), t.width, "  "))
		for _, side := range [][2]string{
			{"published", d.side(d.Published, d.PublishedBasis)}, {"now", d.side(d.Present, d.PresentBasis)},
		} {
			text := screen.WrapItems(strings.Fields(screen.Printable(side[1])), t.width, indent)
			fmt.Fprintf(&t.out, "  %-9s  %s\n", side[0], text)
		}
	}
	return nil
}

func (t *explainedText) notFound(e *Explained) {
	t.title("Nothing was found that is published for it")
	for _, text := range e.NotFound {
		fmt.Fprintln(&t.out, "- "+screen.Wrap(screen.Printable(text), t.width, "  "))
	}
	if e.Sought != nil {
		t.sought(e.Sought)
	}
}

// mostSought bounds the partitions that are listed: a topic may have thousands.
const mostSought = 12

func (t *explainedText) sought(s *Sought) {
	text := "It was looked for"
	if s.From != "" {
		text += " from " + s.From
	}
	if s.To != "" {
		text += " to " + s.To
	}
	t.say(text + ", in")
	for i, p := range s.Partitions {
		if i == mostSought {
			fmt.Fprintf(&t.out, "  and %s more\n", wording.Count(len(s.Partitions)-i, "partition"))
			break
		}
		fmt.Fprintf(&t.out, "  %s/%d  %s\n", p.Topic, p.Partition, screen.Either(p.From >= p.To, "nothing of that time",
			fmt.Sprintf("offsets %d to %d", p.From, p.To-1)))
	}
}

func (t *explainedText) payload(e *Explained) {
	t.title("What the raw record says")
	t.bytes("key", e.Payload.Key)
	for _, h := range e.Payload.Headers {
		t.bytes("header "+screen.Printable(h.Key), h.Value)
	}
	t.bytes("value", e.Payload.Value)
}

// bytes writes some of a payload. Lines stay as they are: whoever asks for it wants to copy it.
func (t *explainedText) bytes(name string, b *PayloadBytes) {
	switch {
	case b == nil:
		fmt.Fprintf(&t.out, "%s: null\n", name)
	case b.Base64 != nil:
		fmt.Fprintf(&t.out, "%s, in base64: %s\n", name, base64.StdEncoding.EncodeToString(b.Base64))
	default:
		lines := strings.Split(b.Text, "\n")
		for i := range lines {
			lines[i] = screen.Printable(lines[i])
		}
		fmt.Fprintf(&t.out, "%s: %s\n", name, strings.Join(lines, "\n"))
	}
}
