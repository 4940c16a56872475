//go:build unix

package faults

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// TestJoinsAndLeaves gives one partition very many verifications, and then has an instance join or leave, by SIGTERM or
// by kill -9, every three seconds: no more partitions move than balance asks for, all of a state is read only where its
// partition has moved, and the promise is kept.
func TestJoinsAndLeaves(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 1})
	ctx := t.Context()
	s.beginSlow()
	s.must(s.calm(ctx))
	s.fillPartition(ctx, *keysFlag)

	logs := map[string]string{}
	for _, i := range s.instances {
		logs[i.label()] = i.logFile
	}
	kills := s.joinAndLeave(ctx, *joinsFlag, logs)
	s.must(s.calm(ctx))
	s.finish()

	parsed := map[string][]said{}
	for process, file := range logs {
		lines, err := readSaid(file)
		s.must(err)
		parsed[process] = lines
	}
	m := followMoves(parsed)
	s.say("%d processes, %d of them killed; %d generations: %d partitions moved, with the least movement %d; "+
		"restores: %d begun, %d full (%v), %d caught up, %d records read", len(logs), kills, m.generations, m.moved,
		m.needed, m.begun, m.fulls(), m.full, m.caughtUp, m.records)
	// A little more: one that is killed before it says what it was given makes it look as if that had moved later.
	if most := m.needed + m.needed/10 + 1; m.moved > most {
		t.Errorf("%d partitions moved, where balance asks for %d", m.moved, m.needed)
	}
	if len(m.fullUnmoved) > 0 {
		t.Errorf("all was read of partitions that had not moved: %v", m.fullUnmoved)
	}
	if most := 2 * (m.moved + rawPartitions); m.begun > most {
		t.Errorf("%d restores were begun, more than %d: a storm", m.begun, most)
	}
}

// fillPartition writes the first event of many verifications, and waits until they are known.
func (s *stage) fillPartition(ctx context.Context, keys int) {
	s.t.Helper()
	since := time.Now()
	s.must(s.gen.fill(ctx, brokenPartition, keys))
	limit := time.Minute + time.Duration(keys)*time.Millisecond
	s.must(poll(ctx, limit, "so many verifications being known", func() error {
		known := 0.0
		for _, i := range s.instances {
			m, err := i.metrics(ctx)
			if err != nil {
				return err
			}
			known += m.sum("verdict_state_verifications")
		}
		if known < float64(keys) {
			return fmt.Errorf("%.0f are", known)
		}
		return nil
	}))
	s.say("%s/%d has %d verifications after %.1f s", s.names.raw, brokenPartition, keys, time.Since(since).Seconds())
}

// joinAndLeave goes on for d, and notes the log of each process. It says how many it killed.
func (s *stage) joinAndLeave(ctx context.Context, d time.Duration, logs map[string]string) (kills int) {
	s.t.Helper()
	const beat = 3 * time.Second
	for begin := time.Now(); time.Since(begin) < d; {
		s.must(pass(ctx, beat))
		slot := slotJoins + s.rng.IntN(slots-slotJoins)
		i, err := s.instance(slot)
		switch {
		case err != nil: // none runs there
			i = s.newInstance(slot, "")
			name := fmt.Sprintf("%s-%d", i.label(), len(logs))
			i.logFile = filepath.Join(s.dir, name+".log")
			logs[name] = i.logFile
			s.instances = append(s.instances, i)
			i.start()
		case s.rng.IntN(2) == 0:
			s.must(s.remove(i))
		default:
			s.drop(i)
			i.kill()
			kills++
		}
		s.revive()
	}
	return kills
}
