package main

import (
	"math"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/topics"
)

const topicsHelp = `Shows each topic's purpose, key, partitions and settings. The raw topics are normally their
producers'; partitions bound how many instances can share the work, and the order of one verification is kept within its
partition, so choose them once. ` + "`topics.settings`" + ` has settings of your own, such as min.insync.replicas.

--plan looks at the cluster and says what --apply would do: topics to create, settings to change, from what to what.
--apply does it. Nothing is deleted or made smaller: what keeps more than planned, what would begin to delete or, but
for the state, to be compacted, more partitions of a raw or a compacted topic, and another number of copies are told as
left, with the command by which you may do it. What the brokers say that they would refuse is an error of the plan.
Partitions of a topic that is there are compared where --partitions asks for a number; an output topic that is not
compacted gets more. --create creates the topics that are missing and changes none that exists.

A topic of the state gets the partitions of its raw topic, however many these are, and keeps its records for as long as
that one's can need them, and a raw topic for as long as overdue notices do (overdue_after): the rules are read, and a
mistake in them ends the command with 1. The rights that each needs, which ` + "`verdict run`" + ` does not:
docs/kafka.md.

Exit code of --plan: 0 if there is nothing to do, 3 if there are changes, 1 if it could not tell or the brokers would
refuse something; of --apply and --create: 0 if all is done, 1 if something could not be; 2 for a mistake in the call or
the settings.`

func newTopicsCommand() *cobra.Command {
	var flags configFlags
	var o topics.Options
	var format string
	do := map[topics.Action]*bool{topics.Plan: new(bool), topics.Apply: new(bool), topics.Create: new(bool)}
	cmd := &cobra.Command{
		Use:   "topics",
		Short: "Show the topics that Verdict needs, compare a cluster's, make them so",
		Long:  topicsHelp + "\n\n" + settingsText,
		Example: `  verdict topics
  verdict topics --plan
  verdict topics --apply --partitions 12 --replication-factor 3
  verdict topics --plan --format json | jq '.topics[] | select(.settings != [])'`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Partitions < 0 || o.Partitions > math.MaxInt32 {
				return wrongCall("--partitions %d: write a number from 1 to %d", o.Partitions, math.MaxInt32)
			}
			if o.Replication < 0 || o.Replication > math.MaxInt16 {
				return wrongCall("--replication-factor %d: write a number from 1 to %d", o.Replication, math.MaxInt16)
			}
			if err := checkTextFormat(format); err != nil {
				return err
			}
			for action, asked := range do {
				if *asked && o.Do != topics.Show {
					return wrongCall("--plan, --apply and --create: write one of them")
				}
				if *asked {
					o.Do = action
				}
			}
			if o.Config, err = flags.load(); err != nil {
				return err
			}
			o.JSON, o.Out = format == "json", cmd.OutOrStdout()
			outcome, err := topics.Run(cmd.Context(), o)
			switch {
			case err != nil || outcome == topics.Fine:
				return err
			case outcome == topics.Changes:
				return &commandError{nil, exitRejected}
			default:
				return &commandError{nil, exitFailure} // what could not be seen has been said
			}
		},
	}
	flags.add(cmd)
	f := cmd.Flags()
	f.BoolVar(do[topics.Plan], "plan", false, "say what --apply would do")
	f.BoolVar(do[topics.Apply], "apply", false, "create the topics that are missing, and change settings that differ")
	f.BoolVar(do[topics.Create], "create", false, "create the topics that are missing")
	f.IntVar(&o.Partitions, "partitions", 0, "`NUMBER` of partitions of each topic, instead of the plan's")
	f.IntVar(&o.Replication, "replication-factor", 0, "`NUMBER` of copies of each partition, instead of the plan's")
	addTextFormat(cmd, &format)
	return cmd
}
