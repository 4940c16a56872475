package bench

import (
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/events"
)

// Options say what to measure, and where.
type Options struct {
	Kafka       bool   // use the configured brokers instead of a Kafka in this process
	Keep        bool   // leave topics and group there
	Events      int    // to decide
	Seed        uint64 // of the generator
	Mix         events.Mix
	Open        int // verifications that run side by side
	Partitions  int // of each topic
	Rate        int // events per second while latency is measured; 0 leaves that out
	LatencyTime time.Duration
	CPUProfile  string // file, "" is none
	MemProfile  string // file, "" is none
	JSON        bool
	Sources     config.Sources // of the settings
	Version     string         // of the program
	Out, Err    io.Writer
}

// Check says which option makes no sense.
func (o *Options) Check() error {
	switch {
	case o.Events < 1:
		return fmt.Errorf("--events %d: write a number from 1", o.Events)
	case o.Open < 1:
		return fmt.Errorf("--open %d: write a number from 1", o.Open)
	case o.Partitions < 1:
		return fmt.Errorf("--partitions %d: write a number from 1", o.Partitions)
	case o.Rate < 0:
		return fmt.Errorf("--rate %d: write 0 or more", o.Rate)
	case o.Rate > 0 && o.LatencyTime < time.Second:
		return fmt.Errorf("--latency-time %s: write 1s or more", o.LatencyTime)
	}
	return o.Mix.Check()
}
