//go:build unix

package faults

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// Who had which partition in which generation, and what was restored for it, by the logs of all processes that there
// were. A process that was killed stays a member until its session is over, and keeps what nobody else says it has.

// said is a line of an instance's log, as far as it tells of partitions.
type said struct {
	Message    string   `json:"msg"`
	Generation int32    `json:"generation"`
	Partitions any      `json:"partitions"` // names, or how many
	Partition  string   `json:"partition"`
	Kind       string   `json:"kind"`
	Records    int64    `json:"records"`
	names      []string // of Partitions
}

// readSaid reads the log of one process.
func readSaid(file string) (list []said, err error) {
	text, err := os.ReadFile(file)
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line said
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue // a last line that a kill cut off
		}
		if names, ok := line.Partitions.([]any); ok {
			for _, name := range names {
				line.names = append(line.names, fmt.Sprint(name))
			}
		}
		list = append(list, line)
	}
	return list, cmp.Or(err, lines.Err())
}

// moves is what became of the partitions in all generations.
type moves struct {
	generations   int
	moved, needed int            // partitions that another process had before; and with the least movement
	full          map[string]int // restores from the beginning, by partition
	fullUnmoved   []string       // those that came with no move
	caughtUp      int
	begun         int   // restores that were begun; many are overtaken by the next generation
	records       int64 // read by all restores that came to their end
	owner         map[string]string
}

// followMoves puts the logs of processes together, by their names.
func followMoves(logs map[string][]said) *moves {
	m := &moves{full: map[string]int{}, owner: map[string]string{}}
	shares := map[int32]map[string][]string{} // partitions by generation and process
	for process, lines := range logs {
		for i := range lines {
			if l := &lines[i]; l.Message == "partitions assigned" {
				if shares[l.Generation] == nil {
					shares[l.Generation] = map[string][]string{}
				}
				shares[l.Generation][process] = l.names
			}
		}
	}
	came := map[string]map[string]bool{} // "process generation": the partitions that moved there
	for _, generation := range slices.Sorted(maps.Keys(shares)) {
		m.next(generation, shares[generation], came)
	}
	for process, lines := range logs {
		m.restores(process, lines, came)
	}
	return m
}

// next follows one generation.
func (m *moves) next(generation int32, shares map[string][]string, came map[string]map[string]bool) {
	m.generations++
	before := maps.Clone(m.owner)
	for process, names := range shares {
		at := fmt.Sprint(process, " ", generation)
		came[at] = map[string]bool{}
		for _, name := range names {
			was, known := before[name]
			if m.owner[name] = process; was != process {
				came[at][name] = true
				if known {
					m.moved++
				}
			}
		}
	}
	members := map[string]int{} // with what they had
	for process := range shares {
		members[process] = 0
	}
	for _, process := range m.owner { // and those that are dead and have not been missed yet
		members[process] = 0
	}
	for _, process := range before {
		if _, there := members[process]; there {
			members[process]++
		}
	}
	if len(before) > 0 {
		m.needed += len(before) - mostKept(slices.Collect(maps.Values(members)), len(m.owner))
	}
}

// mostKept is how many partitions can stay where they are, when no member may have two more than another.
func mostKept(had []int, partitions int) (kept int) {
	slices.SortFunc(had, func(a, b int) int { return cmp.Compare(b, a) })
	for i, n := range had {
		quota := partitions / len(had)
		if i < partitions%len(had) {
			quota++
		}
		kept += min(n, quota)
	}
	return kept
}

// restores looks at what one process restored: all of a partition only once after it came.
func (m *moves) restores(process string, lines []said, came map[string]map[string]bool) {
	due := map[string]bool{}
	for i := range lines {
		switch l := &lines[i]; {
		case l.Message == "partitions assigned":
			maps.Copy(due, came[fmt.Sprint(process, " ", l.Generation)])
		case l.Message == "restoring the state of partitions":
			n, _ := l.Partitions.(float64)
			m.begun += int(n)
		case l.Message != "the state of a partition is there":
		case l.Kind == "full":
			m.full[l.Partition]++
			m.records += l.Records
			if !due[l.Partition] {
				m.fullUnmoved = append(m.fullUnmoved, process+" "+l.Partition)
			}
			delete(due, l.Partition)
		default:
			m.caughtUp++
			m.records += l.Records
		}
	}
}

func (m *moves) fulls() (n int) {
	for _, count := range m.full {
		n += count
	}
	return n
}

func TestFollowMoves(t *testing.T) {
	assigned := func(generation int32, names string) said {
		return said{Message: "partitions assigned", Generation: generation, names: strings.Fields(names)}
	}
	there := func(partition, kind string) said {
		return said{Message: "the state of a partition is there", Partition: partition, Kind: kind, Records: 10}
	}
	logs := map[string][]said{
		"a": {assigned(1, "0 1 2 3"), there("0", "full"), assigned(2, "0 1"), there("1", "full"), assigned(3, "0 1"),
			there("1", "full"), assigned(4, "0 2"), assigned(5, "0 1 2 3"), there("2", "caught_up")},
		"b": {assigned(2, "2 3"), there("2", "full"), assigned(4, "3")}, // in 3 it has what a and c do not have
		"c": {assigned(3, "2"), there("2", "full"), assigned(4, "1")},
	}
	m := followMoves(logs)
	// From 3 to 4 two partitions change their places for no reason; in 5 there is a alone.
	if m.generations != 5 || m.moved != 2+1+2+2 || m.needed != 2+1+0+2 {
		t.Errorf("%d generations, %d moved, %d needed", m.generations, m.moved, m.needed)
	}
	if m.fulls() != 5 || m.caughtUp != 1 || !slices.Equal(m.fullUnmoved, []string{"a 1"}) {
		t.Errorf("full %v, caught up %d, without a move %v", m.full, m.caughtUp, m.fullUnmoved)
	}
}
