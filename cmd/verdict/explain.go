package main

import (
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/explain"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
)

const explainHelp = `Says of one record what it is, what was decided from which raw record, by which rules and why, and
what the rules of the settings make of the same now, with each field in which both differ. TOPIC is any of the settings:
a raw topic, or that of decisions, verifications, billing events, risk events, overdue notices or dead letters.

From a raw record, what was published for it is looked for by its source: in the partition of its verification, then in
all, by the records' own times: until --within after the record's and, as clocks differ, from a sixtieth of that before
it. A repeat has no decision. An output record leads to its raw record; a risk event does so through its decision.

The present rules decide the raw record by itself, so both are compared without lifecycle and without what else depends
on the events before; id and sequence are the published ones. Of an event's own fields the names are told where they
differ, not the values, and those that were never published are not shown. What the raw record says is shown by
--payload alone: it may hold personal data.

It reads, and writes nothing to Kafka; it has no consumer group. Needed of Kafka: to read and describe the record's
topic and, from a raw record, those of decisions and dead letters, from an output the raw topics, from a risk event also
that of decisions; to describe the group, or else it is not said whether the group has come that far.

Exit code 0 if both say the same, 3 if they differ, 1 if there is no such record, nothing to compare, or it could not be
asked: nothing published was found, the raw record is gone or another stands there, the registry is silent, or the rules
of the settings cannot be loaded. What is known is shown all the same.`

func newExplainCommand() *cobra.Command {
	var flags configFlags
	var o explain.Options
	var format string
	cmd := &cobra.Command{
		Use:   "explain TOPIC/PARTITION/OFFSET",
		Short: "Say what one record is, why it was decided so, and what the present rules say",
		Long:  explainHelp,
		Example: `  verdict explain idv.decisions.v1/3/1042
  verdict explain idv.raw.v1/0/77 --within 24h
  verdict explain idv.deadletter.v1/0/5 --set catalog.overlay=my-rules
  verdict explain idv.billing.v1/3/12 --format json | jq .differences`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.Config, err = flags.load(); err != nil {
				return err
			}
			if err := parseExplain(&o, args, format); err != nil {
				return err
			}
			if err := o.Config.CheckTopics(); err != nil {
				return err
			}
			if o.Rules, err = pipeline.LoadRules(o.Config); err != nil {
				return err
			}
			o.Version, o.Now, o.Out, o.Err = version(), time.Now(), cmd.OutOrStdout(), cmd.ErrOrStderr()
			ctx, stop := untilSignal(cmd.Context(), pipeline.NewLogger(cmd.ErrOrStderr(), "error", "auto"))
			defer stop()
			differs, err := explain.Run(ctx, o)
			if err == nil && differs {
				return &commandError{nil, exitRejected}
			}
			return err
		},
	}
	flags.add(cmd)
	f := cmd.Flags()
	f.DurationVar(&o.Within, "within", time.Hour, "how much later than the raw record to look, a `DURATION`")
	f.BoolVar(&o.Payload, "payload", false, "show the raw record's key, headers and value too")
	addTextFormat(cmd, &format)
	return cmd
}

// parseExplain holds arguments and flags against the settings.
func parseExplain(o *explain.Options, args []string, format string) (err error) {
	switch {
	case len(args) != 1:
		return wrongCall("explain: write one TOPIC/PARTITION/OFFSET, such as idv.decisions.v1/3/1042")
	case checkTextFormat(format) != nil:
		return checkTextFormat(format)
	case o.Within <= 0:
		return wrongCall("--within %s: write a duration above 0, such as 1h", o.Within)
	}
	o.JSON = format == "json"
	if o.Place, err = explain.ParsePlace(screen.Printable(args[0])); err != nil {
		return wrongCall("explain %v", err)
	}
	if err := explain.CheckTopic(o.Config, o.Place.Topic); err != nil {
		return wrongCall("explain %v", err)
	}
	return nil
}
