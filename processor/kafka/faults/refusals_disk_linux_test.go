package faults

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestDiskIsFull fills the disk of the only broker. The broker gives up; Verdict waits until there is one again with
// room.
func TestDiskIsFull(t *testing.T) {
	notInShort(t)
	disk := t.TempDir()
	if os.Getenv("VERDICT_TEST_KAFKA_LIB") == "" {
		t.Skip(needLib)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=96m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := newStage(t, stageOptions{brokers: 1, brokerConfig: "log.dirs=" + filepath.Join(disk, "log") + "\n"})
	ctx := t.Context()
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))

	filler := filepath.Join(disk, "filler")
	s.must(fill(filler))
	b, since := s.cluster.broker(1), time.Now()
	s.must(s.endedOrUnready(ctx, b, i))
	s.say("the disk is full; after %.1f s the broker runs: %t, readiness: %v", time.Since(since).Seconds(), b.running(),
		i.readiness(ctx))
	s.must(i.awaitUnready(ctx, time.Minute))
	s.must(pass(ctx, transactionTimeout)) // no room for long
	if !i.running() {
		t.Fatalf("it gave up: %s", lastLines(i.logFile))
	}
	b.kill()
	s.must(os.Remove(filler))
	b.start()
	s.must(b.await(ctx))
	s.say("there is room again, and the broker is back after %.1f s", time.Since(since).Seconds())
	s.flowsAgain(ctx, "full disk", time.Now())
	s.finish()
}
