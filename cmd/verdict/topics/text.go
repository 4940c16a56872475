package topics

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// write shows what is to be done, or is done.
func (o *Options) write(r *report) error {
	if o.JSON {
		return screen.WriteJSON(o.Out, r)
	}
	if o.Do == Create {
		return r.created(o.Out)
	}
	r.creations(o.Out)
	t := &screen.Table{}
	for i := range r.Topics {
		r.Topics[i].rows(t)
	}
	if err := t.Write(o.Out); err != nil {
		return err
	}
	r.failures(o.Out)
	r.left(o.Out)
	if text := r.sum(); text != "" {
		fmt.Fprintln(screen.Wrapped(o.Out, 0), text)
	}
	return nil
}

// indent of what is said of a topic, below its name.
const indent = "    "

// creations are a paragraph for each new topic.
func (r *report) creations(w io.Writer) {
	out := screen.Wrapped(w, len(indent))
	for _, t := range r.Topics {
		if t.Partitions == nil || t.Partitions.Old > 0 {
			continue
		}
		text := t.Result + " " + t.Topic + ": " + wording.Count(t.Partitions.New, "partition")
		if t.ReplicationFactor != nil {
			text += " of " + wording.Count(*t.ReplicationFactor, "replica")
		}
		for _, s := range t.Settings {
			text += " " + s.Name + "=" + s.New
		}
		fmt.Fprintln(out, text)
	}
}

// rows are of a topic that is there, if anything is changed about it.
func (v *topicView) rows(t *screen.Table) {
	p := v.Partitions
	if p != nil && p.Old == 0 || p == nil && len(v.Settings) == 0 {
		return
	}
	what := map[string]string{failed: changed, refused: toChange}[v.Result]
	t.Note(0, cmp.Or(what, v.Result)+" "+v.Topic)
	if p != nil {
		t.Row(indent+"partitions", strconv.Itoa(p.New), "was "+strconv.Itoa(p.Old)+"; keys may move")
	}
	for _, s := range v.Settings {
		before := "was not set"
		if s.Old != nil {
			before = "was " + *s.Old + inWords(s.Name, *s.Old)
		}
		t.Row(indent+s.Name, s.New+inWords(s.Name, s.New), before)
	}
}

// inWords says how long a number of milliseconds is, if it is worth it.
func inWords(name, value string) string {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || !strings.HasSuffix(name, ".ms") || n < int64(time.Hour/time.Millisecond) {
		return ""
	}
	d := time.Duration(n) * time.Millisecond
	if n > int64(time.Duration(1<<62)/time.Millisecond) {
		return ""
	}
	if days := d / (24 * time.Hour); d%(24*time.Hour) == 0 {
		return " (" + wording.Count(int(days), "day") + ")"
	}
	return " (" + screen.FormatDuration(d) + ")"
}

// failures tells what is common to several, the cure, once.
func (r *report) failures(w io.Writer) {
	out := screen.Wrapped(w, len("FAILED   "))
	var all []topicView
	for _, t := range r.Topics {
		if t.Error != "" {
			all = append(all, t)
		}
	}
	for i, t := range all {
		fmt.Fprintf(out, "FAILED   %s: %s\n", t.Topic, t.Error)
		if last := i == len(all)-1; t.Cure != "" && (last || all[i+1].Cure != t.Cure) {
			fmt.Fprintf(out, "         cure: %s\n", t.Cure)
		}
	}
}

// left tells what stays otherwise than planned.
func (r *report) left(w io.Writer) {
	out := screen.Wrapped(w, len(indent))
	first := true
	for _, t := range r.Topics {
		for _, l := range t.Left {
			if first {
				fmt.Fprintln(out, "\nLeft as it is")
				first = false
			}
			fmt.Fprintf(out, "  %s: %s %s%s, planned %s%s\n", t.Topic, l.Name, screen.OrDash(l.Old),
				inWords(l.Name, l.Old), l.Planned, inWords(l.Name, l.Planned))
			fmt.Fprintf(out, "    %s\n", l.Why)
			if l.Command != "" {
				fmt.Fprintf(out, "    by hand: %s\n", l.Command)
			}
		}
	}
	if !first {
		fmt.Fprintln(out)
	}
}

// sum is the last line, and one more where what is left does harm; "" where nothing could be done.
func (r *report) sum() string {
	var parts []string
	say := func(result, text string) {
		if n := r.count(result); n > 0 {
			parts = append(parts, wording.Count(n, "topic")+" "+text)
		}
	}
	say(toCreate, "to create")
	say(toChange, "to change")
	if parts != nil {
		parts = []string{strings.Join(parts, ", ") + "; `verdict topics --apply` does it"}
	}
	say(refused, "refused, wholly or in part")
	say(unknown, "could not be looked at")
	say(created, "created")
	say(changed, "changed")
	text := strings.Join(parts, ", ")
	left, harmful := r.countLeft()
	switch {
	case text != "":
	case r.Outcome == "failed":
		return ""
	case left > 0:
		text = "nothing that `verdict topics --apply` does; " + wording.Count(left, "thing") +
			screen.Either(left == 1, " is", " are") + " left to you"
	default:
		return "nothing to do: the cluster has what these settings need"
	}
	if harmful > 0 {
		text += "\n" + wording.Count(harmful, "thing") + " of what is left can hold partitions or lose records: " +
			"`verdict check --connect` says more"
	}
	return text
}

// countLeft says how much is left to a person, and how much of it does harm.
func (r *report) countLeft() (all, harmful int) {
	for _, t := range r.Topics {
		all += len(t.Left)
		for _, l := range t.Left {
			if l.Harms {
				harmful++
			}
		}
	}
	return all, harmful
}

// created is a line for each topic.
func (r *report) created(w io.Writer) error {
	t := screen.Table{}
	for _, v := range r.Topics {
		switch v.Result {
		case created:
			t.Row("created", v.Topic)
		case unchanged:
			t.Row("exists", v.Topic, "unchanged")
		}
	}
	if err := t.Write(w); err != nil {
		return err
	}
	r.failures(w)
	return nil
}
