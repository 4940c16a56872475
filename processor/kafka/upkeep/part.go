package upkeep

import (
	"context"
	"fmt"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
	"verdict/processor/state"
)

// Part is a raw partition: where the group is in it, and where its state stands.
type Part struct {
	Topics
	ID    int32
	Count int32 // partitions of the raw topic

	Offset int64 // the group's; -1: it has none
	Note   transact.Note

	HasLog     bool           // the changelog has this partition
	Position   state.Position // Number 0: the changelog has no position record
	Start, End int64          // of what the changelog's partition holds
	// Unreadable is a key's last record in the changelog that this version cannot read. As long as there is none after
	// it, a runner holds the partition.
	Unreadable error
	unread     map[string]error // by key: what its last record has that this version cannot read

	tally *state.Tally // of what was counted; nil: nothing was
}

func (p *Part) String() string { return fmt.Sprintf("%s/%d", p.Raw, p.ID) }

// Log names the changelog's partition.
func (p *Part) Log() string { return fmt.Sprintf("%s/%d", p.Changelog, p.ID) }

// Known says whether there is a position record.
func (p *Part) Known() bool { return p.Position.Number > 0 }

// PartitionOf is where a producer puts a key, as Java's do, in a topic of so many partitions.
func PartitionOf(key []byte, count int32) int32 { return wire.PartitionFor(key, 0, count) }

// missingAfter is how long a topic may be unknown to the brokers before it counts as not there.
const missingAfter = 5 * time.Second

// Parts lists the partitions of a raw topic, with the group's offsets; those of a group at work may move meanwhile.
func (g *Group) Parts(ctx context.Context, t Topics) ([]*Part, error) {
	return g.parts(ctx, t, false)
}

func (g *Group) parts(ctx context.Context, t Topics, stable bool) ([]*Part, error) {
	var layout cluster.Layout
	began := time.Now()
	for {
		err := g.try(ctx, "the partitions of "+t.Raw, func(ctx context.Context) (err error) {
			layout, err = g.client.Layout(ctx)
			return err
		})
		if err != nil {
			return nil, err
		}
		if layout.Partitions(t.Raw) > 0 && layout.Partitions(t.Changelog) > 0 {
			break
		}
		if time.Since(began) > missingAfter || !cluster.Sleep(ctx, 200*time.Millisecond) {
			return nil, cluster.MissingTopic(absent(layout, t))
		}
	}
	parts := make([]*Part, layout.Partitions(t.Raw))
	for id := range parts {
		parts[id] = &Part{Topics: t, ID: int32(id), Count: int32(len(parts)), Offset: -1,
			HasLog: int32(id) < layout.Partitions(t.Changelog)}
	}
	return parts, g.locate(ctx, parts, stable)
}

func absent(l cluster.Layout, t Topics) string {
	if l.Partitions(t.Raw) == 0 {
		return t.Raw
	}
	return t.Changelog
}

// Locate looks again where the group is.
func (g *Group) Locate(ctx context.Context, parts []*Part) error { return g.locate(ctx, parts, false) }

// Read reads the changelogs of partitions as far as they are committed and notes where they stand. It calls each with
// every change of a memory, those of one partition in order, one call at a time: key and value are valid during the
// call, a nil value forgets.
func (g *Group) Read(ctx context.Context, parts []*Part, each func(p *Part, key, value []byte) error) error {
	return g.read(ctx, parts, scan.LastStable(), each)
}

func (g *Group) read(ctx context.Context, parts []*Part, to scan.Place,
	each func(p *Part, key, value []byte) error) error {
	byID := map[transact.Key]*Part{}
	var ranges []scan.Range
	for _, p := range parts {
		if !p.HasLog {
			continue
		}
		p.Position, p.Unreadable, p.unread = state.Position{}, nil, map[string]error{}
		byID[transact.Key{Topic: p.Changelog, Partition: p.ID}] = p
		ranges = append(ranges, scan.Range{Topic: p.Changelog, Partition: p.ID, From: scan.Earliest(), To: to})
	}
	if len(ranges) == 0 {
		return nil
	}
	result, err := scan.Read(ctx, g.client, ranges, scan.Options{}, func(r *processor.Record) error {
		p := byID[transact.Key{Topic: r.Topic, Partition: r.Partition}]
		if string(r.Key) != string(state.PositionKey) {
			return each(p, r.Key, r.Value)
		}
		position, err := state.ParsePosition(r.Value)
		if err == nil {
			p.Position = position
		} else {
			err = fmt.Errorf("offset %d: %w", r.Offset, err)
		}
		p.took(r.Key, err)
		return nil
	})
	for i := range result.Partitions {
		at := &result.Partitions[i]
		p := byID[transact.Key{Topic: at.Topic, Partition: at.Partition}]
		p.Start, p.End = at.Start, at.End
		for _, err := range p.unread {
			p.Unreadable = fmt.Errorf("%s: %w", p.Log(), err)
		}
	}
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	return nil
}

// took notes whether a key's record can be read. Only its last one counts.
func (p *Part) took(key []byte, err error) {
	if err != nil {
		p.unread[string(key)] = err
	} else if len(p.unread) > 0 {
		delete(p.unread, string(key))
	}
}

// readable says why a partition's state cannot be had.
func (p *Part) readable() error {
	if p.Unreadable == nil {
		return nil
	}
	return fmt.Errorf("%w; %s", p.Unreadable, p.UnreadableCure())
}

// UnreadableCure is what to do about a record that cannot be read.
func (p *Part) UnreadableCure() string {
	return fmt.Sprintf("run the version that wrote it; or stop the group and decide all anew with `verdict state "+
		"reset`; "+
		"if that says the same, delete the topic %s and make it again with `verdict topics --create` before",
		p.Changelog)
}

// check says why a partition's state must not be moved as it is.
func (p *Part) check() error {
	if err := p.readable(); err != nil {
		return err
	}
	switch {
	case p.Known() && p.Position.RawTopic != p.Raw:
		return fmt.Errorf("%s holds the state of %s, not of %s: give each raw topic and group a changelog of its own",
			p.Log(), p.Position.RawTopic, p.Raw)
	case p.Known() && p.Position.Partitions <= 0:
		return fmt.Errorf("%s: its position record does not say how many partitions %s had: `verdict state reset` "+
			"decides all that it has", p.Log(), p.Raw)
	case p.Known() && p.Position.Partitions > p.Count:
		return fmt.Errorf("%s had %d partitions and has %d: it was created anew; `verdict state reset` decides all "+
			"that it has", p.Raw, p.Position.Partitions, p.Count)
	}
	return nil
}
