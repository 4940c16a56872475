package main

import (
	"os"

	"github.com/spf13/cobra"
)

// configFlags are the flags of every command that has settings.
type configFlags struct {
	file string
	set  []string
}

func (f *configFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "config", "", "configuration `FILE` in YAML (or VERDICT_CONFIG)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "a setting as `KEY=VALUE`, over file and environment; repeatable")
	_ = cmd.RegisterFlagCompletionFunc("set", completeKeys)
}

func (f *configFlags) sources() configSources {
	return configSources{file: f.file, env: os.Environ(), set: f.set}
}

func (f *configFlags) load() (*loadedConfig, error) {
	return loadConfig(f.sources())
}

func completeKeys(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, name := range keyNames() {
		names = append(names, name+"=")
	}
	return names, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

const settingsText = `Settings come from a YAML file (--config FILE or VERDICT_CONFIG), the environment (VERDICT_ and the key in upper case, _ for
each dot: VERDICT_KAFKA_BROKERS) and --set key=value; the later wins. ` + "`verdict config`" + ` lists them all.`
