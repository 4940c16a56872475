package upkeep

import (
	"context"
	"fmt"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/wire"
	"verdict/processor/state"
)

// moves brings the keys of one raw topic to where they belong.
type moves struct {
	group *Group
	parts []*Part
	// home has the keys that are where they belong, with that partition: who began anew there is known there.
	home map[processor.Key]int32
}

func (g *Group) rekeyTopic(ctx context.Context, t Topics, undecided, dryRun bool, each func(Step)) error {
	m := moves{group: g, home: map[processor.Key]int32{}}
	parts, err := g.survey(ctx, t, func(p *Part, key, value []byte) error {
		k, to, err := placeOf(key, value, p.Count)
		p.took(key, err)
		if err == nil && value != nil && to == p.ID {
			m.home[k] = to
		}
		if err == nil && value == nil && m.isHome(k, p.ID) {
			delete(m.home, k)
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.parts = parts
	for _, p := range parts {
		if err := p.movable(); err != nil {
			return err
		}
	}
	if !undecided {
		if err := g.allDecided(ctx, parts); err != nil {
			return err
		}
	}
	for _, p := range parts {
		if !p.Known() && p.Offset < 0 {
			continue // it begins at the end
		}
		step, err := m.from(ctx, p, dryRun)
		if err != nil {
			return err
		}
		each(step)
	}
	return m.begin(ctx, dryRun, each)
}

// placeOf reads a record of the changelog, and says where its key belongs among so many partitions; -1 for a key that
// is forgotten.
func placeOf(key, value []byte, count int32) (processor.Key, int32, error) {
	if len(key) != len(processor.Key{}) {
		return processor.Key{}, -1, fmt.Errorf("a key of %d bytes, which is none of a verification's", len(key))
	}
	if value == nil {
		return processor.Key(key), -1, nil
	}
	var m processor.Memory
	err := state.ParseMemory(value, &m)
	return processor.Key(key), wire.PartitionOfHash(m.RecordKey, count), err
}

// movable says why keys must not be moved from or to a partition.
func (p *Part) movable() error {
	if err := p.check(); err != nil {
		return err
	}
	if p.Lost() {
		return fmt.Errorf("%s: %s; run `verdict state begin --again` to go on without them, and then this again", p,
			p.Loss())
	}
	return nil
}

// from moves what belongs elsewhere now away from a partition, in one transaction.
func (m *moves) from(ctx context.Context, p *Part, dryRun bool) (Step, error) {
	step := Step{Part: p, Did: DidStands, Offset: p.Position.Offset}
	switch {
	case !p.Known():
		step.Did, step.Offset = DidBehind, p.Offset
		return step, nil
	case p.Position.Partitions == p.Count:
		return step, nil
	}
	step.Did = DidRekey
	moving, stray, err := m.misplaced(ctx, p)
	if err != nil {
		return step, err
	}
	step.Keys, step.Stray = len(moving), stray
	g := m.group
	c := g.newChange()
	touched := map[int32]bool{}
	for key, v := range moving {
		c.put(p, key[:], nil)
		if m.isHome(key, v.to) {
			step.Known++
			continue
		}
		m.home[key] = v.to
		touched[v.to] = true
		c.put(m.parts[v.to], key[:], v.value)
	}
	at := p.Position
	at.Partitions = p.Count
	c.stand(g, p, at)
	for id := range touched {
		if to := m.parts[id]; to.Known() {
			c.stand(g, to, to.Position) // a memory of a runner's that lacks this is not taken for all of it then
		}
	}
	if dryRun {
		return step, nil
	}
	return step, g.commit(ctx, c)
}

// isHome says whether a key is known in the partition that it belongs to.
func (m *moves) isHome(key processor.Key, partition int32) bool {
	at, ok := m.home[key]
	return ok && at == partition
}

// misplacedMemory is what is remembered of a verification that belongs to another partition, as it is written there.
type misplacedMemory struct {
	to    int32
	value []byte
}

// misplaced reads the changelog of an old partition once more, and keeps what belongs elsewhere now. A key that was not
// here by Java's rule before either is stray: where it belongs only its producer knows.
func (m *moves) misplaced(ctx context.Context, p *Part) (map[processor.Key]misplacedMemory, int, error) {
	moving, stray := map[processor.Key]misplacedMemory{}, map[processor.Key]struct{}{}
	before := p.Position.Partitions
	err := m.group.read(ctx, []*Part{p}, scan.LastStable(), // nobody has written since it was read whole
		func(_ *Part, key, value []byte) error {
			k, to, err := placeOf(key, value, p.Count)
			if err != nil {
				return err // it was read before
			}
			delete(moving, k)
			delete(stray, k)
			if value == nil || to == p.ID {
				return nil
			}
			if _, was, _ := placeOf(key, value, before); was != p.ID {
				stray[k] = struct{}{}
				return nil
			}
			there, err := state.Moved(value)
			moving[k] = misplacedMemory{to, there}
			return err
		})
	return moving, len(stray), err
}

// begin begins the partitions that nothing was decided of, in one transaction: they know what was moved to them.
func (m *moves) begin(ctx context.Context, dryRun bool, each func(Step)) error {
	c := m.group.newChange()
	var steps []Step
	for _, p := range m.parts {
		if p.Known() || p.Offset >= 0 {
			continue
		}
		offset, err := m.group.find(ctx, p, cluster.TimestampEarliest)
		if err != nil {
			return err
		}
		c.stand(m.group, p, state.Position{Offset: offset, Partitions: p.Count, Started: c.now})
		steps = append(steps, Step{Part: p, Did: DidBegin, Offset: offset})
	}
	if len(steps) > 0 && !dryRun {
		if err := m.group.commit(ctx, c); err != nil {
			return err
		}
	}
	for _, s := range steps {
		each(s)
	}
	return nil
}
