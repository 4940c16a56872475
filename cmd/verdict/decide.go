package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/decide"
	"verdict/cmd/verdict/pipeline"
	"verdict/rules/wording"
)

const decideHelp = `Reads raw events, one JSON object per line, from FILE or the standard input, and prints what
each means.

--input says how they are written: canonical (the default), as a provider sends them to webhooks, or auto, which
recognises each line by its shape. docs/formats.md has them all.

--format table: a line for a person. --format json: for each input line, an empty one too, one line
  {"decision":{...},"routes":[...]}
      with the fields of the decision contract, and what is published for it:
      decision, verification, billing, risk;
  {"repeat":{"decision_id":"..."}}
      for an event that was seen in a line before; or
  {"dead_letter":{"reason":"...","detail":"..."}}
      for a line that can never be decided.
--explain adds in words what gave outcome, final, ended, category, signature, billing, retry with each of its actions,
anomalies, and by which rule the event follows the lines before and is charged (as "explanation" in json).

What the lines before said of a verification is kept to the end of FILE, as run keeps it: what comes again is a repeat,
an event that is older than what is known is LATE. An event is known by its event_id; without one by its content and
occurred_at; without either by its content, and it counts by the order of the lines. --stateless decides each line by
itself; lifecycle is null then.

As a record's coordinates, a decision's source has FILE ("-" is the standard input), partition 0 and the line's number
minus 1 as offset. An event without occurred_at is dated by --at, by default the time of this run; one that is dated
more than a day after that counts by the order of the lines. The key of a record is taken to be its verification_id.
Of the settings only catalog.*, metadata.keys and limits.* count.

Exit code 0 also with dead letters; with --strict 3 then.`

func newDecideCommand() *cobra.Command {
	var flags configFlags
	var d decideCommand
	cmd := &cobra.Command{
		Use:   "decide [FILE|-]",
		Short: "Decide events from a file, without Kafka, by the same code as run",
		Long:  decideHelp,
		Example: `  verdict decide events.jsonl
  verdict decide --explain events.jsonl
  verdict decide --input yousign webhooks.jsonl
  verdict decide --input fourthline --product document_authentication x.jsonl
  verdict decide --integration api events.jsonl
  verdict decide --format json - < events.jsonl | jq -r .decision.outcome
  echo '{"provider":"yousign","product":"video","verification_id":"v-1",
    "status":"inconclusive","codes":[1301]}' | jq -c . | verdict decide`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.parse(); err != nil {
				return err
			}
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			file := ""
			if len(args) == 1 {
				file = args[0]
			}
			return d.run(cfg, file, streams{cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&d.format, "format", "table", "`table` or json")
	d.input.add(cmd, &flags, "events")
	cmd.Flags().BoolVar(&d.explain, "explain", false, "say which rule of the catalog gave each result")
	cmd.Flags().BoolVar(&d.stateless, "stateless", false, "decide each line by itself")
	cmd.Flags().BoolVar(&d.strict, "strict", false, "exit with 3 if there are dead letters")
	cmd.Flags().StringVar(&d.at, "at", "", "`TIME` (RFC 3339) for events without occurred_at")
	completeFormats(cmd)
	nameFormats(cmd, &flags)
	return cmd
}

// nameFormats lets the help of --input name the catalog's formats. It is loaded for that alone, because what its
// settings are is known only then.
func nameFormats(cmd *cobra.Command, flags *configFlags) {
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if names := flags.formats(); names != nil {
			cmd.Flags().Lookup("input").Usage = "`FORMAT` of the events: " + strings.Join(names, ", ")
		}
		cmd.Root().HelpFunc()(cmd, args)
	})
}

type decideCommand struct {
	format, at      string
	input           inputFlags
	explain, strict bool
	stateless       bool
	events          pipeline.Input
	time            time.Time
}

func (d *decideCommand) parse() (err error) {
	if err := checkFormat(d.format); err != nil {
		return err
	}
	if d.events, err = d.input.input(); err != nil {
		return err
	}
	d.time = time.Now()
	if d.at != "" {
		if d.time, err = time.Parse(time.RFC3339Nano, d.at); err != nil {
			return wrongCall("--at %s: write a time such as 2026-11-20T08:00:00Z", d.at)
		}
	}
	return nil
}

func (d *decideCommand) run(cfg *config.Loaded, file string, std streams) error {
	rules, err := pipeline.ReadRules(cfg)
	if err != nil {
		return err
	}
	if err := d.input.check(rules); err != nil {
		return err
	}
	n, err := decide.Run(decide.Options{
		Config: cfg, Rules: rules, Version: version(), Input: d.events, Time: d.time,
		JSON: d.format == "json", Explain: d.explain, Stateless: d.stateless, File: file, In: std.in, Out: std.out,
		Err: std.err,
	})
	if err == nil && d.strict && n.Rejected > 0 {
		return &commandError{fmt.Errorf("%d of %s became dead letters", n.Rejected, wording.Count(n.Lines, "line")),
			exitRejected}
	}
	return err
}

func checkFormat(format string) error {
	if format != "table" && format != "json" {
		return wrongCall("--format %s: write table or json", format)
	}
	return nil
}

func completeFormats(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"table", "json"},
		cobra.ShellCompDirectiveNoFileComp))
}
