//go:build unix

package faults

import (
	"context"
	"fmt"
	"maps"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A broker of its own for the outputs, so that input stays fast while output is slow or dead.
const (
	inputBroker  int32 = 1
	outputBroker int32 = 3
)

// manyPartitions is the raw topic's number of partitions in this scenario: memory must not grow with it.
const manyPartitions = 64

func apart(names topicNames) []topicSpec {
	place := func(name string, broker int32, partitions int) topicSpec {
		s := topicSpec{name: name, configs: map[string]string{"min.insync.replicas": "1"}}
		if name == names.changelog {
			maps.Copy(s.configs, changelogConfigs)
		}
		for range partitions {
			s.placed = append(s.placed, []int32{broker})
		}
		return s
	}
	out := names.outputs
	return []topicSpec{
		place(names.raw, inputBroker, manyPartitions), place(out[decisions], outputBroker, 5),
		place(out[billing], outputBroker, 4),
		place(out[risk], outputBroker, 3), place(out[deadLetters], outputBroker, 1),
		place(out[table], outputBroker, 3), place(out[overdue], outputBroker, 2),
		place(names.changelog, outputBroker, manyPartitions),
	}
}

// maxMemory is what an instance may have in use, of its heap and as a process (the most of it that was ever resident),
// however much input waits and however many partitions it has.
const maxMemory = 256 << 20

// TestOutputIsSlowOrDead lets the input run far ahead of an output broker that is dead, and then slow: the instance has
// to stop reading, its memory has to stay bounded, with 64 partitions of input, and nothing may be lost.
func TestOutputIsSlowOrDead(t *testing.T) {
	s := newStage(t, stageOptions{brokers: 3, topics: apart})
	ctx := t.Context()
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	if err := s.calm(ctx); err != nil {
		t.Fatal(err)
	}
	output := s.cluster.broker(outputBroker).proxies[i.slot]

	s.say("the output broker is dead (nothing gets through), the input comes with 8,000 records a second")
	s.gen.rate.Store(8_000)
	output.set(network{held: true})
	s.watchMemory(ctx, i, 15*time.Second, true)

	s.say("the output broker is slow: 32 KiB/s")
	output.set(network{upBytesPerS: 32 << 10})
	s.watchMemory(ctx, i, 15*time.Second, false)

	s.gen.rate.Store(int64(*rateFlag))
	output.set(network{})
	s.say("the output broker is well again; %d events are written", s.ledger.len())
	if err := s.calm(ctx); err != nil {
		t.Fatal(err)
	}
	s.finish()
}

// peakResident is the most memory that a process has had, in bytes; 0 where the system does not say.
func peakResident(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib * 1024
		}
	}
	return 0
}

func TestPeakResident(t *testing.T) {
	if got := peakResident(os.Getpid()); runtime.GOOS == "linux" && (got < 1<<20 || got > 1<<40) {
		t.Errorf("this process has had %.0f bytes", got)
	}
}

// watchMemory samples the heap for a while. While the output is dead, reading has to stop: what comes from the input
// broker in the second half is no more than fetches that were under way.
func (s *stage) watchMemory(ctx context.Context, i *instance, d time.Duration, stops bool) {
	s.t.Helper()
	input := s.cluster.broker(inputBroker).proxies[i.slot]
	var peak float64
	begin, before := time.Now(), input.down.Load()
	var half int64
	for time.Since(begin) < d {
		if err := pass(ctx, 500*time.Millisecond); err != nil {
			s.t.Fatal(err)
		}
		if half == 0 && time.Since(begin) > d/2 {
			half = input.down.Load()
		}
		m, err := i.metrics(ctx)
		if err != nil {
			s.t.Fatal(err)
		}
		peak = max(peak, m.sum("go_memstats_heap_inuse_bytes"))
	}
	read, late := input.down.Load()-before, input.down.Load()-half
	resident := peakResident(i.pid())
	s.say("heap at most %s, resident at most %s; read %s of the input, %s of it in the second half", mib(peak),
		mib(resident),
		mib(float64(read)), mib(float64(late)))
	if max(peak, resident) > maxMemory {
		s.t.Errorf("the heap grew to %s, the process to %s; at most %s is allowed", mib(peak), mib(resident),
			mib(maxMemory))
	}
	if stops && late > 20<<20 {
		s.t.Errorf("reading did not stop: %s came in the second half", mib(float64(late)))
	}
}

func mib(bytes float64) string { return fmt.Sprintf("%.1f MiB", bytes/(1<<20)) }
