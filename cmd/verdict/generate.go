package main

import (
	"math/rand/v2"
	"slices"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/generate"
	"verdict/cmd/verdict/pipeline"
)

func newGenerateCommand() *cobra.Command {
	var flags configFlags
	var o generate.Options
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Make realistic raw events, for trials and load tests",
		Long: `Prints raw events in the canonical envelope, one JSON object per line, 270 to 450 bytes each:
verifications of all vocabularies of the catalog that run side by side, each with its events in order. Most end well.
One event in a thousand is malformed. The same seed, with the same shares, gives the same events.

Shares, from 0 to 1, say how much goes wrong on the way: --repeats of the events come again with the same event_id,
--late of those that another event of their verification follows come after it, --reversed of the final answers become
another one.

With --topic it publishes them there instead, each in the partition of its verification_id, dated from now on, until
--count are sent or Ctrl-C. Without --seed each call publishes other events, and says at the end which seed would give
them again. It needs the right to write to the topic, and to describe it.

` + settingsText + ` Here catalog.* count and, with --topic, the kafka settings about brokers, TLS and SASL.`,
		Example: `  verdict generate --count 1000 | verdict decide
  verdict generate --repeats 0.3 --late 0.05 | verdict decide
  verdict generate --topic idv.raw.v1 --count 200000
  verdict generate --topic idv.raw.v1 --count 0 --rate 50 --config verdict.yaml`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			if err := checkGenerate(&o, cfg); err != nil {
				return err
			}
			if err := prepareGenerate(&o, cfg); err != nil {
				return err
			}
			if o.Topic != "" && !cmd.Flags().Changed("seed") {
				o.Seed = uint64(rand.Uint32()) // the same ids twice would be redeliveries
			}
			o.Out, o.Err = cmd.OutOrStdout(), cmd.ErrOrStderr()
			ctx, stop := untilSignal(cmd.Context(), pipeline.NewLogger(o.Err, "warn", "auto"))
			defer stop()
			return generate.Run(ctx, o)
		},
	}
	flags.add(cmd)
	cmd.Flags().IntVar(&o.Count, "count", 100, "how many `EVENTS`; with --topic, 0 is without end")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1,
		"`NUMBER` that makes the events differ; with --topic a random one if left out")
	cmd.Flags().Float64Var(&o.Mix.Repeats, "repeats", events.UsualMix.Repeats, "`SHARE` of events that come again")
	cmd.Flags().Float64Var(&o.Mix.Late, "late", events.UsualMix.Late,
		"`SHARE` of events that come after a newer one of their verification")
	cmd.Flags().Float64Var(&o.Mix.Reversed, "reversed", events.UsualMix.Reversed,
		"`SHARE` of final answers that become another one")
	cmd.Flags().BoolVar(&o.WithKey, "with-key", false, "print verification_id, a tab and the event")
	cmd.Flags().StringVar(&o.Topic, "topic", "", "publish to this `TOPIC` instead of printing")
	cmd.Flags().Float64Var(&o.Rate, "rate", 0, "`EVENTS` per second with --topic; 0: as fast as it goes")
	return cmd
}

// prepareGenerate finds what the settings name: the catalog and, with --topic, the cluster.
func prepareGenerate(o *generate.Options, cfg *config.Loaded) error {
	rules, err := pipeline.ReadRules(cfg)
	if err != nil {
		return err
	}
	o.Catalog = rules.Catalog
	if o.Topic != "" {
		o.Kafka, err = pipeline.KafkaConfig(cfg)
	}
	return err
}

func checkGenerate(o *generate.Options, cfg *config.Loaded) error {
	switch {
	case o.Count < 1 && (o.Topic == "" || o.Count < 0):
		return wrongCall("--count %d: write a number from 1", o.Count)
	case events.CheckRate(o.Rate) != nil:
		return wrongCall("%v", events.CheckRate(o.Rate))
	case o.Mix.Check() != nil:
		return wrongCall("%v", o.Mix.Check())
	case o.Rate > 0 && o.Topic == "":
		return wrongCall("--rate is for --topic: printing is as fast as its reader")
	case o.WithKey && o.Topic != "":
		return wrongCall("--with-key is for printing: published events have their key")
	case slices.Contains(cfg.OutputTopics(), o.Topic):
		return wrongCall("--topic %s: the settings name it as an output of Verdict; name a raw topic", o.Topic)
	case o.Topic != "":
		return cfg.CheckLogin()
	}
	return nil
}
