package kafka

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka/transact"
)

// assignment is what one generation of the group gives this instance. It lives as long as the generation; units are
// lent its partitions, and hand them back when they are shared anew.
type assignment struct {
	generation int32
	member     string
	groups     [][]*partition // by partition number, the topics' in order of their names
}

func newAssignment(gen *kafka.Generation, memoryOf func(source) *memory) *assignment {
	a := &assignment{generation: gen.ID, member: gen.MemberID}
	byID := map[int32][]*partition{}
	for topic, assignments := range gen.Assignments {
		for _, p := range assignments {
			id := int32(p.ID)
			// p.Offset was read before anybody was fenced: it is never used.
			byID[id] = append(byID[id], &partition{topic: topic, id: id, committed: -1, position: unknown, end: unknown,
				outlook: outlook{end: unknown}, memory: memoryOf(source{topic, id})})
		}
	}
	for _, group := range byID {
		slices.SortFunc(group, func(a, b *partition) int { return cmp.Compare(a.topic, b.topic) })
		a.groups = append(a.groups, group)
	}
	slices.SortFunc(a.groups, func(a, b []*partition) int { return cmp.Compare(a[0].id, b[0].id) })
	return a
}

// lend shares the partitions out among n units. Those of one number stay together: what is written about a
// verification, through whichever raw topic its events come, has one writer.
func (a *assignment) lend(n int) []partitions {
	sizes := make([]int, len(a.groups))
	for i, group := range a.groups {
		sizes[i] = len(group)
	}
	lent := make([]partitions, n)
	for i, to := range deal(sizes, make([]int, n), nil) {
		for _, p := range a.groups[i] {
			p.handOver()
			lent[to] = append(lent[to], p)
		}
	}
	for _, list := range lent { // requests name a topic once
		slices.SortFunc(list, func(a, b *partition) int {
			return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.id, b.id))
		})
	}
	return lent
}

// deal says which place each group of a size goes to: the largest first, each to the place that has least of those that
// may have it (all, if may is nil). Some place has to. What each place has grows with it.
func deal(sizes, has []int, may func(group, place int) bool) []int {
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	places := make([]int, len(sizes))
	for _, i := range order {
		least, fewest := -1, 0
		for place, n := range has {
			if (may == nil || may(i, place)) && (least < 0 || n < fewest) {
				least, fewest = place, n
			}
		}
		places[i] = least
		has[least] += sizes[i]
	}
	return places
}

func (a *assignment) names() []string {
	var list []string
	for _, group := range a.groups {
		for _, p := range group {
			list = append(list, p.String())
		}
	}
	slices.Sort(list)
	return list
}

// partition of a raw topic, worked on by one unit at a time.
type partition struct {
	topic string
	id    int32

	position  int64         // the next offset to process; unknown: its beginning is not known yet
	closed    int64         // at least once: where the batch that was sent off last ends
	reached   int64         // where it was when an error had it go back
	claimed   int64         // the offset that a batch moves, or has moved, the group to
	committed int64         // the group's offset; -1: none yet
	owner     string        // the transactional id that claimed was, or is about to be, committed with
	rules     string        // the version of the rules that claimed was, or is about to be, marked with
	note      transact.Note // committed with the offset
	begins    int64         // without an offset of the group's: where it is, or will be, read from, as far as known
	end       int64         // the high watermark, as last fetched; unknown: nothing was yet
	tooLarge  map[int64]int
	memory    *memory // of its verifications; nil without state
	gated     bool    // the next batch moves it, if only to where it is

	fetching fetching
	held     held
	oldest   oldest
	outlook  outlook
}

// fetching is what is known of a partition's records that are not fetched yet.
type fetching struct {
	seen        time.Time // when that was asked which was answered last: all written before is known; zero: no answer
	stable      int64     // up to where it can be read, as last seen: what follows is in transactions that are open
	open        openTransaction
	served      int       // the fetcher's answer that last brought something of it
	pausedUntil time.Time // nothing is fetched before
	leaderless  time.Time // since when it has had no leader
	seeking     bool      // its beginning is being asked for
	looks       int       // at a position that is out of range
}

// handOver forgets what the unit that had the partition knew of the work on it: the next one looks up where it goes on.
// What stays is what was learned of its records.
func (p *partition) handOver() {
	*p = partition{topic: p.topic, id: p.id, position: unknown, committed: -1, begins: p.begins, end: unknown,
		tooLarge: p.tooLarge, memory: p.memory, oldest: oldest{found: p.oldest.found}, outlook: outlook{end: p.ends()}}
	if p.memory != nil {
		p.memory.ready = false
	}
}

func (p *partition) String() string { return p.topic + "/" + strconv.Itoa(int(p.id)) }

func (p *partition) field() zap.Field { return zap.Stringer("partition", p) }

// behind says whether there is, as last seen, a record of the partition to process.
func (p *partition) behind() bool {
	return p.position != unknown && p.position < p.fetching.stable && p.held.err == nil && !p.waits()
}

// waits says whether the partition's state is being restored: nothing of it is read before.
func (p *partition) waits() bool { return p.memory != nil && !p.memory.ready }

// caughtUp says whether all that there is of the partition, as last seen, has been processed.
func (p *partition) caughtUp() bool {
	return !p.fetching.seen.IsZero() && p.position != unknown && p.position >= p.end && p.held.err == nil && !p.waits()
}

// marksOthers says whether the partition's offset is marked with other rules than the batch's.
func (p *partition) marksOthers(b *batch) bool {
	return p.position != unknown && p.rules != b.processor.RulesVersion()
}

// known is the memory that the partition's records are processed with; nil without state.
func (p *partition) known() processor.Known {
	if p.memory == nil {
		return nil
	}
	return p.memory.store
}

// partitions are those that one unit works on.
type partitions []*partition

func (list partitions) behind() bool { return slices.ContainsFunc(list, (*partition).behind) }

// unclaimed says whether there is a partition whose offset was committed by another transactional id than this.
func (list partitions) unclaimed(transactionalID string) bool {
	return transactionalID != "" && slices.ContainsFunc(list, func(p *partition) bool {
		return p.position != unknown && p.owner != transactionalID
	})
}

// markOthers says whether there is a partition whose offset is marked with other rules than the batch's.
func (list partitions) markOthers(b *batch) bool {
	return slices.ContainsFunc(list, func(p *partition) bool { return p.marksOthers(b) })
}

func (list partitions) find(topic string, id int32) *partition {
	i := slices.IndexFunc(list, func(p *partition) bool { return p.id == id && p.topic == topic })
	if i < 0 {
		return nil
	}
	return list[i]
}
