package main

import (
	"bufio"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/events"
	"verdict/rules"
)

func newGenerateCommand() *cobra.Command {
	var count int
	var seed uint64
	var withKey bool
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Print realistic raw events, for trials and load tests",
		Long: `Prints raw events in the canonical envelope, one JSON object per line, 270 to 450 bytes each: verifications of all three
vocabularies that run side by side, each with its events in order. Most end well. One event in a hundred is a redelivery
with the same event_id, one in a thousand is malformed. The same seed gives the same events.`,
		Example: `  verdict generate --count 1000 | verdict decide
  verdict generate --count 200000 --seed 1 --with-key | kcat -P -b 127.0.0.1:9092 -t idv.raw.v1 -K '\t' -X partitioner=murmur2_random`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if count < 1 {
				return wrongCall("--count %d: write a number from 1", count)
			}
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)
			g := events.NewGenerator(rules.Embedded(), seed, events.GeneratorStart)
			for range count {
				line := g.Next()
				if withKey {
					_, _ = out.WriteString(line.Key + "\t") // the error comes again from Flush
				}
				_, _ = out.Write(line.Value)
				_ = out.WriteByte('\n')
			}
			return out.Flush()
		},
	}
	cmd.Flags().IntVar(&count, "count", 100, "how many `EVENTS`")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "`NUMBER` that makes the events differ")
	cmd.Flags().BoolVar(&withKey, "with-key", false, "print verification_id, a tab and the event")
	return cmd
}
