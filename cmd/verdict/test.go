package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/cases"
	"verdict/cmd/verdict/pipeline"
	"verdict/rules"
	"verdict/rules/wording"
)

const testHelp = `Runs the cases of the rules: events, or sequences of events, and what must be published for each. They
are decided by the same code as run, and compared field by field. Cases are in the directory cases beside the rules;
docs/cases.md says how they are written.

DIR is a directory of rules. With a catalog.yaml in it, it is a whole catalog, as catalog.dir; without, it lies over the
catalog, as catalog.overlay. Without DIR, the rules are those of the settings, by default the built-in ones.

The cases in DIR must pass. Those of the rules below it are run, too: where DIR changes an answer, the case is told as
changed, which is no failure; one that does not pass without DIR fails. Last comes what no case names: statuses, codes,
ranges and billing rules.

Exit code 1 if a case fails, or if one that is marked with todo passes.`

func newTestCommand() *cobra.Command {
	var flags configFlags
	var junit string
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run the rules' cases: does each event come to what it must?",
		Long:  testHelp,
		Example: `  verdict test
  verdict test my-rules
  verdict test my-rules --junit report.xml
  verdict test --config verdict.yaml`,
		Args: atMost(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := testRules(&flags, args)
			if err == nil {
				report.WriteText(cmd.OutOrStdout())
			}
			if junit != "" {
				if err := writeJUnit(report, err, junit); err != nil {
					return err
				}
			}
			if err != nil {
				return err
			}
			if n := report.Failures(); n > 0 {
				return fmt.Errorf("%s failed", wording.Count(n, "case"))
			}
			return nil
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&junit, "junit", "", "write the results into `FILE`, as JUnit XML")
	return cmd
}

// testRules runs the cases of the settings' rules, or of those in the directory that args name.
func testRules(flags *configFlags, args []string) (*cases.Report, error) {
	cfg, err := flags.load()
	if err != nil {
		return nil, err
	}
	if len(args) == 1 {
		if err := pipeline.UseRules(cfg, args[0]); err != nil {
			return nil, err
		}
	}
	loaded, err := pipeline.ReadRules(cfg)
	if _, readable := errors.AsType[rules.Mistakes](err); err != nil && !readable {
		return nil, err
	}
	suites, wrong := pipeline.LoadCases(cfg)
	if err := errors.Join(err, wrong); err != nil {
		return nil, err
	}
	return pipeline.TestRules(cfg, version(), loaded, suites)
}

// writeJUnit replaces the file, by the report or by the problem for which there is none.
func writeJUnit(report *cases.Report, problem error, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return errors.Join(problem, err)
	}
	if problem != nil {
		err = cases.WriteJUnitError(file, problem)
	} else {
		err = report.WriteJUnit(file)
	}
	return errors.Join(err, file.Close())
}
