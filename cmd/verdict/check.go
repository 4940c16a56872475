package main

import (
	"github.com/spf13/cobra"

	"verdict/cmd/verdict/check"
)

func newCheckCommand() *cobra.Command {
	var flags configFlags
	var connect bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check settings, catalog and schemas; the cluster with --connect",
		Long: `Checks what a run with the same flags and environment would need, one line per point, and names a cure
for each that fails (FAILED), and for each that works and may yet lose records (warn). With catalog.dir or
catalog.overlay it lists what these rules do otherwise than the built-in ones, and runs the cases beside them. With
--connect it also looks at brokers, topics, permissions and the schema registry, and waits some seconds for a cluster
that is just starting; it writes nothing.

` + settingsText + `

Exit code 0 if no point fails, 1 if one does, 2 if the configuration has mistakes. Settings that do not fit together
end it after the catalog, which does not rest on them.`,
		Example: `  verdict check --config verdict.yaml
  verdict check --config verdict.yaml --connect
  verdict check --set catalog.overlay=my-rules --set output.format=json`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			return check.Run(cmd.Context(), cfg, connect, cmd.OutOrStdout())
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&connect, "connect", false, "look at brokers, topics, permissions and registry too")
	return cmd
}
