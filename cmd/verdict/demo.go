package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/demo"
	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/pipeline"
)

func newDemoCommand() *cobra.Command {
	var set []string
	var options demo.Options
	cmd := &cobra.Command{
		Use:   "demo [FILE]",
		Short: "See it work: a Kafka, a registry and run in this one process",
		Long: `Starts a Kafka and a schema registry in this process, on loopback ports, runs the same pipeline as
verdict run against them (exactly once), produces sample events of all vocabularies, broken ones too, and prints each
decision and dead letter as they are read back from the output topics, read committed. Then it goes on with generated
events until Ctrl-C, and ends with a summary. Nothing is installed, kept or sent anywhere.

With FILE: your own events or providers' webhook bodies, one JSON object per line, instead of the samples; each is read
by its shape (topics.raw has the format auto). Environment and configuration files do not count here; --set does.
Outputs are JSON, so that kcat and jq show them; --set output.format=avro writes what verdict run does.`,
		Example: `  verdict demo
  verdict demo --once
  verdict demo --rate 50
  verdict demo my-events.jsonl --once --set catalog.dir=my-catalog`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			options.Set, options.Version = set, version()
			options.Out, options.Err = cmd.OutOrStdout(), cmd.ErrOrStderr()
			if err := options.Check(); err != nil {
				return wrongCall("%v", err)
			}
			if len(args) == 1 {
				if err := readDemoFile(&options, args[0], cmd.InOrStdin()); err != nil {
					return err
				}
			}
			ctx, stop := untilSignal(cmd.Context(), pipeline.NewLogger(options.Err, "warn", "console"))
			defer stop()
			return demo.Run(ctx, options)
		},
	}
	cmd.Flags().BoolVar(&options.Once, "once", false, "end when all sample events (or FILE's) are decided")
	cmd.Flags().Float64Var(&options.Rate, "rate", 5, "generated `EVENTS` per second after that; 0 for none")
	cmd.Flags().StringArrayVar(&set, "set", nil, "a setting as `KEY=VALUE`; repeatable")
	_ = cmd.RegisterFlagCompletionFunc("set", completeKeys)
	return cmd
}

// readDemoFile reads the events to show instead of the samples.
func readDemoFile(o *demo.Options, file string, in io.Reader) error {
	name, lines, err := events.Open(file, in)
	if err != nil {
		return err
	}
	defer lines.Close()
	if o.Events, err = events.ReadAll(lines); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(o.Events) == 0 {
		return wrongCall("%s has no line: write one event per line", name)
	}
	o.File = file
	return nil
}
