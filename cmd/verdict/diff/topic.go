package diff

import (
	"context"
	"runtime/debug"
	"time"

	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/state"
)

// publishedBefore is how long before the range outputs are read: clocks of who writes raw records and of who decides
// them may differ.
const publishedBefore = time.Hour

// readTopic compares what the sides make of each record of a range of a topic.
func (c *comparison) readTopic(ctx context.Context) error {
	cfg, err := pipeline.KafkaConfig(c.Config)
	if err != nil {
		return err
	}
	cfg = cfg.WithDefaults()
	registry, err := pipeline.NewRegistry(c.Config)
	if err != nil {
		return err
	}
	if registry != nil {
		defer registry.Close()
	}
	c.stateless = !cfg.State.Enabled
	c.charges.all, c.charges.stateless = c.stateless || c.Old == nil, c.stateless
	topics := []string{c.Topic}
	if c.Old == nil {
		for _, route := range publishedRoutes {
			if topic := cfg.Topics[route]; topic != "" {
				topics = append(topics, topic)
			}
		}
	}
	to := cfg.Connection.WithDefaults()
	to.ClientID += "-diff"
	client, err := cluster.NewClient(to, topics)
	if err != nil {
		return err
	}
	defer client.Close()
	ranges, err := scan.Topic(ctx, client, c.Topic, c.begin(foldBefore), c.end())
	if err != nil {
		return err
	}
	if c.Old == nil {
		if err := c.readPublished(ctx, client, int32(len(ranges)), cfg.Topics, registry); err != nil {
			return err
		}
	}
	return c.readRaw(ctx, client, ranges, cfg.State.Retention, registry)
}

// begin is the place so long before the range.
func (c *comparison) begin(before time.Duration) scan.Place {
	if c.From.IsZero() {
		return scan.Earliest()
	}
	return scan.Time(c.From.Add(-before))
}

func (c *comparison) end() scan.Place {
	if c.To.IsZero() {
		return scan.LastStable()
	}
	return scan.Time(c.To).Stable()
}

// publishedRoutes are what is published for an event, for better or worse.
var publishedRoutes = []processor.Route{processor.RouteBilling, processor.RouteDecision, processor.RouteDeadLetter}

// readPublished reads what was published for the topic's records: first which decisions have a billing event.
//
// Meanwhile more is published, so the ends are fixed before anything is read. Where a decision can be seen, the
// transactions of its billing event and of the dead letters before it have ended. So the ends of these topics are taken
// after that of the decisions, and at the high watermark: there, a transaction that has ended may not look so yet, or
// an open one may be in front of it.
func (c *comparison) readPublished(ctx context.Context, client *cluster.Client, partitions int32,
	topics [processor.NumRoutes]string, registry *codec.Registry) (err error) {
	if c.published, err = newPublished(c.Topic, partitions, c.New.Catalog, registry); err != nil {
		return err
	}
	p := c.published
	var ranges [processor.NumRoutes][]scan.Range
	for _, route := range []processor.Route{
		processor.RouteDecision, processor.RouteBilling, processor.RouteDeadLetter,
	} {
		if topics[route] == "" {
			continue // the billing topic alone may be off
		}
		if ranges[route], err = c.publishedRanges(ctx, client, route, topics[route]); err != nil {
			return err
		}
	}
	for _, route := range publishedRoutes {
		if topics[route] == "" {
			continue
		}
		result, err := c.scan(ctx, client, ranges[route], "published", readers, func(r *processor.Record) error {
			switch route {
			case processor.RouteDecision:
				return p.takeDecision(ctx, r)
			case processor.RouteDeadLetter:
				p.takeDeadLetter(r)
			default:
				p.takeBilling(r)
			}
			return nil
		})
		if err != nil {
			return err
		}
		p.noteBegins(route, result.Partitions)
	}
	p.sort()
	debug.FreeOSMemory() // what reading has left makes room for what is known of verifications
	return nil
}

// publishedRanges are those of an output topic to read, up to what it has now.
func (c *comparison) publishedRanges(ctx context.Context, client *cluster.Client, route processor.Route,
	topic string) ([]scan.Range, error) {
	to := scan.HighWatermark()
	if route == processor.RouteDecision {
		to = scan.LastStable()
	}
	ranges, err := scan.Topic(ctx, client, topic, c.begin(publishedBefore), to)
	if err != nil {
		return nil, err
	}
	return scan.Ends(ctx, client, ranges)
}

func (c *comparison) readRaw(ctx context.Context, client *cluster.Client, ranges []scan.Range, retention time.Duration,
	registry *codec.Registry) error {
	c.new = pipeline.NewComparing(c.Config, c.Version, c.New, nil, registry)
	if c.Old != nil {
		c.old = pipeline.NewComparing(c.Config, c.Version, c.Old, nil, registry)
	}
	all := map[int32]*memories{}
	defer func() {
		for _, m := range all {
			m.free()
		}
	}()
	now := time.Now().UnixMilli()
	from, to := c.From.UnixMilli(), c.To.UnixMilli()
	_, err := c.scan(ctx, client, ranges, "compared", 1, func(r *processor.Record) error {
		m := all[r.Partition]
		if m == nil {
			m = newMemories(state.Options{Retention: retention})
			all[r.Partition] = m
		}
		m.advance(min(r.Timestamp, now))
		if err := c.process(r, m, &c.was, &c.is); err != nil {
			return err
		}
		switch {
		case !c.From.IsZero() && r.Timestamp < from:
			c.input.Folded++
			return nil
		case !c.To.IsZero() && r.Timestamp >= to:
			return nil
		}
		if c.Old == nil {
			c.published.say(r, c.is.decision, &c.was)
		}
		c.compare(r, m)
		return nil
	})
	for _, m := range all {
		c.known += m.shared.Len()
	}
	c.input.Topic, c.input.From, c.input.To = c.Topic, stamp(c.From), stamp(c.To)
	if c.input.Folded > 0 {
		c.input.FoldFrom = stamp(c.From.Add(-foldBefore))
	}
	return err
}

// readers is how many partitions of what is published are read side by side: most of that is reading values, and order
// does not matter there.
const readers = 2

// scan reads ranges, so many partitions side by side, and shows how far it is.
func (c *comparison) scan(ctx context.Context, client *cluster.Client, ranges []scan.Range, what string, parallel int,
	each func(*processor.Record) error) (scan.Result, error) {
	s := pipeline.Scan{Client: client, Options: scan.Options{Parallel: parallel}, What: what, To: c.Err}
	return s.Read(ctx, ranges, each)
}

// stamp is a time for the report; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
