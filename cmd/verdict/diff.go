package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/diff"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/show"
	"verdict/processor/codec"
)

const diffHelp = `Says what a change of rules changes: decides the same events by two sets of rules and compares the
decisions field by field. New are the rules of the settings (catalog.overlay, catalog.dir); --against says what is old:

  DIR         the rules in that directory: a whole catalog if it has a
              catalog.yaml, otherwise an overlay over the built-in rules or
              those of catalog.dir; "./built-in" for a directory of such a name
  built-in    the rules that this program carries: the default for a file
  published   what the output topics hold for the same records: the default
              for a topic

The events are those of FILE or the standard input, one JSON object a line, or with --topic those of a raw topic of the
settings. It reads, and writes nothing to Kafka; it has no consumer group, so a running group is not disturbed.

Counted are the decisions that differ, by field, vocabulary, status and code; each kind of difference with the old and
the new value and rule; events that are decided on one side only; and charges whose flag is another one after the last
event, by provider, product and month of the event. Examples are coordinates and ids of decisions, never a value of an
event. rules_version is not compared. A billing rule for a time after all events that were read is named, as nothing
shows what it changes.

A provider's own bodies are read by --input auto, or by the name of their format. Where one side has no such format,
each event is a dead letter on that side.

Each side knows what its own decisions have left of a verification. Of a topic, the 7 days before --from are followed
for that, and not compared. A verification that began earlier than that is found by what is published: what depends on
its past is not compared then. Records are in the range by their timestamps.

Needed of Kafka: to read and describe the raw topic and, against published, the topics of decisions, billing events and
dead letters.

Exit code 0 if nothing differs, 3 if something does, and 1 if nothing could be compared.`

func newDiffCommand() *cobra.Command {
	var flags configFlags
	var d diffCommand
	cmd := &cobra.Command{
		Use:   "diff [FILE|-]",
		Short: "Say what a change of rules would change, on events of a file or a topic",
		Long:  diffHelp,
		Example: `  verdict diff --set catalog.overlay=my-rules events.jsonl
  verdict diff --set catalog.overlay=my-rules --input auto bodies.jsonl
  verdict diff --set catalog.overlay=my-rules --against release-1 events.jsonl
  verdict diff --config verdict.yaml --set catalog.overlay=my-rules \
    --topic idv.raw.v1 --from 2026-11-01T00:00:00Z
  verdict diff --set catalog.overlay=my-rules --format html \
    events.jsonl > diff.html`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				d.o.File = args[0]
			}
			d.changed = cmd.Flags().Changed
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			d.o.In, d.o.Out, d.o.Err = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
			return d.run(cmd.Context(), cfg)
		},
	}
	flags.add(cmd)
	d.addFlags(cmd, &flags)
	return cmd
}

// diffCommand is what its flags say.
type diffCommand struct {
	o               diff.Options
	against, format string
	from, to, at    string
	changed         func(flag string) bool // it is written, if only empty
	input           inputFlags
}

func (d *diffCommand) addFlags(cmd *cobra.Command, flags *configFlags) {
	f := cmd.Flags()
	f.StringVar(&d.against, "against", "", "what is old: `DIR`, "+againstBuiltIn+" or "+againstPublished)
	f.StringVar(&d.format, "format", string(show.DiffText), "`text`, json or html")
	f.StringVar(&d.o.Topic, "topic", "", "a raw `TOPIC` of the settings instead of FILE")
	f.StringVar(&d.from, "from", "", "`TIME` (RFC 3339) of the first record to compare")
	f.StringVar(&d.to, "to", "", "`TIME` (RFC 3339) of the first record not to compare")
	d.input.add(cmd, flags, "lines")
	f.StringVar(&d.at, "at", "", "`TIME` (RFC 3339) for lines without occurred_at")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(show.DiffFormats(),
		cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("against", cobra.FixedCompletions([]string{againstBuiltIn, againstPublished},
		cobra.ShellCompDirectiveDefault))
}

const (
	againstBuiltIn   = "built-in"
	againstPublished = "published"
)

func (d *diffCommand) run(ctx context.Context, cfg *config.Loaded) error {
	if err := d.parse(cfg); err != nil {
		return err
	}
	pipeline.BoundMemory()
	var err error
	if d.o.New, err = pipeline.LoadRules(cfg); err != nil {
		return err
	}
	d.o.NewName = "the rules of these settings (" + rulesOf(cfg) + ")"
	switch d.against {
	case againstPublished:
		d.o.OldName = "what is published"
	case againstBuiltIn:
		d.o.Old, d.o.OldName = pipeline.BuiltIn(), "the built-in rules"
	default:
		d.o.OldName = "the rules in " + d.against
		if d.o.Old, err = pipeline.RulesIn(cfg, d.against); err != nil {
			return fmt.Errorf("--against %s: %w", d.against, err)
		}
	}
	if err := d.checkInput(); err != nil {
		return err
	}
	d.o.Config, d.o.Version = cfg, version()
	ctx, stop := untilSignal(ctx, pipeline.NewLogger(d.o.Err, "error", "auto"))
	defer stop()
	differs, err := diff.Run(ctx, d.o)
	if err == nil && differs {
		return &commandError{nil, exitRejected}
	}
	return err
}

// rulesOf says which rules settings name.
func rulesOf(cfg *config.Loaded) string {
	var texts []string
	if dir := cfg.Catalog.Dir; dir != "" {
		texts = append(texts, "catalog.dir="+dir)
	}
	if dir := cfg.Catalog.Overlay; dir != "" {
		texts = append(texts, "catalog.overlay="+dir)
	}
	if texts == nil {
		return "the built-in ones"
	}
	return strings.Join(texts, ", ")
}

// parse holds the flags against one another and the settings.
func (d *diffCommand) parse(cfg *config.Loaded) (err error) {
	if !slices.Contains(show.DiffFormats(), d.format) {
		return wrongCall("--format %s: write %s", d.format, screen.OrList(show.DiffFormats()))
	}
	d.o.Show = show.DiffFormat(d.format)
	if d.o.Input, err = d.input.input(); err != nil {
		return err
	}
	d.o.Now = time.Now()
	d.o.Time = d.o.Now
	for _, flag := range []struct {
		name, text string
		to         *time.Time
	}{{"from", d.from, &d.o.From}, {"to", d.to, &d.o.To}, {"at", d.at, &d.o.Time}} {
		switch {
		case flag.text == "" && d.changed(flag.name):
			return wrongCall("--%s is empty: write a time such as 2026-11-20T08:00:00Z, or leave --%s out", flag.name,
				flag.name)
		case flag.text == "":
			continue
		}
		if *flag.to, err = time.Parse(time.RFC3339Nano, flag.text); err != nil {
			return wrongCall("--%s %s: write a time such as 2026-11-20T08:00:00Z", flag.name, flag.text)
		}
	}
	if d.o.Topic == "" {
		return d.parseFile(cfg)
	}
	return d.parseTopic(cfg)
}

func (d *diffCommand) parseFile(cfg *config.Loaded) error {
	switch {
	case d.from != "" || d.to != "":
		return wrongCall("--from and --to are for --topic: a file is compared as a whole")
	case d.against == againstPublished:
		return wrongCall("--against %s is for --topic: the lines of a file have no coordinates", againstPublished)
	case d.against == "" && cfg.Catalog.Dir == "" && cfg.Catalog.Overlay == "":
		return wrongCall("both sides would be the built-in rules: name those that you would change to by " +
			"--set catalog.overlay=DIR (or catalog.dir=DIR), or what they are to be compared with by --against")
	case d.against == "":
		d.against = againstBuiltIn
	}
	return nil
}

func (d *diffCommand) parseTopic(cfg *config.Loaded) error {
	var raw []string
	for _, t := range cfg.Topics.Raw {
		raw = append(raw, t.Name)
	}
	switch {
	case d.o.File != "":
		return wrongCall("diff: write a FILE or --topic, not both")
	case !slices.Contains(raw, d.o.Topic):
		return wrongCall("--topic %s: it is no raw topic of these settings (topics.raw): write %s", d.o.Topic,
			screen.OrList(raw))
	case d.o.Input != (pipeline.Input{Format: codec.Canonical}) || d.at != "":
		return wrongCall("--input, --product, --account, --integration and --at are for a file: " +
			"those of a topic are in topics.raw")
	case !d.o.To.IsZero() && !d.o.To.After(d.o.From):
		return wrongCall("--to %s: it is not after --from", d.to)
	case d.against == "":
		d.against = againstPublished
	}
	return cfg.CheckTopics()
}

// checkInput holds what is said of the lines against the catalogs. A format need only be one of either side: of a
// provider that the other does not have, it decides nothing.
func (d *diffCommand) checkInput() error {
	if d.o.Topic != "" {
		return nil
	}
	by := d.o.New
	if by.FormatProblem(d.input.format) != "" && d.o.Old.FormatProblem(d.input.format) == "" {
		by = d.o.Old
	}
	return d.input.check(by)
}
