package main

import (
	"github.com/spf13/cobra"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/schemas"
)

const schemasHelp = `Says of each schema that this program writes by whether the registry has it, under its topic's
subject (TOPIC-value); of one that it has not, what is new in it beside the latest version, and whether it would break
who reads. It is held against every version that is registered, in both directions, as it lies in the topic or will;
and the registry is asked by its own rule, which may look at less. A schema that is registered is held
against its subject's other versions too; what cannot be read is a warning then, for it is so already.

Before a new release is rolled out, run it with that release's program. It registers nothing, unless --register says
so; then all that is new, or nothing, if a schema would break a subscriber. The registry may still refuse one while
they are registered: that is told as a break, the rest is left, and what is registered by then stays. --register does so
too where registry.register is false: that is for instances, which then need no right to write.

  registered   the registry has this very schema
  new subject  it has none for this topic
  new version  it has others for this topic; this one fits
  BREAKS       a subscriber, present or updated, could not read
               what is or will be in the topic, or the registry
               refuses it
  unknown      it fits, but the registry's own answer could not
               be had

The schemas of raw topics are their producers' to register, that of the catalog's topic is registered by
verdict catalog --publish.

` + settingsText + `

Exit code 0 if all are there, or only new and compatible ones are not; 3 if one would break a subscriber or the registry
refused one; 1 if it could not tell or could not register; 2 for a mistake in call or settings.`

func newSchemasCommand() *cobra.Command {
	var flags configFlags
	var o schemas.Options
	var format string
	cmd := &cobra.Command{
		Use:   "schemas",
		Short: "Say what new schemas would break for who reads; register them",
		Long:  schemasHelp,
		Example: `  verdict schemas
  verdict schemas --register
  verdict schemas --format json | jq '.subjects[].breaks[]'`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := checkTextFormat(format); err != nil {
				return err
			}
			if o.Config, err = flags.load(); err != nil {
				return err
			}
			o.JSON, o.Out = format == "json", cmd.OutOrStdout()
			ctx, stop := untilSignal(cmd.Context(), pipeline.NewLogger(cmd.ErrOrStderr(), "error", "auto"))
			defer stop()
			outcome, err := schemas.Run(ctx, o)
			switch {
			case outcome == schemas.Breaks:
				return &commandError{err, exitRejected}
			case err == nil && outcome == schemas.Unknown:
				return &commandError{nil, exitFailure} // why has been said
			default:
				return err
			}
		},
	}
	flags.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.Register, "register", false, "register what is new, if nothing would break")
	addTextFormat(cmd, &format)
	return cmd
}
