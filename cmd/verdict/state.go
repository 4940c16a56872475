package main

import (
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/state"
)

func newStateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Look at what is remembered of verifications, or move it",
		Long: `What a group remembers of verifications is in a changelog for each raw topic, GROUP-state.RAW_TOPIC.
show and stats look at it, also while the group is at work. begin, reset and rekey move it in transactions, together
with the group's offsets: for these the group has to be stopped.

` + settingsText,
		Args: noSubcommand,
		// Flags of a command that is misspelt are no mistakes of their own.
		FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true},
		RunE:               func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newStateShowCommand(), newStateStatsCommand(), newStateBeginCommand(), newStateResetCommand(),
		newStateRekeyCommand())
	return cmd
}

// stateFlags are the flags of all commands about the state.
type stateFlags struct {
	configFlags
	format string // "": the command has but one
}

func (f *stateFlags) addFormat(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.format, "format", "table", "`table` or json")
	completeFormats(cmd)
}

func (f *stateFlags) options(cmd *cobra.Command) (o state.Options, err error) {
	if f.format != "" {
		if err := checkFormat(f.format); err != nil {
			return o, err
		}
	}
	o = state.Options{JSON: f.format == "json", Out: cmd.OutOrStdout(), Now: time.Now()}
	if o.Config, err = f.load(); err != nil {
		return o, err
	}
	rules, err := pipeline.ReadRules(o.Config)
	if err != nil {
		return o, err
	}
	o.Catalog = rules.Catalog
	return o, nil
}

func newStateShowCommand() *cobra.Command {
	var flags stateFlags
	var o state.ShowOptions
	cmd := &cobra.Command{
		Use:   "show VERIFICATION_ID",
		Short: "Show what is remembered of a verification",
		Long: `Shows the current word about a verification, since when it is known, when the next one is expected,
what was charged, and how long all that is remembered. It looks for each provider and product of the catalog, in the
partitions that producers put the id into.`,
		Example: `  verdict state show 3f0c2a9e
  verdict state show --provider yousign --product video --format json 3f0c2a9e`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) != 1 || args[0] == "" {
				return wrongCall("state show: write one verification id")
			}
			o.VerificationID = args[0]
			if o.Options, err = flags.options(cmd); err != nil {
				return err
			}
			return state.Show(cmd.Context(), o)
		},
	}
	flags.add(cmd)
	flags.addFormat(cmd)
	cmd.Flags().StringVar(&o.Provider, "provider", "", "look for this `PROVIDER` only")
	cmd.Flags().StringVar(&o.Product, "product", "", "look for this `PRODUCT` only")
	cmd.Flags().BoolVar(&o.Everywhere, "everywhere", false,
		"look in all partitions: for records whose key is not the id")
	return cmd
}

func newStateStatsCommand() *cobra.Command {
	var flags stateFlags
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count what is remembered, and hold it against the offsets",
		Long: `Shows for each raw partition where the group and its state stand, how many verifications are remembered,
in how many bytes and in how long a log, and how many words are overdue; which transaction wrote last, by which clock,
and who, without the group's name; then the current words by outcome. Where state and offset are not one, or the
changelog has lost records, it says what a runner does about that, and the cure. It reads all of the changelogs.`,
		Example: `  verdict state stats
  verdict state stats --format json | jq .total`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := flags.options(cmd)
			if err != nil {
				return err
			}
			return state.Stats(cmd.Context(), o)
		},
	}
	flags.add(cmd)
	flags.addFormat(cmd)
	return cmd
}

const dryRunText = "say what would be done, and do nothing"

func newStateBeginCommand() *cobra.Command {
	var flags stateFlags
	var o state.MoveOptions
	cmd := &cobra.Command{
		Use:   "begin",
		Short: "Begin state for a stopped group that has run without",
		Long: `Begins state at the group's offset in each raw partition that has an offset and no state; until then a
runner with state holds it. Nothing is known then of what was decided before. With --again a partition of which the
changelog has lost records, at its end or in its midst, goes on with what is there now, and nothing is decided again.
One that has lost nothing stays as it is.`,
		Example: `  verdict state begin --dry-run
  verdict state begin`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Options, err = flags.options(cmd); err != nil {
				return err
			}
			unreadToo()
			return state.Begin(cmd.Context(), o)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&o.Again, "again", false, "go on where the changelog has lost records")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, dryRunText)
	return cmd
}

func newStateResetCommand() *cobra.Command {
	var flags stateFlags
	var o state.MoveOptions
	var to string
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Forget all, and have a stopped group decide the raw topics anew",
		Long: `Forgets what is known and moves the group back, one raw partition in one transaction after the other. All
that the raw topics still have from there on is decided anew: with newer rules, for example. To reset the offsets alone
decides nothing again. Without --yes it says what it would do.`,
		Example: `  verdict state reset
  verdict state reset --yes
  verdict state reset --to 2026-11-20T08:00:00Z --yes`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if to != "earliest" {
				if o.To, err = time.Parse(time.RFC3339Nano, to); err != nil {
					return wrongCall("--to %s: write earliest, or a time such as 2026-11-20T08:00:00Z", to)
				}
			}
			if o.Options, err = flags.options(cmd); err != nil {
				return err
			}
			unreadToo()
			return state.Reset(cmd.Context(), o)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&to, "to", "earliest", "decide from the first record of `TIME` (RFC 3339) on, or earliest")
	cmd.Flags().BoolVar(&o.Yes, "yes", false, "do it")
	return cmd
}

func newStateRekeyCommand() *cobra.Command {
	var flags stateFlags
	var o state.MoveOptions
	cmd := &cobra.Command{
		Use:   "rekey",
		Short: "Move what is known, of a stopped group, after partitions were added",
		Long: `After partitions were added to a raw topic, producers put most verifications into another partition than
before. This brings what is known of them there, one old partition in one transaction after the other, adds the
partitions that the changelog lacks, and begins the new ones. If it is interrupted, run it again.

It takes keys to be placed as Java's producers do (murmur2); what was placed otherwise stays where it is. It refuses
where an old partition still has records that are not decided, of verifications that would be moved away from it.`,
		Example: `  verdict state rekey --dry-run
  verdict state rekey`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Options, err = flags.options(cmd); err != nil {
				return err
			}
			unreadToo()
			return state.Rekey(cmd.Context(), o)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&o.Undecided, "undecided", false,
		"move also what has records that are not decided yet: they are decided as if nothing had been known")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, dryRunText)
	return cmd
}
