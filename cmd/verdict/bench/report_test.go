package bench

import (
	"bytes"
	"strings"
	"testing"
)

func TestBenchReport(t *testing.T) {
	r := Result{Broker: "in-process", Events: 10, Partitions: 1, Throughput: &Throughput{EventsPerSecond: 123456,
		PeakMemory:    64 << 20,
		Verifications: 100, StateBytes: 21_500},
		Restore: &Restore{Records: 1_000_000, Seconds: 0.5, RecordsPerSecond: 2_000_000, FirstDecision: 0.75},
		Latency: &Latency{Rate: 5000, P99: 12.3, Missing: 2}}
	var out bytes.Buffer
	if err := r.write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 partition,", "123456", "64 MiB", "latency at 5000/s", "p99 12.3", "2 decisions",
		"state off", "100, 215 bytes each", "1000000 records in 0.50 s, 2000000 per second", "750 ms",
		"--kafka"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
