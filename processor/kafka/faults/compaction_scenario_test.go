//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// eagerCleaner has the broker look for what can be compacted all the time.
const eagerCleaner = "log.cleaner.backoff.ms=100\n"

// compactedLate is a changelog with many small segments, which are compacted only when the suite says so.
func compactedLate(names topicNames) []topicSpec {
	out := names.outputs
	specs := append([]topicSpec{
		{name: names.raw, partitions: rawPartitions, replication: 1},
		{name: out[decisions], partitions: 5, replication: 1}, {name: out[billing], partitions: 4, replication: 1},
		{name: out[risk], partitions: 3, replication: 1}, {name: out[deadLetters], partitions: 1, replication: 1},
	}, stateTopics(names, rawPartitions, 1)...)
	log := &specs[len(specs)-1]
	log.configs = map[string]string{"segment.ms": "500", "delete.retention.ms": "0", "file.delete.delay.ms": "100",
		compactionLag: laterOn}
	maps.Copy(log.configs, changelogConfigs)
	return specs
}

const (
	compactionLag = "min.compaction.lag.ms"
	laterOn       = "3600000"
)

// TestCompactionWhileRestoring has the changelog compacted in the midst of a restore, again and again under load: what
// is read is before a cleaner's pass at its beginning and behind it at its end.
func TestCompactionWhileRestoring(t *testing.T) {
	notInShort(t)
	const rounds = 6
	s := newStage(t, stageOptions{brokers: 1, brokerConfig: eagerCleaner, topics: compactedLate})
	ctx := t.Context()
	s.beginSlow()
	s.must(s.calm(ctx))
	met := 0
	for n := range rounds {
		s.must(s.cluster.setTopic(ctx, s.names.changelog, compactionLag, laterOn))
		s.must(pass(ctx, 8*time.Second)) // for something that can be compacted
		if s.compactInRestore(ctx, n%2) {
			met++
		}
		s.must(s.calm(ctx))
	}
	if met < rounds/2 {
		t.Errorf("compaction met %d of %d restores: that shows nothing", met, rounds)
	}
	s.finish()
}

// compactInRestore ends the instance of a slot with kill -9, starts it, and has the changelog compacted while it
// restores. It says whether compaction was over before the restore was.
func (s *stage) compactInRestore(ctx context.Context, slot int) (met bool) {
	s.t.Helper()
	i, partitions, err := s.victim(ctx, slot)
	s.must(err)
	i.kill()
	s.cluster.network(i.slot, slowRestore)
	i.start()
	what, err := s.restoring(ctx, i)
	s.must(err)
	before, err := s.cleaned()
	s.must(err)
	s.must(s.cluster.setTopic(ctx, s.names.changelog, compactionLag, "0"))
	last := partitions[len(partitions)-1] // changelogs are read one after the other
	var after map[int32]int64
	s.must(poll(ctx, 45*time.Second, "compaction", func() error {
		if after, err = s.cleaned(); err == nil && after[last] <= before[last] {
			err = fmt.Errorf("%s/%d is still compacted up to %d", s.names.changelog, last, before[last])
		}
		return err
	}))
	m, err := i.metrics(ctx)
	s.must(err)
	done, all := m.sum("verdict_restores_total"), m.sum("verdict_partitions_assigned")
	s.say("%s was %s: meanwhile the changelogs of its partitions %v, compacted up to %v, are up to %v; it has %.0f of "+
		"%.0f", i.label(), what, partitions, before, after, done, all)
	s.cluster.network(i.slot, network{})
	since := time.Now()
	_, took, err := s.watch.flow(ctx, since, partitions, calmLimit)
	s.must(err)
	s.say("decisions flow from them after %.1f s", took.Seconds())
	return done < all
}

// cleaned is up to where each partition of the changelog has been compacted, as the broker notes it.
func (s *stage) cleaned() (map[int32]int64, error) {
	text, err := os.ReadFile(filepath.Join(s.cluster.brokers[0].path("log"), "cleaner-offset-checkpoint"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	upto := map[int32]int64{}
	for line := range strings.Lines(string(text)) { // version, number of lines, then: topic partition offset
		words := strings.Fields(line)
		if len(words) != 3 || words[0] != s.names.changelog {
			continue
		}
		partition, err1 := strconv.ParseInt(words[1], 10, 32)
		offset, err2 := strconv.ParseInt(words[2], 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("the cleaner's checkpoint: %w", err)
		}
		upto[int32(partition)] = offset
	}
	return upto, err
}
