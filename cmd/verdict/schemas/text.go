package schemas

import (
	"fmt"
	"io"
	"slices"
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
	case s.RegisteredNow:
		return version + ", registered now"
	case s.State == codec.NewSubject:
		return "it has no version yet"
	case s.State == codec.NewVersion && s.Version == 0:
		return "after versions that the registry does not give"
	case s.State == codec.NewVersion:
		return "after " + version
	case len(s.Newer) > 0:
		return version + "; the registry has " + numbers(s.Newer) + " too, newer than this program's"
	default:
		return version
	}
}

func numbers(versions []int) string {
	var texts []string
	for _, v := range versions {
		texts = append(texts, strconv.Itoa(v))
	}
	return screen.Either(len(texts) == 1, "version ", "versions ") + strings.Join(texts, ", ")
}

// safeRules are those by which the registry refuses what present subscribers could not read.
var safeRules = []string{"FULL_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL", "FORWARD"}

// rules tells the levels once for all subjects that share one, and warns of those that let breaks pass.
func (p printer) rules(subjects []subject) {
	var levels []string
	by := map[string][]string{}
	for i := range subjects {
		s := &subjects[i]
		if s.Rule == "" {
			continue
		}
		if !slices.Contains(levels, s.Rule) {
			levels = append(levels, s.Rule)
		}
		by[s.Rule] = append(by[s.Rule], s.Subject)
	}
	for _, level := range levels {
		of := screen.Either(len(by[level]) == len(subjects), "all", strings.Join(by[level], ", "))
		if slices.Contains(safeRules, level) {
			fmt.Fprintf(p.out, "%-11s  %s of %s\n", "rule", level, of)
			continue
		}
		fmt.Fprintf(p.out, "%s  rule %s of %s: the registry takes schemas that present subscribers cannot read\n",
			p.paint.As(screen.Yellow, fmt.Sprintf("%-11s", "warn")), level, of)
		fmt.Fprintf(p.out, "%scure: set it to FULL_TRANSITIVE, which Verdict's own schemas keep to\n", indent)
	}
}

func (r *report) summary(o *Options) string {
	known := r.count(func(s *subject) bool { return s.State == codec.Registered })
	now := r.count(func(s *subject) bool { return s.RegisteredNow })
	all := len(r.Subjects)
	switch {
	case r.Breaks && o.Register:
		return "A schema would break who reads: nothing was registered. Use other topic names (their version counts " +
			"up with each incompatible change)."
	case r.Breaks:
		return "A schema would break who reads. Use other topic names (their version counts up with each " +
			"incompatible change)."
	case now > 0 || o.Register && known < all: // what failed is told beside it
		return wording.Count(now, "schema") + " registered now, " + strconv.Itoa(known-now) + " before" +
			screen.Either(known < all, ", "+strconv.Itoa(all-known)+" not.", ".")
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
