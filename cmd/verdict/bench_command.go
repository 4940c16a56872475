package main

import (
	"time"

	"github.com/spf13/cobra"
)

func newBenchCommand() *cobra.Command {
	b := &bench{}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure throughput, cost and latency, here or on your own Kafka",
		Long: `Fills a raw topic with realistic events (three vocabularies, 270 to 450 bytes, one in a thousand malformed, the same for the
same seed), runs the pipeline of ` + "`verdict run`" + ` until the group's committed offsets reach the end, and then sends events at a
given rate and reads the decisions back, read committed. It prints events per second, CPU, allocations and memory per event,
transactions per second, and the latency from the moment before an event is sent to its decision being read.

Without --kafka it brings its own Kafka, in this process: nothing to install, good for comparing settings and versions, but
CPU, allocations and memory then are those of both. With --kafka it takes the configured brokers, creates five topics and a group whose
names begin with verdict-bench-, and deletes them at the end (--keep leaves them); it needs the permission to create and
delete topics. The schema registry is always its own, so that it leaves no schema in yours.

` + settingsText + ` Topics, group, registry and HTTP address are the bench's own.`,
		Example: `  verdict bench
  verdict bench --kafka --events 4000000 --partitions 8 --rate 5000 --set kafka.compression=none
  verdict bench --kafka --rate 0 --json --set delivery=at_least_once
  verdict bench --events 500000 --rate 0 --cpuprofile cpu.out`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := b.options.check(); err != nil {
				return err
			}
			b.out, b.err = cmd.OutOrStdout(), cmd.ErrOrStderr()
			return b.run(cmd.Context())
		},
	}
	b.flags.add(cmd)
	o, flags := &b.options, cmd.Flags()
	flags.BoolVar(&o.kafka, "kafka", false, "use the configured brokers instead of a Kafka in this process")
	flags.IntVar(&o.events, "events", 200_000, "how many `EVENTS` to decide")
	flags.Uint64Var(&o.seed, "seed", 1, "`NUMBER` that makes the events differ")
	flags.IntVar(&o.partitions, "partitions", 8, "`NUMBER` of partitions of each topic")
	flags.IntVar(&o.rate, "rate", 5000, "`EVENTS` per second while latency is measured; 0 leaves that out")
	flags.DurationVar(&o.latencyTime, "latency-time", 10*time.Second, "how long latency is measured; its first fifth does not count")
	flags.BoolVar(&o.json, "json", false, "print the result as JSON")
	flags.BoolVar(&o.keep, "keep", false, "with --kafka: leave topics and group")
	flags.StringVar(&o.cpuProfile, "cpuprofile", "", "write a CPU profile of the throughput part to `FILE`")
	flags.StringVar(&o.memProfile, "memprofile", "", "write a profile of its allocations to `FILE`")
	return cmd
}

type benchOptions struct {
	kafka, json, keep      bool
	events                 int
	seed                   uint64
	partitions, rate       int
	latencyTime            time.Duration
	cpuProfile, memProfile string
}

func (o *benchOptions) check() error {
	switch {
	case o.events < 1:
		return wrongCall("--events %d: write a number from 1", o.events)
	case o.partitions < 1:
		return wrongCall("--partitions %d: write a number from 1", o.partitions)
	case o.rate < 0:
		return wrongCall("--rate %d: write 0 or more", o.rate)
	case o.rate > 0 && o.latencyTime < time.Second:
		return wrongCall("--latency-time %s: write 1s or more", o.latencyTime)
	}
	return nil
}
