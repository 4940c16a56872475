package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
)

// Exit codes, as --help documents them.
const (
	exitOK       = 0
	exitFailure  = 1
	exitUsage    = 2
	exitRejected = 3 // decide --strict; diff; explain; status; topics --plan; schemas
	exitSignal   = 128
)

// streams are the program's connections to its caller.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func standardStreams() streams { return streams{os.Stdin, os.Stdout, os.Stderr} }

// commandError is an error of a command that was called rightly; any other is a mistake in how it was called.
type commandError struct {
	err  error // nil: it has been said
	code int
}

func (e *commandError) Error() string { return fmt.Sprint(e.err) }
func (e *commandError) Unwrap() error { return e.err }

// report says what went wrong, and where help is, and returns the exit code.
func (s streams) report(cmd *cobra.Command, err error) int {
	if err == nil {
		return exitOK
	}
	out := screen.Wrapped(s.err, len("verdict: "))
	if called, ok := errors.AsType[*commandError](err); ok {
		if called.err != nil {
			fmt.Fprintf(out, "verdict: %v\n", called.err)
		}
		return called.code
	}
	fmt.Fprintf(out, "verdict: %v\n", err)
	if _, ok := errors.AsType[config.Mistakes](err); !ok {
		fmt.Fprintf(out, "`%s --help` tells %s.\n", cmd.CommandPath(),
			screen.Either(cmd.HasParent(), "what it takes", "what there is"))
	}
	return exitUsage
}

// failed marks errors of commands that were called rightly, so that report tells them from wrong calls.
func failed(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		if err == nil {
			return nil
		}
		if errors.Is(err, pipeline.ErrLogged) {
			return &commandError{nil, exitFailure}
		}
		if _, ok := errors.AsType[config.Mistakes](err); ok {
			return err
		}
		if _, ok := errors.AsType[*usageError](err); ok {
			return err
		}
		if _, ok := errors.AsType[*commandError](err); ok {
			return err
		}
		return &commandError{err, exitFailure}
	}
}

// usageError is a wrong call that only the command itself can see.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func wrongCall(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

const rootText = `Verdict reads what identity-verification providers report, in their own words, and says for each
event what it means in one vocabulary: outcome, category, billing flag and retry advice. It publishes decisions, billing
events, risk events and dead letters to Kafka, exactly once.

Start here, nothing to install:
  verdict demo                  a Kafka in this process, sample events, decisions as they are made
  verdict decide events.jsonl   decide events from a file, without Kafka
  verdict catalog               what Verdict knows about each provider's statuses and codes
  verdict test my-rules         do your own rules decide what their cases say?

Then, with a Kafka:
  verdict check --connect       is all there that it needs? If not, what to do
  verdict topics --create       create the topics
  verdict schemas --register    register the schemas, if no reader would break
  verdict run                   decide until it is stopped
  verdict status                who has what, what waits, what is wrong
  verdict diff --set catalog.overlay=my-rules events.jsonl
                                what would other rules change?
  verdict explain idv.decisions.v1/3/1042
                                why was this decided so, and what is said now?

Exit codes: 0 done; 1 it failed; 2 a mistake in the command line or the configuration; 3 decide --strict found dead
letters, diff or explain a difference, status that something is wrong, topics --plan something to do, or schemas what
would break a subscriber; 130 and 143 a second SIGINT or SIGTERM ended it at once.`

func newRootCommand(std streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "verdict",
		Short:         "Decide what identity-verification events mean",
		Long:          rootText,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:       version(), // for --version, which prints what the command version does
	}
	root.SetVersionTemplate(versionText())
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetFlagErrorFunc(flagMistake)
	root.AddCommand(
		newRunCommand(), newDemoCommand(), newDecideCommand(), newCheckCommand(), newTopicsCommand(),
		newCatalogCommand(), newTestCommand(),
		newConfigCommand(), newGenerateCommand(), newBenchCommand(), newVersionCommand(), newStateCommand(),
		newDiffCommand(), newStatusCommand(), newExplainCommand(),
		newSchemasCommand(),
	)
	for _, cmd := range commandsBelow(root) {
		cmd.RunE = failed(cmd.RunE)
	}
	addHelp(root)
	addCompletion(root)
	return root
}
