package schemas

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/processor/codec"
	"verdict/rules/wording"
)

// indent is where what is said of a subject begins.
const indent = "             "

// printer writes a report as text.
type printer struct {
	out   io.Writer
	paint screen.Paint
}

func (o *Options) text(r *report) error {
	var b strings.Builder
	p := printer{&b, screen.NewPaint(o.Out)}
	if !r.Needed {
		fmt.Fprintf(&b, "no schemas are needed: output.format is %s\n", o.Config.Output.Format)
	}
	for i := range r.Subjects {
		p.subject(&r.Subjects[i])
	}
	p.rules(r.Subjects)
	if _, err := io.WriteString(screen.Wrapped(o.Out, len(indent)), b.String()); err != nil || !r.Needed {
		return err
	}
	_, err := fmt.Fprintf(o.Out, "\n%s\n", screen.Prose(r.summary(o), screen.TextWidth(o.Out)))
	return err
}

func (p printer) subject(s *subject) {
	word, color := string(s.State), screen.Green
	switch {
	case len(s.Breaks) > 0:
		word, color = "BREAKS", screen.Red
	case s.Unknown != "":
		word, color = "unknown", screen.Yellow
	}
	fmt.Fprintf(p.out, "%s  %s: %s\n", p.paint.As(color, fmt.Sprintf("%-11s", word)), s.Subject, s.place())
	p.lines("", s.Differences)
	p.lines("breaks: ", s.Breaks)
	p.lines("warn: ", s.Warnings)
	if s.Unknown != "" {
		p.lines("unknown: ", []string{s.Unknown})
	}
}

func (p printer) lines(label string, texts []string) {
	for _, text := range texts {
		fmt.Fprintf(p.out, "%s%s%s\n", indent, label, screen.Printable(text))
	}
}

// place says which version a schema is, or beside which it would be.
func (s *subject) place() string {
	version := fmt.Sprintf("version %d, id %d", s.Version, s.ID)
	switch {
	case s.RegisteredNow && s.Version == 0:
		return fmt.Sprintf("id %d, registered now", s.ID)
	case s.RegisteredNow:
		return version + ", registered now"
	case s.State == codec.NewSubject && len(s.Deleted) > 0:
		return "it has no version but deleted ones, " + wording.Numbers("version", s.Deleted)
	case s.State == codec.NewSubject:
		return "it has no version yet"
	case s.State == codec.NewVersion:
		return "after " + version
	case len(s.Newer) > 0:
		return version + "; the registry has " + wording.Numbers("version", s.Newer) +
			" too, newer than this program's"
	default:
		return version
	}
}

func (r *report) summary(o *Options) string {
	text := r.comesTo(o)
	if n := r.count(isUnknown); n > 0 && !r.Breaks {
		text += " Whether the registry takes " + screen.Either(n == 1, "the one", "those") +
			" marked unknown could not be had from it: exit code 1."
	}
	return text
}

func (r *report) comesTo(o *Options) string {
	known := r.count(func(s *subject) bool { return s.State == codec.Registered })
	now := r.count(func(s *subject) bool { return s.RegisteredNow })
	all := len(r.Subjects)
	tally := wording.Count(now, "schema") + " registered now, " + strconv.Itoa(known-now) + " before" +
		screen.Either(known < all, ", "+strconv.Itoa(all-known)+" not.", ".")
	const otherNames = " Use other topic names (their version counts up with each incompatible change)"
	switch {
	case r.refused:
		return "The registry refused a schema while registering; what is registered stays: " + tally + otherNames +
			", or relax the subject's rule."
	case r.Breaks:
		return screen.Either(o.Register, "A schema would break who reads: nothing was registered.",
			"A schema would break who reads.") + otherNames + "."
	case now > 0 || o.Register && known < all: // what failed is told beside it
		return tally
	case known == all:
		return screen.Either(all == 1, "The schema is", "All "+wording.Count(all, "schema")+" are") + " registered."
	case o.Config.Registry.Register:
		return wording.Count(all-known, "schema") + " to be registered: verdict schemas --register does it, and so " +
			"does the next start of an instance."
	default:
		return wording.Count(all-known, "schema") + " to be registered: verdict schemas --register does it; " +
			"instances do not (registry.register is false)."
	}
}
