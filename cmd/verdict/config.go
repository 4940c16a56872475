package main

import (
	"github.com/spf13/cobra"

	"verdict/cmd/verdict/config"
)

func newConfigCommand() *cobra.Command {
	var flags configFlags
	var markdown bool
	cmd := &cobra.Command{
		Use:   "config [KEY]",
		Short: "Show each setting, its value and source; or explain one",
		Long: `Without KEY: the settings that a run with the same flags and environment would have, each with its
source. Secrets are shown as ***. With KEY: what it means, its variable, default and allowed values.

` + settingsText,
		Example: `  verdict config
  verdict config --config verdict.yaml --set kafka.group=test
  verdict config kafka.instance_id`,
		Args: atMost(1),
		ValidArgsFunction: func(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return config.KeyNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if markdown {
				return config.WriteReference(out)
			}
			if len(args) == 1 {
				key, err := config.FindKey(args[0])
				if err != nil {
					return wrongCall("%v", err)
				}
				return key.Explain(out)
			}
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			return config.WriteSettings(out, cfg)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print the reference of all keys (docs/configuration.md)")
	return cmd
}
