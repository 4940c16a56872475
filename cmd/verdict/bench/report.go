package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strconv"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// Result is what the bench has found, and under which conditions.
type Result struct {
	Version     string      `json:"version"`
	CPUs        int         `json:"cpus"`
	Broker      string      `json:"broker"` // "in-process" or the addresses
	Delivery    string      `json:"delivery"`
	Compression string      `json:"compression"`
	Format      string      `json:"output_format"`
	Partitions  int         `json:"partitions"`
	Events      int         `json:"events"`
	Seed        uint64      `json:"seed"`
	EventBytes  float64     `json:"event_bytes"` // mean of a value
	Throughput  *Throughput `json:"throughput"`
	State       bool        `json:"state"`
	Restore     *Restore    `json:"restore,omitempty"` // only with state
	Latency     *Latency    `json:"latency,omitempty"`
}

// Throughput is what it took to decide what had been preloaded.
type Throughput struct {
	Seconds               float64 `json:"seconds"`
	FirstDecision         float64 `json:"first_decision_seconds"` // from the start to the first commit
	EventsPerSecond       float64 `json:"events_per_second"`
	CPUMicros             float64 `json:"cpu_us_per_event"`
	Allocs                float64 `json:"allocs_per_event"`
	AllocBytes            float64 `json:"alloc_bytes_per_event"`
	Transactions          int     `json:"transactions"`
	TransactionsPerSecond float64 `json:"transactions_per_second"`
	PeakMemory            uint64  `json:"peak_memory_bytes"`
	Verifications         int     `json:"verifications,omitempty"` // remembered at the end
	StateBytes            int64   `json:"state_bytes,omitempty"`   // what they take of the memory
}

// Restore is what it took to start again with an empty memory.
type Restore struct {
	Records          int64   `json:"records"` // of the state's topic, with the markers of transactions
	Seconds          float64 `json:"seconds"` // from the offsets being known to all of them having been read
	RecordsPerSecond float64 `json:"records_per_second"`
	FirstDecision    float64 `json:"first_decision_seconds"` // from the start to the first commit
}

// Latency is in milliseconds.
type Latency struct {
	Rate    int     `json:"rate"`
	Counted int     `json:"counted"`
	Missing int     `json:"missing"`
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`

	TransactionsPerSecond float64 `json:"transactions_per_second"`
}

func (b *bench) newResult(t *target) *Result {
	c, o := &t.cfg.Config, &b.options
	r := &Result{
		Version: b.options.Version, CPUs: runtime.GOMAXPROCS(0), Broker: "in-process", Delivery: c.Delivery,
		Compression: c.Kafka.Compression, Format: c.Output.Format, Partitions: o.Partitions, Events: o.Events,
		Seed: o.Seed, State: c.StateOn(),
	}
	if !t.own {
		r.Broker = fmt.Sprint(c.Kafka.Brokers)
	}
	return r
}

func (r *Result) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r *Result) write(out io.Writer) error {
	w := screen.Wrapped(out, 2)
	fmt.Fprintf(w, "%d events of %.0f bytes, %s, %s, compression %s, %s, state %s, %d CPUs, broker %s\n\n",
		r.Events, r.EventBytes, wording.Count(r.Partitions, "partition"), r.Delivery, r.Compression, r.Format,
		onOff(r.State), r.CPUs, r.Broker)
	p, t := r.Throughput, screen.Table{}
	t.Row("events per second", number(p.EventsPerSecond, 0))
	t.Row("CPU per event", number(p.CPUMicros, 2)+" µs")
	t.Row("allocations per event", number(p.Allocs, 2)+", "+number(p.AllocBytes, 0)+" bytes")
	t.Row("transactions", fmt.Sprintf("%d, %s per second", p.Transactions, number(p.TransactionsPerSecond, 1)))
	t.Row("peak memory", number(float64(p.PeakMemory)/(1<<20), 0)+" MiB")
	t.Row("first decision after", number(p.FirstDecision*1000, 0)+" ms")
	if p.Verifications > 0 {
		t.Row("verifications remembered", fmt.Sprintf("%d, %s bytes each", p.Verifications,
			number(float64(p.StateBytes)/float64(p.Verifications), 0)))
	}
	if s := r.Restore; s != nil {
		t.Row("restore", fmt.Sprintf("%s records in %s s, %s per second", number(float64(s.Records), 0),
			number(s.Seconds, 2), number(s.RecordsPerSecond, 0)))
		t.Row("first decision after it", number(s.FirstDecision*1000, 0)+" ms from the start")
	}
	if l := r.Latency; l != nil {
		t.Row(fmt.Sprintf("latency at %d/s", l.Rate), fmt.Sprintf("p50 %.1f, p95 %.1f, p99 %.1f, max %.1f ms", l.P50,
			l.P95, l.P99, l.Max))
		t.Row("transactions meanwhile", number(l.TransactionsPerSecond, 1)+" per second")
		if l.Missing > 0 {
			t.Row("not read back", fmt.Sprintf("%s within %s", wording.Count(l.Missing, "decision"), latencyGrace))
		}
	}
	if err := t.Write(out); err != nil {
		return err
	}
	if r.Broker == "in-process" {
		_, err := fmt.Fprintln(w,
			"\nCPU, allocations and memory include the Kafka in this process and the bench itself; --kafka measures "+
				"on your own.")
		return err
	}
	return nil
}

func number(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
