package bench

import (
	"runtime/metrics"
	"sync"
	"time"
)

// usage is what the process has taken until now.
type usage struct {
	at         time.Time
	cpu        time.Duration
	allocs     uint64
	allocBytes uint64
}

func usageNow() usage {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(samples)
	return usage{at: time.Now(), cpu: cpuTime(), allocs: samples[0].Value.Uint64(),
		allocBytes: samples[1].Value.Uint64()}
}

// memoryPeak watches the memory that the Go runtime holds from the operating system.
type memoryPeak struct {
	stop func()
	done sync.WaitGroup
	peak uint64
}

func watchMemory() *memoryPeak {
	stop := make(chan struct{})
	m := &memoryPeak{stop: sync.OnceFunc(func() { close(stop) }), peak: heldMemory()}
	m.done.Add(1)
	go func() {
		defer m.done.Done()
		ticks := time.NewTicker(50 * time.Millisecond)
		defer ticks.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticks.C:
				m.peak = max(m.peak, heldMemory())
			}
		}
	}()
	return m
}

// end may be called more than once.
func (m *memoryPeak) end() uint64 {
	m.stop()
	m.done.Wait()
	return max(m.peak, heldMemory())
}

func heldMemory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
