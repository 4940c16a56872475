// Package diff compares what two sets of rules make of the same events: of a file, or of a range of a raw topic. It
// reads, and writes nothing to Kafka.
//
// The new side are the rules of the settings. The old side are other rules, or what a group has published. Both sides
// fold: each knows of a verification what its own decisions have left. Decisions are compared as values, field by
// field; nothing is encoded.
//
//	diff.go      Run                               file.go       lines of a file
//	sides.go     both sides decide a record        topic.go      a range of a topic
//	counts.go    what differs, counted             published.go  what the output topics hold
//	charges.go   the billing effect                reach.go      how far they hold it
//	times.go     when the events were              nothing.go    where nothing was compared
//
// What is compared of a decision is in show: fields.go, reasons.go.
//
// Left out are overdue notices, which depend on when a clock is looked at, and the headers of what is published.
package diff

import (
	"cmp"
	"context"
	"io"
	"strings"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
)

// Options say what to compare, and how to show it.
type Options struct {
	Config  *config.Loaded
	Version string // of the program
	New     *pipeline.Rules
	NewName string          // for a person
	Old     *pipeline.Rules // nil: what is published; of a topic only
	OldName string          // for a person

	File  string         // "" and "-" are In; where Topic is ""
	Input pipeline.Input // of each line
	Time  time.Time      // of lines without one
	Now   time.Time      // of the report

	Topic    string
	From, To time.Time // by the records' timestamps; zero: all there is

	Show show.DiffFormat
	In   io.Reader
	Out  io.Writer
	Err  io.Writer // for progress and hints
}

// foldBefore is how long before the range events are followed, so that what comes in it is known to be a repeat, late
// or another word.
const foldBefore = 7 * 24 * time.Hour

// Run compares, shows what differs, and says whether anything does. Where nothing could be compared it shows why and
// returns an error that says what to do: nobody should take that for rules that change nothing.
func Run(ctx context.Context, o Options) (differs bool, err error) {
	c := o.newComparison()
	if o.Topic != "" {
		err = c.readTopic(ctx)
	} else {
		err = c.readFile(ctx)
	}
	if err != nil {
		return false, err
	}
	report := c.report()
	if err := show.WriteDiff(o.Out, report, o.Show); err != nil {
		return false, err
	}
	if report.NothingCompared() {
		return false, o.nothing(report)
	}
	return report.Differs(), nil
}

// comparison is one run.
type comparison struct {
	*Options
	sides
	counts  *counts
	times   times
	charges charges
	began   map[processor.Key]bool // verifications of the range that began before it; true: before what was read
	// published is what the old side is, where it is no rules.
	published *published
	was, is   said
	input     show.DiffInput
	left      show.DiffPublished // what is not compared
	known     int                // verifications
}

func (o *Options) newComparison() *comparison {
	c := &comparison{Options: o, counts: newCounts(o.Old, o.New), began: map[processor.Key]bool{},
		times: times{last: map[product]int64{}}}
	c.counts.lines, c.charges.lines = o.Topic == "", o.Topic == ""
	c.charges.table = map[uint64]charge{}
	if o.Old != nil {
		c.oldLacks = o.lacksFormat(o.Old)
	}
	c.newLacks = o.lacksFormat(o.New)
	return c
}

// format is the name by which the records are read.
func (o *Options) format() string {
	for _, t := range o.Config.Topics.Raw {
		if o.Topic != "" && t.Name == o.Topic {
			return t.Format
		}
	}
	return cmp.Or(o.Input.Format, codec.Canonical)
}

// lacksFormat says whether rules have no such format: of a provider that they do not have, each event is a dead letter.
func (o *Options) lacksFormat(r *pipeline.Rules) bool { return r.FormatProblem(o.format()) != "" }

// lack is that format for the report, or "".
func (o *Options) lack(lacks bool) string {
	if !lacks {
		return ""
	}
	return o.format()
}

// compare compares what the sides have made of a record.
func (c *comparison) compare(r *processor.Record, m *memories) {
	c.counts.events++
	c.times.take(&c.was, &c.is, c.old != nil)
	cut := c.noteBegin(m)
	pastUnknown := cut || m.begunBefore(c.From, &c.newResult)
	switch was, is := &c.was, &c.is; {
	case was.unknown && !is.repeat && c.published.notYet(r, is.decision):
		c.left.NotYet++
		return
	case was.unknown && !is.repeat && c.published.gone(r, is.decision):
		c.left.Gone++
		pastUnknown = true
	case was.unknown && is.repeat: // nothing is published for a repeat
		c.counts.neither[is.becomes()]++
	case was.decided() && is.decided():
		c.counts.compare(r, was, is, cut)
	case cut && was.rejected == is.rejected:
		c.left.Unknown++ // repeats are only known with the past
	case was.becomes() != is.becomes():
		c.counts.addBecame(r, was, is)
	default:
		c.counts.neither[is.becomes()]++
	}
	c.charges.take(r, &c.was, &c.is, &c.sides, pastUnknown)
}

// noteBegin notes where the record's verification began, and says whether the old side knows more of its past.
func (c *comparison) noteBegin(m *memories) (cut bool) {
	res := &c.newResult
	if !res.Followed {
		return false
	}
	earlier, noted := c.began[res.Key]
	if !earlier && c.published != nil && c.was.decided() && c.is.decided() {
		published, folded := c.was.decision.Lifecycle.Sequence, c.is.decision.Lifecycle.Sequence
		// The first event that is compared tells: later ones may differ because the rules do.
		if published > folded && (folded == 1 || !noted && m.begunBefore(c.From, res)) {
			c.began[res.Key] = true
			return true
		}
	}
	if !noted && m.begunBefore(c.From, res) {
		c.began[res.Key] = false
	}
	return earlier
}

// begunBefore says whether the verification of a result was known before a time.
func (m *memories) begunBefore(from time.Time, res *processor.Result) bool {
	return res.Followed && !from.IsZero() && res.Memory.FirstSeen < from.Unix()
}

// report is all that was found.
func (c *comparison) report() *show.Diff {
	report := &show.Diff{
		Made: stamp(c.Now), Program: c.Version,
		New: show.DiffSide{Name: c.NewName,
			Versions: []show.DiffCount{{Name: c.New.Catalog.Version}}, Lacks: c.lack(c.newLacks)},
		Old:   show.DiffSide{Name: c.OldName, Lacks: c.lack(c.oldLacks)},
		Input: c.input, Catalog: []string{},
	}
	if c.published != nil {
		report.Old.Versions = sorted(c.published.counted())
		c.left.Decisions, c.left.DeadLetters = c.published.decisions, c.published.deadLetters
		c.left.Unreadable = c.published.unreadable
		report.Published = &c.left
	} else {
		report.Old.Versions = []show.DiffCount{{Name: c.Old.Catalog.Version}}
		for _, line := range show.Changes(c.New.Catalog, c.Old.Catalog) {
			report.Catalog = append(report.Catalog, strings.ReplaceAll(line, "(built in: ", "(old: "))
		}
	}
	report.Verifications.All = c.known
	for _, earlier := range c.began {
		if earlier {
			report.Verifications.BeganEarlier++
		} else {
			report.Verifications.BeganBefore++
		}
	}
	c.counts.fill(report)
	c.charges.fill(report)
	c.fillTimes(report)
	report.Outcome = report.OutcomeNow()
	return report
}
