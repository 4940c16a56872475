package main

import (
	"fmt"
	"io"
	"time"
)

// benchOptions say what to measure, and where.
type benchOptions struct {
	Kafka       bool   // use the configured brokers instead of a Kafka in this process
	Keep        bool   // leave topics and group there
	Events      int    // to decide
	Seed        uint64 // of the generator
	Partitions  int    // of each topic
	Rate        int    // events per second while latency is measured; 0 leaves that out
	LatencyTime time.Duration
	CPUProfile  string // file, "" is none
	MemProfile  string // file, "" is none
	JSON        bool
	Sources     configSources // of the settings
	Version     string        // of the program
	Out, Err    io.Writer
}

// check says which option makes no sense.
func (o *benchOptions) check() error {
	switch {
	case o.Events < 1:
		return fmt.Errorf("--events %d: write a number from 1", o.Events)
	case o.Partitions < 1:
		return fmt.Errorf("--partitions %d: write a number from 1", o.Partitions)
	case o.Rate < 0:
		return fmt.Errorf("--rate %d: write 0 or more", o.Rate)
	case o.Rate > 0 && o.LatencyTime < time.Second:
		return fmt.Errorf("--latency-time %s: write 1s or more", o.LatencyTime)
	}
	return nil
}
