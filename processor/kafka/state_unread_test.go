package kafka_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor/state"
)

// changed is a record of the changelog with another value.
func changed(r *kgo.Record, value []byte) *kgo.Record {
	return &kgo.Record{Topic: changelog, Partition: r.Partition, Key: r.Key, Value: value}
}

// kept reads the last position and the last memory that the changelog has of a partition with one verification.
func kept(t *testing.T, c *kfake.Cluster, partition int32) (position, memory *kgo.Record) {
	t.Helper()
	all := collect(t, c.ListenAddrs(), changelog)
	find := func() bool {
		all.poll(200*time.Millisecond, 1000)
		for _, r := range all.records {
			switch {
			case r.Partition != partition:
			case bytes.Equal(r.Key, state.PositionKey):
				position = r
			default:
				memory = r
			}
		}
		return position != nil && memory != nil
	}
	eventually(t, "the changelog has a position and a memory", find)
	return position, memory
}

// unsummed is a position that does not say what the state holds, as a reset writes it.
func unsummed(t *testing.T, value []byte) []byte {
	t.Helper()
	position, err := state.ParsePosition(value)
	if err != nil {
		t.Fatal(err)
	}
	position.Sum = state.Sum{}
	return position.Append(nil)
}

func newer(value []byte) []byte { return append([]byte{value[0] + 1}, value[1:]...) }

// A record of the changelog that cannot be read holds its partition, however often it is tried, in this process and in
// the next one, whatever stands behind it; readiness says which record, why and what to do. It goes on once the key has
// a newer record: only the last one of a key counts.
func TestUnreadStateHolds(t *testing.T) {
	type records = func(position, memory *kgo.Record) []*kgo.Record
	const byNewer, run = "a newer version of Verdict has written it", "run that version, or a newer one"
	const broken, anew = "cannot be read", "verdict state reset"
	stranger := &kgo.Record{Partition: 1, Key: []byte("who?")}
	for name, test := range map[string]struct {
		damage, mend records
		at           int // of the damage, the record that is named
		says         []string
		want         string // of "a approved" then
	}{
		"a memory of a newer format": {
			func(_, m *kgo.Record) []*kgo.Record { return list(changed(m, newer(m.Value))) },
			func(_, m *kgo.Record) []*kgo.Record { return list(changed(m, m.Value)) },
			0, []string{byNewer, run, anew}, "a approved ADVANCED 2"},
		"positions of a newer format": {
			func(p, _ *kgo.Record) []*kgo.Record {
				return list(changed(p, newer(p.Value)), changed(p, newer(p.Value)))
			},
			func(p, _ *kgo.Record) []*kgo.Record { return list(changed(p, p.Value)) },
			1, []string{byNewer, run, anew}, "a approved ADVANCED 2"},
		"all of a newer format": {
			func(p, m *kgo.Record) []*kgo.Record {
				return list(changed(p, newer(p.Value)), changed(m, newer(m.Value)))
			},
			func(p, m *kgo.Record) []*kgo.Record { return list(changed(m, m.Value), changed(p, p.Value)) },
			0, []string{byNewer, "(and 1 more)", run, anew}, "a approved ADVANCED 2"},
		"a memory of a newer format behind one that was read": {
			func(p, m *kgo.Record) []*kgo.Record {
				return list(changed(m, m.Value), changed(m, newer(m.Value)), changed(p, p.Value))
			},
			func(p, m *kgo.Record) []*kgo.Record { return list(changed(m, nil), changed(p, unsummed(t, p.Value))) },
			1, []string{byNewer, run, anew}, "a approved FIRST 1"},
		"a memory cut short": {
			func(_, m *kgo.Record) []*kgo.Record { return list(changed(m, m.Value[:9])) },
			func(p, m *kgo.Record) []*kgo.Record { return list(changed(m, nil), changed(p, unsummed(t, p.Value))) },
			0, []string{broken, "it ends after 9 bytes", anew}, "a approved FIRST 1"},
		"a memory cut short, and a position behind it": {
			func(p, m *kgo.Record) []*kgo.Record { return list(changed(m, m.Value[:9]), changed(p, p.Value)) },
			func(_, m *kgo.Record) []*kgo.Record { return list(changed(m, m.Value)) },
			0, []string{broken, "it ends after 9 bytes", anew}, "a approved ADVANCED 2"},
		"a stranger's record": {
			func(_, _ *kgo.Record) []*kgo.Record { return list(changed(stranger, []byte("me"))) },
			func(_, _ *kgo.Record) []*kgo.Record { return list(changed(stranger, nil)) },
			0, []string{broken, "its key has 4 bytes", anew}, "a approved ADVANCED 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs())
			first := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a pending"))
			told(t, c, 1)
			if err := first.end(); err != nil {
				t.Fatal(err)
			}
			position, memory := kept(t, c, 1)
			damage := test.damage(position, memory)
			produce(t, client, damage...)
			says := append(slices.Clone(test.says), fmt.Sprintf("%s/1 offset %d: ", changelog, damage[test.at].Offset),
				"the state of raw/1 cannot be restored")
			second := startStory(t, stateConfig(c))
			isHeld(t, second, says, 2)
			produce(t, client, raw(1, "a approved"), raw(2, "b pending"))
			expect(t, told(t, c, 2), "a pending FIRST 1", "b pending FIRST 1") // the others go on
			isHeld(t, second, says, 1)
			if err := second.end(); err != nil {
				t.Fatal(err)
			}
			third := startStory(t, stateConfig(c))
			isHeld(t, third, says, 1)
			produce(t, client, test.mend(position, memory)...)
			expect(t, told(t, c, 3), "a pending FIRST 1", "b pending FIRST 1", test.want)
			eventually(t, "it is ready", func() bool { return third.Ready() == nil })
		})
	}
}

func list(records ...*kgo.Record) []*kgo.Record { return records }

// isHeld waits until readiness says all of this, and goes on to through some more tries.
func isHeld(t *testing.T, r *running, says []string, tries float64) {
	t.Helper()
	said := func() bool {
		err := r.Ready()
		return err != nil && !slices.ContainsFunc(says,
			func(part string) bool { return !strings.Contains(err.Error(), part) })
	}
	eventually(t, "readiness says what cannot be read", said)
	before := r.value("verdict_errors_total", "class=process")
	eventually(t, "it is tried again", func() bool {
		if !said() {
			t.Fatalf("readiness says %v, want %q", r.Ready(), says)
		}
		return r.value("verdict_errors_total", "class=process") >= before+tries
	})
}
