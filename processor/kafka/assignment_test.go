package kafka

import (
	"slices"
	"testing"

	"github.com/segmentio/kafka-go"
	"pgregory.net/rapid"
)

// Whatever is assigned, and into however many shares: each partition has one unit, those of one number the same, and no
// unit is idle.
func TestPartitionsAreLentWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := &kafka.Generation{ID: 7, MemberID: "m", Assignments: map[string][]kafka.PartitionAssignment{}}
		all := 0
		for _, topic := range []string{"a", "b", "c"} {
			for _, id := range rapid.SliceOfDistinct(rapid.IntRange(0, 9), func(id int) int { return id }).Draw(t,
				topic) {
				gen.Assignments[topic] = append(gen.Assignments[topic], kafka.PartitionAssignment{ID: id, Offset: 5})
				all++
			}
		}
		a := newAssignment(gen, func(source) *memory { return nil })
		r := &Runner{env: env{cfg: &Config{Units: rapid.IntRange(1, 5).Draw(t, "units")}}}
		for range 2 { // shared anew, it is the same
			lent := a.lend(r.unitsFor(a))
			seen, numbers := map[string]bool{}, map[int32]int{}
			for unit, list := range lent {
				if len(list) == 0 {
					t.Fatalf("unit %d of %d has nothing to do", unit, len(lent))
				}
				for _, p := range list {
					if other, ok := numbers[p.id]; ok && other != unit {
						t.Fatalf("partitions %d are lent to units %d and %d", p.id, other, unit)
					}
					numbers[p.id], seen[p.String()] = unit, true
				}
			}
			if len(seen) != all {
				t.Fatalf("%d of %d partitions are lent", len(seen), all)
			}
		}
	})
}

// What a partition knows beyond the work of one unit outlives a change of load.
func TestAnAssignmentOutlivesItsUnits(t *testing.T) {
	a := newAssignment(&kafka.Generation{Assignments: map[string][]kafka.PartitionAssignment{"raw": {{ID: 0},
		{ID: 1}}}}, func(source) *memory { return nil })
	first := a.lend(1)[0]
	first[1].tooLarge = map[int64]int{42: tooLargeOutput}
	first[1].position, first[1].fetching.seeking, first[1].held.attempts = 42, true, 3
	first[1].committed, first[1].owner = 42, "verdict-a-0"
	p := a.lend(2)[1][0]
	if p != first[1] || p.tooLarge[42] != tooLargeOutput {
		t.Error("what was learned of a record is forgotten")
	}
	if p.position != unknown || p.committed != -1 || p.owner != "" || p.fetching != (fetching{}) || p.held != (held{}) {
		t.Errorf("the next unit goes by what the one before was doing: %+v", p)
	}
}

func TestDealGivesTheLargestFirst(t *testing.T) {
	if got := deal([]int{1, 1, 3, 1, 2}, make([]int, 2), nil); !slices.Equal(got, []int{1, 0, 0, 1, 1}) {
		t.Error(got)
	}
	if got := deal([]int{1, 1, 1}, []int{2, 0}, nil); !slices.Equal(got, []int{1, 1, 0}) {
		t.Error("beside what is there", got)
	}
}
