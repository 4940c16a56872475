package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdict/cmd/verdict/bench"
)

// The whole bench, small: every figure is there.
func TestBenchMeasures(t *testing.T) {
	var out, errs bytes.Buffer
	profile := filepath.Join(t.TempDir(), "cpu.out")
	code := run([]string{"bench", "--events", "3000", "--partitions", "3", "--rate", "500", "--latency-time", "1s",
		"--json",
		"--cpuprofile", profile, "--memprofile", profile + ".mem", "--set", "batch.commit_interval=10ms",
		// Of topics with other names, and what one broker cannot do.
		"--set", "topics.settings=idv.raw.v1:retention.ms=604800000,*:min.insync.replicas=2"},
		streams{strings.NewReader(""), &out, &errs})
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var r bench.Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if r.Broker != "in-process" || r.Events != 3000 || r.Partitions != 3 || r.EventBytes < 270 || r.EventBytes > 450 {
		t.Errorf("conditions: %+v", r)
	}
	if p := r.Throughput; p == nil || p.EventsPerSecond <= 0 || p.FirstDecision <= 0 || p.Transactions < 1 ||
		p.PeakMemory == 0 || p.Allocs <= 0 {
		t.Errorf("throughput: %+v", p)
	}
	if p := r.Throughput; !r.State || p.Verifications < 900 || p.StateBytes < 100*int64(p.Verifications) {
		t.Errorf("state: %v, %+v", r.State, p)
	}
	if s := r.Restore; s == nil || s.Records < 1000 || s.Seconds <= 0 || s.RecordsPerSecond <= 0 || s.FirstDecision <= 0 {
		t.Errorf("restore: %+v", s)
	}
	if l := r.Latency; l == nil || l.Missing != 0 || l.Counted != 400 || l.P50 <= 0 || l.P50 > l.P99 || l.P99 > l.Max {
		t.Errorf("latency: %+v", l)
	}
	for _, file := range []string{profile, profile + ".mem"} {
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestBenchRefusesWrongOptions(t *testing.T) {
	for _, args := range [][]string{
		{"--events", "0"}, {"--partitions", "0"}, {"--rate", "-1"}, {"--open", "0"}, {"--repeats", "2"},
		{"--latency-time", "10ms"},
	} {
		var out, errs bytes.Buffer
		code := run(append([]string{"bench"}, args...), streams{strings.NewReader(""), &out, &errs})
		if code != exitUsage || !strings.Contains(errs.String(), args[0]) {
			t.Errorf("%v: exit code %d, %s", args, code, errs.String())
		}
	}
}
