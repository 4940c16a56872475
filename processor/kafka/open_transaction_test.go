package kafka

import (
	"strings"
	"testing"
	"time"
)

// One transaction that stays in the way is told of after a while; a row of short ones is not, nor is what is not read.
func TestOpenTransaction(t *testing.T) {
	began := time.UnixMilli(1_000)
	l := newLedger(began)
	p := &partition{topic: "raw", committed: 5, position: 5, end: 8}
	p.fetching.stable = 5
	l.partitions[p] = &PartitionStatus{}
	for _, step := range []struct {
		name string
		does func()
		at   time.Duration
		want string
	}{
		{"nothing was fetched", func() {}, 0, ""},
		{"first seen", func() { p.fetching.seen = began }, time.Second, ""},
		{"for long", func() {}, 6 * time.Second, "from offset 5:"},
		{"another one", func() { p.position, p.fetching.stable = 7, 7 }, 7 * time.Second, ""},
		{"for a while", func() {}, 11 * time.Second, ""},
		{"for long, too", func() {}, 12 * time.Second, "from offset 7:"},
		{"gone back", func() { p.position = 6 }, 13 * time.Second, ""},
		{"there again", func() { p.position = 7 }, 14 * time.Second, ""},
		{"still there", func() {}, 20 * time.Second, "from offset 7:"},
		{"ended", func() { p.position, p.fetching.stable = 8, 8 }, 21 * time.Second, ""},
	} {
		step.does()
		l.tell(p, began.Add(step.at))
		s := l.partitions[p]
		if s.State != StateDeciding || (step.want == "") != (s.Reason == "") || !strings.Contains(s.Reason, step.want) {
			t.Errorf("%s: %s, %q; want %q", step.name, s.State, s.Reason, step.want)
		}
	}
}
