package main

import (
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/bench"
	"verdict/cmd/verdict/pipeline"
)

func newBenchCommand() *cobra.Command {
	var flags configFlags
	var o bench.Options
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure throughput, cost and latency, here or on your own Kafka",
		Long: `Fills a raw topic with realistic events (all vocabularies, 270 to 450 bytes, one in a thousand
malformed, the same for the same seed), runs the pipeline of ` + "`verdict run`" + ` until the group's committed
offsets reach the end, and then sends events at a given rate and reads the decisions back, read committed. It prints
events per second, CPU, allocations and memory per event, transactions per second, and the latency from the moment
before an event is sent to its decision being read.

Without --kafka it brings its own Kafka, in this process: nothing to install, good for comparing settings and
versions, but CPU, allocations and memory then are those of both. With --kafka it takes the configured brokers,
creates topics and a group whose names begin with verdict-bench-, and deletes them at the end (--keep leaves them); it
needs the permission to create and delete topics. A topic that the settings switch off stays off. The schema registry is always its own, so that it leaves no schema in yours.

` + settingsText + ` Topics, group, registry and HTTP address are the bench's own.`,
		Example: `  verdict bench
  verdict bench --kafka --events 4000000 --set kafka.compression=none
  verdict bench --kafka --rate 0 --json --set delivery=at_least_once
  verdict bench --events 500000 --rate 0 --cpuprofile cpu.out`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Check(); err != nil {
				return wrongCall("%v", err)
			}
			o.Sources, o.Version, o.Out, o.Err = flags.sources(), version(), cmd.OutOrStdout(), cmd.ErrOrStderr()
			pipeline.BoundMemory()
			ctx, stop := untilSignal(cmd.Context(), pipeline.NewLogger(o.Err, "warn", "auto"))
			defer stop()
			return bench.Run(ctx, o)
		},
	}
	flags.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.Kafka, "kafka", false, "use the configured brokers instead of a Kafka in this process")
	f.IntVar(&o.Events, "events", 200_000, "how many `EVENTS` to decide")
	f.Uint64Var(&o.Seed, "seed", 1, "`NUMBER` that makes the events differ")
	f.IntVar(&o.Partitions, "partitions", 8, "`NUMBER` of partitions of each topic")
	f.IntVar(&o.Rate, "rate", 5000, "`EVENTS` per second while latency is measured; 0 leaves that out")
	f.DurationVar(&o.LatencyTime, "latency-time", 10*time.Second,
		"how long latency is measured; its first fifth does not count")
	f.BoolVar(&o.JSON, "json", false, "print the result as JSON")
	f.BoolVar(&o.Keep, "keep", false, "with --kafka: leave topics and group")
	f.StringVar(&o.CPUProfile, "cpuprofile", "", "write a CPU profile of the throughput part to `FILE`")
	f.StringVar(&o.MemProfile, "memprofile", "", "write a profile of its allocations to `FILE`")
	return cmd
}
