package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/publish"
	"verdict/cmd/verdict/screen"
)

const publishText = `--publish TOPIC makes a compacted topic hold the loaded catalog, for readers who join decisions
with what codes and statuses mean: one record a status, risk code, code and range, keyed provider/product/kind/name.
Only rows that differ from what the topic holds are written, and a record without a value for each that is gone, in one
transaction; a second call writes nothing. Whoever releases rules runs it, once. It refuses rules whose own cases fail,
and a topic that holds anything else. --create makes the topic if it is not there, --dry-run tells what would be
written.`

// publishFlags are those of the catalog as a topic.
type publishFlags struct {
	topic          string
	create, dryRun bool
}

func (f *publishFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.topic, "publish", "", "write the catalog to a compacted `TOPIC`: what differs from it")
	cmd.Flags().BoolVar(&f.create, "create", false, "with --publish: create the topic if it is not there")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "with --publish: "+dryRunText)
}

// check refuses what does not go together.
func (f *publishFlags) check(cmd *cobra.Command, export string, args []string) error {
	switch {
	case f.topic == "" && cmd.Flags().Changed("publish"):
		return wrongCall("--publish is empty: write the topic's name")
	case f.topic == "" && (f.create || f.dryRun):
		return wrongCall("--%s goes with --publish: write --publish TOPIC too, or leave it out",
			screen.Either(f.create, "create", "dry-run"))
	case f.topic == "":
		return nil
	case export != "":
		return wrongCall("--publish and --export: call one after the other")
	case len(args) > 0:
		return wrongCall("--publish takes the whole catalog: leave %s out", screen.Printable(strings.Join(args, " ")))
	case f.create && f.dryRun:
		return wrongCall("--create and --dry-run: a trial creates nothing, leave one of them out")
	}
	return nil
}

// run publishes rules that a start would take: readers are told nothing that fails its own cases.
func (f *publishFlags) run(cmd *cobra.Command, cfg *config.Loaded, rules *pipeline.Rules, asJSON bool) error {
	if _, err := pipeline.TestOwn(cfg, version(), rules); err != nil {
		return err
	}
	return publish.Run(cmd.Context(), publish.Options{Config: cfg, Catalog: rules.Catalog, Topic: f.topic,
		Create: f.create, DryRun: f.dryRun, JSON: asJSON, Out: cmd.OutOrStdout(), Now: time.Now()})
}
