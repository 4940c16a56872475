package kafka

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/segmentio/kafka-go"
	"pgregory.net/rapid"

	"verdict/processor/kafka/cluster"
)

// band is a group of instances that come, go and return, each with its own spread, as brokers would have it.
type band struct {
	layout     cluster.Layout
	topics     []string
	generation int32
	instances  map[string]*spread
	present    map[string]bool
	owned      map[string]string           // the instance of each partition, by "topic/number"
	states     map[string]map[string]int64 // upto, by instance and partition; nil: there is no state
	ends       map[string]int64            // of the changelogs
}

func newBand(sizes map[string]int, withState bool) *band {
	b := &band{layout: cluster.Layout{Leaders: map[string][]int32{}}, instances: map[string]*spread{},
		present: map[string]bool{}, ends: map[string]int64{}}
	for _, topic := range slices.Sorted(maps.Keys(sizes)) {
		b.topics = append(b.topics, topic)
		b.layout.Leaders[topic] = make([]int32, sizes[topic])
	}
	if withState {
		b.states = map[string]map[string]int64{}
	}
	return b
}

func (b *band) comes(name string) {
	b.present[name] = true
	if b.instances[name] != nil {
		return
	}
	s := &spread{instance: name, layout: func() (cluster.Layout, error) { return b.layout, nil }}
	b.instances[name] = s
	if b.states == nil {
		return
	}
	b.states[name] = map[string]int64{}
	s.held = func() map[string][]heldPartition {
		held := map[string][]heldPartition{}
		for p, upto := range b.states[name] {
			topic, id := parted(p)
			held[topic] = append(held[topic], heldPartition{int32(id), upto})
		}
		return held
	}
}

func parted(partition string) (topic string, id int) {
	topic = partition[:1]
	_, _ = fmt.Sscan(partition[2:], &id)
	return topic, id
}

func generation(id int32, parts map[string][]int) *kafka.Generation {
	gen := &kafka.Generation{ID: id, Assignments: map[string][]kafka.PartitionAssignment{}}
	for topic, ids := range parts {
		for _, id := range ids {
			gen.Assignments[topic] = append(gen.Assignments[topic], kafka.PartitionAssignment{ID: id})
		}
	}
	return gen
}

// rebalance has the group share anew. It returns the partitions of each instance that is there, before and after.
func (b *band) rebalance(t *rapid.T) (before, after map[string][]string) {
	names := slices.Sorted(maps.Keys(b.present))
	var members []kafka.GroupMember
	for _, name := range names {
		said, err := b.instances[name].UserData()
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, kafka.GroupMember{ID: fmt.Sprintf("%d-%s", b.generation%3, name), Topics: b.topics,
			UserData: said})
	}
	before, after = map[string][]string{}, map[string][]string{}
	for p, name := range b.owned {
		before[name] = append(before[name], p)
	}
	b.generation++
	assigned := b.instances[names[0]].AssignGroups(rapid.Permutation(members).Draw(t, "members"), nil)
	b.owned = map[string]string{}
	for _, m := range members {
		name := m.ID[2:]
		b.instances[name].assigned(generation(b.generation, assigned[m.ID]))
		for topic, ids := range assigned[m.ID] {
			for _, id := range ids {
				p := fmt.Sprintf("%s/%d", topic, id)
				b.owned[p] = name
				after[name] = append(after[name], p)
			}
		}
	}
	b.work(t)
	return before, after
}

// work has owners restore and write state, or not get to it, and others forget some.
func (b *band) work(t *rapid.T) {
	if b.states == nil {
		return
	}
	for _, p := range slices.Sorted(maps.Keys(b.owned)) {
		if rapid.Bool().Draw(t, "something comes") {
			b.ends[p] += 10
		}
		b.states[b.owned[p]][p] = b.ends[p]
	}
	for _, name := range slices.Sorted(maps.Keys(b.states)) {
		for _, p := range slices.Sorted(maps.Keys(b.states[name])) {
			if b.owned[p] != name && rapid.IntRange(0, 3).Draw(t, "forgets") == 0 {
				delete(b.states[name], p)
			}
		}
	}
}

// leastMoves counts, in a way of its own, what members have to give up so that shares differ by one at most: the larger
// shares are for those that have most.
func leastMoves(had []int, all int) int {
	slices.SortFunc(had, func(a, b int) int { return b - a })
	moves := 0
	for i, n := range had {
		allowed := all / len(had)
		if i < all%len(had) {
			allowed++
		}
		moves += max(0, n-allowed)
	}
	return moves
}

// Instances come, go and return: shares stay even, and of what a present instance has, no more moves than has to.
func TestSpreadMovesTheLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.IntRange(0, 40).Draw(t, "partitions")
		b := newBand(map[string]int{"r": all}, rapid.Bool().Draw(t, "with state"))
		for range rapid.IntRange(1, 12).Draw(t, "generations") {
			for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
				switch rapid.IntRange(0, 4).Draw(t, name) {
				case 0:
					b.comes(name)
				case 1:
					delete(b.present, name)
				}
			}
			if len(b.present) == 0 {
				b.comes("a")
			}
			before, after := b.rebalance(t)
			if len(b.owned) != all {
				t.Fatalf("%d of %d partitions are assigned", len(b.owned), all)
			}
			var had []int
			for name := range b.present {
				had = append(had, len(before[name]))
				if n := len(after[name]); n != all/len(b.present) && n != (all-1)/len(b.present)+1 {
					t.Fatalf("%s has %d of %d partitions among %d", name, n, all, len(b.present))
				}
			}
			moved := 0
			for name := range b.present {
				for _, p := range before[name] {
					if b.owned[p] != name {
						moved++
					}
				}
			}
			if want := leastMoves(had, all); moved != want {
				t.Fatalf("%d partitions move, not %d: from %v to %v", moved, want, before, after)
			}
		}
	})
}

// Whoever was away for a while gets nothing but what it still holds, and whoever is joined again has what it had.
func TestSpreadGivesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := map[string]int{"r": rapid.IntRange(0, 40).Draw(t, "partitions")}
		b := newBand(sizes, rapid.Bool().Draw(t, "with state"))
		names := []string{"a", "b", "c", "d", "e"}[:rapid.IntRange(2, 5).Draw(t, "instances")]
		for _, name := range names {
			b.comes(name)
		}
		_, first := b.rebalance(t)
		away := rapid.SampledFrom(names).Draw(t, "away")
		delete(b.present, away)
		kept := maps.Clone(b.states[away])
		b.rebalance(t)
		if b.states != nil {
			b.states[away] = kept
		}
		b.comes(away)
		_, after := b.rebalance(t)
		for _, p := range after[away] {
			if !slices.Contains(first[away], p) {
				t.Fatalf("%s had %v and comes back to %v", away, first[away], after[away])
			}
		}
		if _, again := b.rebalance(t); fmt.Sprint(sets(again)) != fmt.Sprint(sets(after)) {
			t.Fatalf("nobody came or went, and %v becomes %v", after, again)
		}
	})
}

func sets(shares map[string][]string) map[string][]string {
	for _, list := range shares {
		slices.Sort(list)
	}
	return shares
}

// Several topics of several sizes, and partitions that are added: numbers stay together, shares even, and nothing moves
// when nothing changes.
func TestSpreadKeepsNumbersTogetherAndStill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := map[string]int{}
		for _, topic := range []string{"r", "s", "t"} {
			sizes[topic] = rapid.IntRange(1, 12).Draw(t, topic)
		}
		b := newBand(sizes, rapid.Bool().Draw(t, "with state"))
		for range rapid.IntRange(1, 8).Draw(t, "generations") {
			for _, name := range []string{"a", "b", "c", "d"} {
				switch rapid.IntRange(0, 3).Draw(t, name) {
				case 0:
					b.comes(name)
				case 1:
					delete(b.present, name)
				}
			}
			b.comes("e")
			grown := rapid.SampledFrom(b.topics).Draw(t, "grown")
			by := make([]int32, rapid.IntRange(0, 2).Draw(t, "by"))
			b.layout.Leaders[grown] = append(b.layout.Leaders[grown], by...)
			_, after := b.rebalance(t)
			owners, least, most := map[int]string{}, 100, 0
			for name := range b.present {
				least, most = min(least, len(after[name])), max(most, len(after[name]))
			}
			if most-least > len(sizes) {
				t.Fatalf("%d to %d partitions each", least, most)
			}
			for p, owner := range b.owned {
				_, id := parted(p)
				if other, ok := owners[id]; ok && other != owner {
					t.Fatalf("partitions %d are at %s and %s", id, owner, other)
				}
				owners[id] = owner
			}
			if _, again := b.rebalance(t); fmt.Sprint(sets(again)) != fmt.Sprint(sets(after)) {
				t.Fatalf("nobody came or went, and %v becomes %v", after, again)
			}
		}
	})
}

// Of several that hold a partition, the one with most of its state has it; with as much, who had it last.
func TestSpreadGoesByStateThenByTheLastOwner(t *testing.T) {
	s := &spread{layout: func() (cluster.Layout, error) {
		return cluster.Layout{Leaders: map[string][]int32{"r": {1}}}, nil
	}}
	member := func(instance string, generation int32, h holding) kafka.GroupMember {
		c := claim{instance: instance, generation: generation}
		c.add("r", 0, h)
		return kafka.GroupMember{ID: instance, Topics: []string{"r"}, UserData: c.bytes()}
	}
	for name, members := range map[string][]kafka.GroupMember{
		"more state": {member("x", 7, holding{upto: 5, had: true}), member("y", 7, holding{upto: 6})},
		"the owner":  {member("x", 7, holding{upto: 5}), member("y", 7, holding{upto: 5, had: true})},
		"the later owner": {member("x", 6, holding{upto: 5, had: true}),
			member("y", 7, holding{upto: 5, had: true})},
		"the later owner, without state": {member("x", 6, holding{had: true}), member("y", 7, holding{had: true})},
		"by id":                          {member("z", 7, holding{upto: 5}), member("y", 7, holding{upto: 5})},
	} {
		if got := s.AssignGroups(members, nil); len(got["y"]["r"]) != 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
