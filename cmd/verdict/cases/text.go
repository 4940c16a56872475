package cases

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
	"verdict/rules/wording"
)

// maxChanged is how many changed cases are told in full: a rule that all cases of a vocabulary meet changes them all.
const maxChanged = 20

// WriteText tells a person what did not pass, what changed and what no case names.
func (r *Report) WriteText(to io.Writer) {
	out, paint := screen.Wrapped(to, len("changed ")), screen.NewPaint(to)
	changed := 0
	for i := range r.Results {
		one := &r.Results[i]
		place := fmt.Sprintf("%s:%d: %s", one.file(), one.Case.Line, one.Case.Name)
		switch one.Verdict {
		case Passed:
		case Todo:
			fmt.Fprintf(out, "%s %s (%s)\n", paint.As(screen.Yellow, "to do  "), place, one.Case.Todo)
		case Finished:
			fmt.Fprintf(out, "%s %s\n%s", paint.As(screen.Red, "FAILED "), place, one.explained())
		case Failed:
			fmt.Fprintf(out, "%s %s\n%s", paint.As(screen.Red, "FAILED "), place, one.explained())
		case Changed:
			if changed++; changed <= maxChanged {
				fmt.Fprintf(out, "%s %s\n%s", paint.As(screen.Blue, "changed"), place, one.explained())
			}
		}
	}
	if more := changed - maxChanged; more > 0 {
		fmt.Fprintf(out, "%s %s more; --junit FILE has them all\n", paint.As(screen.Blue, "changed"),
			wording.Count(more, "case"))
	}
	for _, s := range r.Suites {
		fmt.Fprintln(out, r.summary(s))
		for _, text := range s.Warnings() {
			fmt.Fprintf(out, "%s %s\n", paint.As(screen.Yellow, "warn   "), text)
		}
	}
	r.writeUnnamed(out)
}

// explained has a line for each difference, and one for the rule behind one or several.
func (r *Result) explained() string {
	const indent = "        "
	if r.Verdict == Finished {
		return indent + "it passes, though it is marked as to do (" + r.Case.Todo + "): remove its todo\n"
	}
	var b strings.Builder
	for i, d := range r.Differences {
		b.WriteString(indent)
		if len(r.Case.Events) > 1 {
			fmt.Fprintf(&b, "event %d, ", d.Event+1)
		}
		fmt.Fprintf(&b, "%s (line %d): wanted %s, got %s\n", d.Path, d.Line, d.Wanted, d.Got)
		more := i+1 < len(r.Differences) && r.Differences[i+1].Event == d.Event && r.Differences[i+1].Rule == d.Rule
		if d.Rule.Basis != "" && !more {
			fmt.Fprintf(&b, "%s  by %s\n", indent, d.Rule)
		}
	}
	return b.String()
}

func (r Rule) String() string {
	if r.File == "" {
		return r.Basis + ", which no file states"
	}
	return fmt.Sprintf("%s, %s:%d", r.Basis, r.File, r.Line)
}

// Warnings are about cases that somebody may believe to be run.
func (s *Suite) Warnings() (texts []string) {
	read := filepath.Join(s.Dir, rules.CasesDir)
	if s.Dir != "" && len(s.Cases) == 0 {
		texts = append(texts, fmt.Sprintf("nothing holds the rules in %s to what they must say: write cases into %s",
			s.Dir, read))
	}
	for _, dir := range s.Unread {
		texts = append(texts, fmt.Sprintf("%s is not looked at: cases are in %s", filepath.Join(s.Dir, dir), read))
	}
	return texts
}

func (r *Report) summary(s *Suite) string {
	text := wording.Count(len(s.Cases), "case") + " " + s.Where()
	switch failed := r.Count(s, Failed, Finished); {
	case s.Others && failed == 0:
		return text + fmt.Sprintf(": %d changed", r.Count(s, Changed))
	case s.Others:
		return text + fmt.Sprintf(": %d failed, %d changed", failed, r.Count(s, Changed))
	default:
		text += fmt.Sprintf(": %d passed, %d failed", r.Count(s, Passed), failed)
	}
	if todo := r.Count(s, Todo); todo > 0 {
		text += fmt.Sprintf(", %d to do", todo)
	}
	return text
}

func (r *Report) writeUnnamed(out io.Writer) {
	for _, u := range r.Unnamed {
		count := wording.Count(len(u.Names), u.Kind)
		fmt.Fprintf(out, "no case names %s of %s: %s\n", count, u.Vocabulary, strings.Join(u.Names, ", "))
	}
}
