// Package explain says of one record what it is, what was decided from what and by which rules, and what the present
// rules make of the same. It reads, and writes nothing to Kafka.
//
//	explain.go  Run: from any record to the raw one    place.go    which topics have which records
//	fetch.go    one record, or why there is none       search.go   what was published for a record
//	judge.go    what the present rules say             missing.go  why nothing was found, and what to do
//	withheld.go what is not shown of that
package explain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
)

// Options say which record to explain, and how.
type Options struct {
	Config  *config.Loaded
	Rules   *pipeline.Rules // of the settings
	Version string          // of the program
	Place   Place
	Within  time.Duration // how much later than a raw record what was published for it is looked for
	Payload bool          // shows what the raw record says
	JSON    bool
	Now     time.Time
	Out     io.Writer
	Err     io.Writer // for progress
}

// explaining is one run.
type explaining struct {
	*Options
	cfg      kafka.Config
	client   *cluster.Client
	registry *codec.Registry
	reader   *codec.OutputReader

	raw       *processor.Record // nil: it is not there, or not looked for yet
	published *said             // nil likewise
	now       *judged           // what the present rules make of raw; nil likewise
	report    show.Explained

	groupAt    int64 // where the group goes on in the raw record's partition; below 0: nobody says
	unreadable int   // records of the decisions' topic, in what was searched last
	unread     error // the first of them
}

// said is what was published in one record.
type said struct {
	route    processor.Route
	record   *processor.Record
	decision *processor.Decision // what the route carries of it; nil of a dead letter
	rejected *show.DeadLetter
	rules    string
	copies   int
	letter   *processor.Record // a dead letter for the same raw record that is later than the decision; nil: none
}

// Run explains a record, and says whether what is published differs from what the present rules say. Where there is no
// such record, the error says why and what to do. Where it is there and cannot be held against the present rules, the
// explanation is shown as far as it goes, and the error says what is missing.
func Run(ctx context.Context, o Options) (differs bool, err error) {
	x := &explaining{Options: &o}
	if x.cfg, err = pipeline.KafkaConfig(o.Config); err != nil {
		return false, err
	}
	x.cfg = x.cfg.WithDefaults()
	x.cfg.Topics = o.Config.Topics.Output // also those that are not written without state
	if x.registry, err = pipeline.NewRegistry(o.Config); err != nil {
		return false, err
	}
	if x.registry != nil {
		defer x.registry.Close()
	}
	if x.reader, err = codec.NewOutputReader(x.registry); err != nil {
		return false, err
	}
	to := x.cfg.Connection.WithDefaults()
	to.ClientID += "-explain"
	if x.client, err = cluster.NewClient(to, x.topics()); err != nil {
		return false, err
	}
	defer x.client.Close()
	if err := x.explain(ctx); err != nil {
		return false, err
	}
	if err := show.WriteExplained(o.Out, &x.report, o.Rules.Catalog, o.JSON); err != nil {
		return false, err
	}
	return x.report.Result == show.ExplainedDiffers, x.unknown()
}

// topics are those that the place leads to: of others nobody needs a right.
func (x *explaining) topics() []string {
	decisions := x.cfg.Topics[processor.RouteDecision]
	switch {
	case isRaw(x.Config, x.Place.Topic):
		return []string{x.Place.Topic, decisions, x.cfg.Topics[processor.RouteDeadLetter]}
	case routeOf(x.Config, x.Place.Topic) == processor.RouteRisk:
		return append([]string{x.Place.Topic, decisions}, x.cfg.RawTopics...)
	}
	return append([]string{x.Place.Topic}, x.cfg.RawTopics...)
}

func (x *explaining) explain(ctx context.Context) error {
	r, err := x.fetch(ctx, x.Place)
	if err != nil {
		return err
	}
	x.report.Result, x.report.Differences = show.ExplainedUnknown, []show.Difference{}
	if isRaw(x.Config, r.Topic) {
		x.report.Record = placed("raw record", r)
		x.setRaw(r)
		err = x.fromRaw(ctx)
	} else {
		err = x.fromOutput(ctx, routeOf(x.Config, r.Topic), r)
	}
	if err != nil {
		return err
	}
	return x.compare(ctx)
}

func (x *explaining) setRaw(r *processor.Record) {
	place := placed("raw record", r)
	x.raw, x.report.Raw = r, &place
	if x.Payload {
		x.report.Payload = payloadOf(r)
	}
}

func placed(kind string, r *processor.Record) show.PlacedRecord {
	return show.PlacedRecord{Kind: kind, Topic: r.Topic, Partition: r.Partition, Offset: r.Offset,
		Time: timeText(r.Timestamp)}
}

// fromRaw looks for what was published for the raw record.
func (x *explaining) fromRaw(ctx context.Context) error {
	id := ""
	if now := x.judge(); now != nil && now.decision != nil {
		id = now.decision.VerificationID
	}
	x.groupAt = x.committed(ctx)
	var err error
	x.published, err = x.search(ctx, x.around(x.raw.Timestamp), (*said).over,
		x.decisionOf(placeOf(x.raw), id), x.deadLetterOf(x.raw))
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil:
		x.report.NotFound = []string{"It cannot be looked for now: " + plainly(err)}
	case x.published == nil:
		x.report.NotFound = x.notFound(ctx, id)
	default:
		x.report.Later = x.later()
	}
	return nil
}

// fromOutput reads an output, and looks for the raw record that it is from.
func (x *explaining) fromOutput(ctx context.Context, route processor.Route, r *processor.Record) error {
	x.report.Record = placed(route.Spec().Noun, r)
	source, err := x.readOutput(ctx, route, r)
	if err != nil {
		return fmt.Errorf("%s: %w", x.Place, err)
	}
	if route == processor.RouteRisk {
		if source, err = x.throughDecision(ctx); err != nil || source == (Place{}) {
			return err
		}
	}
	if !isRaw(x.Config, source.Topic) {
		x.report.RawMissing = fmt.Sprintf("it is %s, and the topic is no raw topic of these settings (topics.raw), "+
			"which say how its values are read", source)
		return nil
	}
	raw, err := x.fetch(ctx, source)
	gone, isGone := errors.AsType[*absent](err)
	switch {
	case isGone:
		x.report.RawMissing = gone.text
	case ctx.Err() != nil:
		return err
	case err != nil:
		x.report.RawMissing = err.Error()
	default:
		x.setRaw(raw)
	}
	return nil
}

// readOutput takes what the output says, and gives the place of its raw record.
func (x *explaining) readOutput(ctx context.Context, route processor.Route, r *processor.Record) (Place, error) {
	if route == processor.RouteDeadLetter {
		x.published = deadLetter(r)
		source, err := sourceOf(r)
		if err != nil {
			err = fmt.Errorf("it is no dead letter of Verdict's: its headers %s and %s do not say where the raw "+
				"record is", processor.HeaderSourcePartition, processor.HeaderSourceOffset)
		}
		return source, err
	}
	d := &processor.Decision{}
	if err := x.reader.Read(ctx, route, r.Value, d); err != nil {
		return Place{}, err
	}
	x.published = &said{route: route, record: r, decision: d, rules: d.RulesVersion, copies: 1}
	return Place{d.Source.Topic, d.Source.Partition, d.Source.Offset}, nil
}

// oneTransaction is how far apart in time two records of one transaction are at most.
const oneTransaction = time.Minute

// throughDecision finds the raw record of a risk event, which does not name it, by its decision: both were written in
// one transaction. A repeat has the same id, and no risk event. What was decided again, after a reset or without
// state, has the same id too: the nearest in time counts.
func (x *explaining) throughDecision(ctx context.Context) (Place, error) {
	event := x.published
	at := span{}
	if written := event.record.Timestamp; written >= 0 {
		t := time.UnixMilli(written)
		at = span{t.Add(-oneTransaction), t.Add(oneTransaction)}
	}
	itsDecision := x.decision(event.decision.VerificationID, 0, func(d *processor.Decision) bool {
		return d.ID == event.decision.ID && d.Lifecycle.Transition != processor.TransitionRepeated
	})
	found, err := x.search(ctx, at, nearestTo(event.record.Timestamp), itsDecision)
	switch {
	case ctx.Err() != nil:
		return Place{}, err
	case err != nil:
		x.report.RawMissing = "its decision cannot be looked for now: " + plainly(err)
		return Place{}, nil
	case found == nil:
		x.report.RawMissing = fmt.Sprintf("a risk event does not name it, and its decision %s, which was written "+
			"within a minute of it, is not in %s: retention may have taken it", event.decision.ID,
			x.cfg.Topics[processor.RouteDecision])
		return Place{}, nil
	}
	x.report.Sought = nil
	through := placed(processor.RouteDecision.Spec().Noun, found.record)
	x.report.Through, x.report.Alike = &through, found.copies-1
	s := found.decision.Source
	return Place{s.Topic, s.Partition, s.Offset}, nil
}
