package main

import (
	"io"
	"os/exec"
	"time"
)

// feed is kcat fed at a pace, so that crashes meet work under way.
type feed struct {
	r     *realParts
	lines []rawLine
	sent  int
	stdin io.WriteCloser
	kcat  *exec.Cmd
}

func (r *realParts) feed(lines []rawLine) *feed {
	r.t.Helper()
	f := &feed{r: r, lines: lines}
	f.kcat = exec.Command("kcat", "-P", "-b", r.brokers, "-t", r.prefix+"raw", "-K", "\t", "-H", "traceparent="+trace,
		"-X", "partitioner=murmur2_random", "-X", "acks=all", "-X", "enable.idempotence=true", "-X", "linger.ms=5")
	var err error
	if f.stdin, err = f.kcat.StdinPipe(); err != nil {
		r.t.Fatal(err)
	}
	if err := f.kcat.Start(); err != nil {
		r.t.Fatalf("kcat: %v", err)
	}
	return f
}

// until sends what is missing up to this part of all lines, 20,000 a second.
func (f *feed) until(part float64) {
	f.r.t.Helper()
	const chunk = 2_000
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for goal := int(part * float64(len(f.lines))); f.sent < goal; <-tick.C {
		var text []byte
		for _, line := range f.lines[f.sent:min(f.sent+chunk, goal)] {
			text = append(append(append(append(text, line.key...), '\t'), line.value...), '\n')
			f.sent++
		}
		if _, err := f.stdin.Write(text); err != nil {
			f.r.t.Fatalf("kcat: %v", err)
		}
	}
}

func (f *feed) end() {
	f.r.t.Helper()
	f.until(1)
	_ = f.stdin.Close()
	if err := f.kcat.Wait(); err != nil {
		f.r.t.Fatalf("kcat: %v", err)
	}
}

// Two instances share the work. One is killed and started again, twice; the other is stopped and started again; all
// while events come in. Nothing is lost, nothing comes twice, and each verification's events stay in order.
func realKilledAndRestarted(r *realParts) {
	t := r.t
	lines := r.generate(realEvents(t, 100_000), 4)
	f := r.feed(lines)
	named := "VERDICT_KAFKA_INSTANCE_ID=a" // restarts take over at once; the other instance has a random name
	a, b := r.start("a1", named), r.start("b1")
	f.until(0.2)
	a.kill()
	f.until(0.3)
	a = r.start("a2", named)
	f.until(0.5)
	b.stop()
	f.until(0.6)
	b = r.start("b2")
	f.until(0.75)
	b.kill()
	f.until(0.85)
	a.kill()
	c := r.start("c")
	f.end()
	begun := time.Now()
	r.awaitAll(2*time.Minute, c)
	t.Logf("caught up %.1f s after the last event; 3 kills, 1 stop", time.Since(begun).Seconds())
	c.stop()

	found := r.checkAgainstDecide(lines)
	found.require(t, noneLostNoneTwice)
	found.require(t, counts{"raw": len(lines)})
	t.Logf("%d events: lost %d, twice %d, out of order %d", len(lines),
		found["decisions_lost"]+found["deadletter_lost"], found["decisions_twice"]+found["deadletter_twice"],
		found["decisions_out_of_order"]+found["deadletter_out_of_order"])
}
