//go:build unix

package faults

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// TestSoak runs one instance at a steady rate for as long as -faults.soak says, and looks whether its memory and its
// goroutines stay what they are.
func TestSoak(t *testing.T) {
	if *soakFlag == 0 {
		t.Skip("-faults.soak is 0; 20m is what says something")
	}
	s := newStage(t, stageOptions{brokers: 1})
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	if err := s.calm(t.Context()); err != nil {
		t.Fatal(err)
	}
	samples := s.soak(t.Context(), i, *soakFlag)
	if err := flat(samples); err != nil {
		t.Errorf("%v", err)
	}
	s.finish()
}

// footprint is the size of an instance at a moment.
type footprint struct {
	at                    time.Duration
	heap, resident        float64 // bytes; without the state, which grows with the verifications, and off the heap
	state                 float64 // bytes
	verifications         float64
	goroutines, openFiles float64
}

// soak samples the footprint and says it once a minute.
func (s *stage) soak(ctx context.Context, i *instance, d time.Duration) (samples []footprint) {
	s.t.Helper()
	begin := time.Now()
	for next := time.Duration(0); time.Since(begin) < d; {
		if err := pass(ctx, 2*time.Second); err != nil {
			s.t.Fatal(err)
		}
		m, err := i.metrics(ctx)
		if err != nil {
			s.t.Fatal(err)
		}
		f := footprint{at: time.Since(begin), heap: m.sum("go_memstats_heap_inuse_bytes"),
			resident: m.sum("process_resident_memory_bytes"), state: m.sum("verdict_state_bytes"),
			verifications: m.sum("verdict_state_verifications"), goroutines: m.sum("go_goroutines"),
			openFiles: m.sum("process_open_fds")}
		f.resident -= f.state
		if samples = append(samples, f); f.at >= next {
			next += time.Minute
			s.say("after %4.0f s: heap %s, resident %s without the state's %s of %.0f verifications, %.0f goroutines, "+
				"%.0f open files, %d events", f.at.Seconds(), mib(f.heap), mib(f.resident), mib(f.state),
				f.verifications, f.goroutines, f.openFiles, s.ledger.len())
		}
	}
	return samples
}

// flat compares the second quarter of the time with the last. The heap swings with the collector, so its mean counts.
func flat(samples []footprint) error {
	if len(samples) < 8 {
		return fmt.Errorf("%d samples say nothing: soak for longer", len(samples))
	}
	quarter := len(samples) / 4
	early, late := samples[quarter:2*quarter], samples[len(samples)-quarter:]
	for _, m := range []struct {
		what    string
		of      func(footprint) float64
		percent float64
		slack   float64
	}{
		{"heap in use (bytes)", func(f footprint) float64 { return f.heap }, 15, 4 << 20},
		{"resident memory without the state (bytes)", func(f footprint) float64 { return f.resident }, 15, 8 << 20},
		{"goroutines", func(f footprint) float64 { return f.goroutines }, 5, 2},
		{"open files", func(f footprint) float64 { return f.openFiles }, 5, 2},
	} {
		a, b := mean(early, m.of), mean(late, m.of)
		if b > a*(1+m.percent/100)+m.slack {
			return fmt.Errorf("%s grew from %.0f (second quarter) to %.0f (last quarter)", m.what, a, b)
		}
	}
	return nil
}

func mean(samples []footprint, of func(footprint) float64) float64 {
	total := 0.0
	for _, f := range samples {
		total += of(f)
	}
	return total / float64(len(samples))
}

func TestFlatSeesGrowth(t *testing.T) {
	series := func(change func(n int, f *footprint)) (list []footprint) {
		for n := range 600 {
			f := footprint{heap: 20e6 + float64(n%7)*1e6, resident: 60e6, goroutines: 25 + float64(n%3), openFiles: 18}
			change(n, &f)
			list = append(list, f)
		}
		return list
	}
	for name, c := range map[string]struct {
		change func(int, *footprint)
		grows  bool
	}{
		"steady":     {func(int, *footprint) {}, false},
		"heap":       {func(n int, f *footprint) { f.heap += float64(n) * 40e3 }, true},
		"resident":   {func(n int, f *footprint) { f.resident += float64(n) * 100e3 }, true},
		"goroutines": {func(n int, f *footprint) { f.goroutines += float64(n / 20) }, true},
		"open files": {func(n int, f *footprint) { f.openFiles += float64(n / 20) }, true},
	} {
		if err := flat(series(c.change)); (err != nil) != c.grows {
			t.Errorf("%s: %v", name, err)
		}
	}
}
