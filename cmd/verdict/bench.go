package main

import (
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/bench"
	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/pipeline"
)

func newBenchCommand() *cobra.Command {
	var flags configFlags
	var o bench.Options
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure throughput, cost and latency, here or on your own Kafka",
		Long: `Fills a raw topic with realistic events (all vocabularies, 270 to 450 bytes, one in a thousand
malformed, the same for the same seed but for their times), runs the pipeline of ` + "`verdict run`" + ` until the
group's committed offsets reach the end, and then sends events at a given rate and reads the decisions back, read
committed. It prints events per second, CPU, allocations and memory per event, transactions per second, and the
latency from the moment before an event is sent to its decision being read.

With state (state.enabled) it also prints how much memory a verification takes, and starts once more with an empty
memory: how long the restore took, and how long it was to the first decision. --repeats, --late and --reversed say
what the events are like, as for ` + "`verdict generate`" + `, and --open how many verifications are under way at a
time. --set state.enabled=false, or --set topics.verifications=, shows what state and its table cost.

Without --kafka it brings its own Kafka, in this process: nothing to install, good for comparing settings and
versions, but CPU, allocations and memory then are those of both. With --kafka it takes the configured brokers,
creates topics and a group whose names begin with verdict-bench-, and deletes them at the end (--keep leaves them); it
needs the permission to create and delete topics. A topic that the settings switch off stays off. The schema registry
is always its own, so that it leaves no schema in yours.

` + settingsText + ` Topics, group, registry and HTTP address are the bench's own.`,
		Example: `  verdict bench
  verdict bench --kafka --events 4000000 --set kafka.compression=none
  verdict bench --repeats 0.3 --open 100000 --set state.enabled=false
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
	f.Float64Var(&o.Mix.Repeats, "repeats", events.UsualMix.Repeats, "`SHARE` of events that come again, from 0 to 1")
	f.Float64Var(&o.Mix.Late, "late", events.UsualMix.Late,
		"`SHARE` of events that come after a newer one of their verification")
	f.Float64Var(&o.Mix.Reversed, "reversed", events.UsualMix.Reversed,
		"`SHARE` of final answers that become another one: more events for each verification")
	f.IntVar(&o.Open, "open", events.UsuallyOpen, "`NUMBER` of verifications that run side by side")
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
