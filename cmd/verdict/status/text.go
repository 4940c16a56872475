package status

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// text writes a report for a person: what is wrong, then the partitions, the worst first, then who could not be asked.
func (l *looker) text(r *report) error {
	paint := screen.NewPaint(l.o.Out)
	out := screen.Wrapped(l.o.Out, len("FAILED  "))
	var head string
	switch r.Outcome {
	case Fine:
		head = paint.As(screen.Green, "ok    ")
	case Wrong:
		head = paint.As(screen.Red, "FAILED")
	case Unknown:
		head = paint.As(screen.Yellow, "warn  ")
	}
	if l.o.Watch {
		fmt.Fprintln(out, r.At.Format(time.DateTime))
	}
	fmt.Fprintf(out, "%s  group %s: %s\n", head, r.Group, r.summary())
	for i, p := range r.Problems {
		if i == mostProblems && !l.o.All {
			fmt.Fprintf(out, "%s  and %d more things that are wrong: --all shows them\n",
				paint.As(screen.Yellow, "warn  "), len(r.Problems)-i)
			break
		}
		mark := paint.As(screen.Yellow, "warn  ")
		if p.Fails {
			mark = paint.As(screen.Red, "FAILED")
		}
		fmt.Fprintf(out, "%s  %s\n", mark, p.Text)
	}
	if len(r.Partitions) > 0 {
		fmt.Fprintln(out)
		if err := l.table(r, paint).Write(l.o.Out); err != nil {
			return err
		}
	}
	if len(r.Members) > 0 {
		fmt.Fprintln(out)
		if err := l.members(r, paint).Write(l.o.Out); err != nil {
			return err
		}
	}
	l.notAsked(r)
	return nil
}

// summary is all in one line.
func (r *report) summary() string {
	text := wording.Count(len(r.Members), "member") + ", " + wording.Count(len(r.Partitions), "partition")
	unknown := len(r.those(func(p *partView) bool { return p.Lag == nil }))
	switch {
	case unknown > 0:
		return text + "; what waits is not known of " + wording.Count(unknown, "partition")
	case r.Lag == 0:
		return text + "; no record waits"
	}
	text += "; " + screen.Either(r.Lag == 1, "1 record waits", fmt.Sprintf("%d records wait", r.Lag))
	if r.Oldest == nil {
		return text
	}
	return text + ", the oldest for " + r.age(r.Oldest)
}

const (
	// foldFrom is how many partitions have a line each.
	foldFrom = 12
	// mostRows is how many lines a table has at most, however much is wrong.
	mostRows = 40
	// mostProblems is how many things that are wrong are shown.
	mostProblems = 20
	// besideTable is how many lines what stands above and below a table takes, as a rule.
	besideTable = 10
)

// rows is how many lines a table may have: when it is watched, what is wrong must not scroll away above it.
func (l *looker) rows(r *report) int {
	if height, known := screen.Height(l.o.Out); known && l.o.Watch {
		return min(max(height-besideTable-len(r.Members), 5), mostRows)
	}
	return mostRows
}

// table has a line for each partition, or for those of one owner of which the same is said.
func (l *looker) table(r *report, paint screen.Paint) *screen.Table {
	t := &screen.Table{}
	t.Row("PARTITION", "OWNER", "LAG", "OLDEST", "COMMIT", "STATE")
	groups := l.groups(r)
	for i, list := range groups {
		if i == l.rows(r) && !l.o.All {
			left := 0
			for _, list := range groups[i:] {
				left += len(list)
			}
			t.Note(0, fmt.Sprintf("and %s more: --all shows them", wording.Count(left, "partition")))
			break
		}
		t.Row(l.row(r, list, paint)...)
	}
	return t
}

// groups are the partitions of each line, the worst first.
func (l *looker) groups(r *report) [][]*partView {
	all := r.those(func(*partView) bool { return true })
	slices.SortStableFunc(all, func(a, b *partView) int { return cmp.Compare(a.rank(), b.rank()) })
	var groups [][]*partView
	at := map[[3]string]int{}
	for _, p := range all {
		key := [3]string{p.Owner, p.word(), p.Reason}
		i, ok := at[key]
		if fold := len(all) > foldFrom && !l.o.All; !ok || !fold {
			i = len(groups)
			at[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], p)
	}
	return groups
}

// rank sorts the worst first.
func (p *partView) rank() int {
	if p.bad == "" {
		return len(kinds)
	}
	return slices.Index(kinds, p.bad)
}

// word is what is said of a partition in the table.
func (p *partView) word() string {
	if p.State == string(kindHeld) || p.State == string(kindRestoring) || p.State == string(kindStarting) {
		return p.State
	}
	if p.bad != "" {
		return screen.Words(string(p.bad))
	}
	return "ok"
}

// row sums partitions up: all that waits, the oldest of it, and the commit that is longest ago.
func (l *looker) row(r *report, list []*partView, paint screen.Paint) []string {
	lag, known := int64(0), true
	var oldest, commit *time.Time
	for _, p := range list {
		if p.Lag != nil {
			lag += *p.Lag
		}
		known = known && p.Lag != nil
		if p.Oldest != nil && (oldest == nil || p.Oldest.Before(*oldest)) {
			oldest = p.Oldest
		}
		if p.LastCommit != nil && (commit == nil || p.LastCommit.Before(*commit)) {
			commit = p.LastCommit
		}
	}
	p := list[0]
	word := p.word()
	switch {
	case p.bad.fails() && p.bad != "":
		word = paint.As(screen.Red, word)
	case p.bad != "":
		word = paint.As(screen.Yellow, word)
	}
	return []string{names(list), screen.OrDash(screen.Squeeze(l.name(p.Owner), 24)),
		screen.Either(known, strconv.FormatInt(lag, 10), "?"), r.age(oldest), r.age(commit), word}
}
