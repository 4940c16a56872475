package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
)

var (
	hostile       = flag.Bool("hostile", false, "measure what hostile HTTP clients cost: make hostile")
	hostilePairs  = flag.Int("hostile.pairs", 6, "how many pairs of windows, with and without")
	hostileWindow = flag.Duration("hostile.window", 10*time.Second, "how long a window is")
	hostileRate   = flag.Int("hostile.rate", 1000, "events a second")
)

// What hostile clients may cost.
const (
	mostSlower = 1.15     // p99 with them over p99 without
	mostMemory = 16 << 20 // bytes
)

// TestHostileClients measures a process that decides, in windows with hostile HTTP clients and without, one after the
// other, in changing order: on a shared machine only windows that are next to each other can be compared.
func TestHostileClients(t *testing.T) {
	if !*hostile {
		t.Skip("a measurement of minutes: make hostile")
	}
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CreateTopics(idlePartitions, topicsOf(cfg)...); err != nil {
		t.Fatal(err)
	}
	p := startProcess(t, []string{"VERDICT_KAFKA_BROKERS=" + c.Broker(), "VERDICT_REGISTRY_URL=" + c.RegistryURL()},
		"verdict", "run")
	address := p.awaitLog("verdict is starting")["http"].(string)
	awaitAnswer(t, "http://"+address+"/readyz", 200, "ready")
	m := newMeter(t, c, cfg, *hostileRate)
	m.window(t, *hostileWindow) // connections, caches and batches find their size
	var slower, more []float64
	for i := range *hostilePairs {
		quiet, loud := measured{}, measured{}
		for _, withThem := range []bool{i%2 == 1, i%2 == 0} {
			if withThem {
				loud = measureWithThem(t, m, p.cmd.Process.Pid, address)
			} else {
				quiet = measureWindow(t, m, p.cmd.Process.Pid)
			}
		}
		slower = append(slower, float64(loud.p99)/float64(quiet.p99))
		more = append(more, float64(loud.memory-quiet.memory))
		t.Logf("pair %d, without and with them: p99 %s, %s: %.2f times; memory %.1f, %.1f MiB; CPU of the process %.2f, "+
			"%.2f s; they were given %d answers", i+1, quiet.p99.Round(time.Microsecond),
			loud.p99.Round(time.Microsecond), slower[i], mebi(quiet.memory), mebi(loud.memory), quiet.cpu.Seconds(),
			loud.cpu.Seconds(), loud.answers)
	}
	ratio, memory := median(slower), median(more)
	t.Logf("median of %d pairs at %d events a second: p99 %.2f times, memory %+.1f MiB", len(slower), *hostileRate, ratio,
		memory/(1<<20))
	if ratio > mostSlower || memory > mostMemory {
		t.Errorf("at most %.2f times and %d MiB: is the machine quiet?", mostSlower, mostMemory>>20)
	}
}

// measured is what a window has shown.
type measured struct {
	p99     time.Duration
	memory  int64 // bytes, the most
	cpu     time.Duration
	answers int64 // to hostile clients
}

func measureWithThem(t *testing.T, m *meter, pid int, address string) measured {
	t.Helper()
	// Theirs is what is left of the CPUs: they would be on another machine.
	them := exec.Command("nice", "-n", "19", "hostile", address)
	until, err := them.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	them.Stdout = &said
	if err := them.Start(); err != nil {
		t.Fatal(err)
	}
	got := measureWindow(t, m, pid)
	if err := errors.Join(until.Close(), them.Wait()); err != nil {
		t.Fatal(err)
	}
	if got.answers, err = strconv.ParseInt(strings.TrimSpace(said.String()), 10, 64); err != nil {
		t.Fatal(err)
	}
	if least := int64(hostileWindow.Seconds() * hostileRequests / 2); got.answers < least {
		t.Errorf("hostile clients were given %d answers, fewer than %d: that was no attack", got.answers, least)
	}
	return got
}

func measureWindow(t *testing.T, m *meter, pid int) measured {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	most, before := make(chan int64, 1), cpuOf(pid)
	go func() { most <- mostResident(ctx, pid) }()
	p99 := m.window(t, *hostileWindow)
	stop()
	return measured{p99: p99, memory: <-most, cpu: cpuOf(pid) - before}
}

// mostResident watches a process's memory until ctx is done.
func mostResident(ctx context.Context, pid int) (most int64) {
	ticks := time.NewTicker(50 * time.Millisecond)
	defer ticks.Stop()
	for {
		most = max(most, resident(pid))
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return most
		}
	}
}

// resident is a process's memory in bytes; 0 where there is no /proc.
func resident(pid int) int64 { return procNumber(pid, "statm", 1) * int64(os.Getpagesize()) }

// cpuOf is the time that a process has worked. The kernel counts it in hundredths of a second.
func cpuOf(pid int) time.Duration {
	return time.Duration(procNumber(pid, "stat", 13)+procNumber(pid, "stat", 14)) * 10 * time.Millisecond
}

// procNumber is a field of a file of /proc; 0 where there is none.
func procNumber(pid int, file string, field int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	fields := strings.Fields(string(text))
	if len(fields) <= field {
		return 0
	}
	n, _ := strconv.ParseInt(fields[field], 10, 64)
	return n
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func mebi(bytes int64) float64 { return float64(bytes) / (1 << 20) }
