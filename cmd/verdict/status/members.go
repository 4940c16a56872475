package status

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// members has a line for each instance.
func (l *looker) members(r *report, paint screen.Paint) *screen.Table {
	t := &screen.Table{}
	t.Row("MEMBER", "HOST", "HAS", "COMMIT", "READY", "RULES")
	for i := range r.Members {
		if m := &r.Members[i]; i < mostRows || l.o.All {
			ready := "not asked"
			if m.Ready != nil {
				ready = screen.Either(*m.Ready, "yes", paint.As(screen.Yellow, "no"))
			}
			t.Row(screen.Squeeze(l.name(m.ClientID), 24), plain(m.Host), strconv.Itoa(m.Partitions),
				r.age(m.LastCommit), ready, screen.OrDash(plain(cmp.Or(m.RulesVersion, m.marked))))
		}
	}
	if left := len(r.Members) - mostRows; left > 0 && !l.o.All {
		t.Note(0, fmt.Sprintf("and %s more: --all shows them", wording.Count(left, "member")))
	}
	return t
}

// notAsked names who has not said what it does, and since when nothing of it was committed.
func (l *looker) notAsked(r *report) {
	if len(r.NotAsked) == 0 {
		return
	}
	out := screen.Wrapped(l.o.Out, 2)
	fmt.Fprintln(out, "\nNot asked:")
	for _, n := range r.NotAsked {
		var said []string
		if n.ClientID != "" {
			said = append(said, fmt.Sprintf("%s (%s)", l.name(n.ClientID), plain(n.Host)))
		}
		said = append(said, strings.TrimPrefix(n.URL+": "+n.Reason, ": "))
		text := strings.Join(said, ", ")
		switch {
		case n.LastCommit != nil:
			text += "; no commit for " + r.age(n.LastCommit)
		case n.ClientID != "":
			text += "; no commit of it is known"
		}
		fmt.Fprintf(out, "  %s\n", text)
	}
	fmt.Fprintln(out, "Only an instance knows why a partition is held or restoring: name where it listens "+
		"(http.address) by --instance URL.")
}
