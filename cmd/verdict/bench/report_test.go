package bench

import (
	"bytes"
	"strings"
	"testing"
)

func TestBenchReport(t *testing.T) {
	r := Result{Broker: "in-process", Events: 10, Partitions: 1, Throughput: &Throughput{EventsPerSecond: 123456,
		PeakMemory: 64 << 20},
		Latency: &Latency{Rate: 5000, P99: 12.3, Missing: 2}}
	var out bytes.Buffer
	if err := r.write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 partition,", "123456", "64 MiB", "latency at 5000/s", "p99 12.3", "2 decisions",
		"--kafka"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
