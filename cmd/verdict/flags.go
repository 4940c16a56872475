package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
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

func (f *configFlags) sources() config.Sources {
	return config.Sources{File: f.file, Env: os.Environ(), Set: f.set}
}

func (f *configFlags) load() (*config.Loaded, error) {
	return config.Load(f.sources())
}

// formats are the names of the catalog's formats, for a shell that completes; none if it cannot be loaded.
func (f *configFlags) formats() []string {
	cfg, err := f.load()
	if err != nil {
		return nil
	}
	rules, err := pipeline.ReadRules(cfg)
	if err != nil {
		return nil
	}
	return rules.Formats.Names()
}

// completeKeys offers the keys and, behind KEY=, what may stand there.
func completeKeys(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	if name, _, found := strings.Cut(typed, "="); found {
		var pairs []string
		if key, err := config.FindKey(name); err == nil {
			for _, value := range key.Values() {
				pairs = append(pairs, name+"="+value)
			}
		}
		return pairs, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, name := range config.KeyNames() {
		names = append(names, name+"=")
	}
	return names, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// addTextFormat adds --format of a command that writes text or JSON.
func addTextFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", "text", "`text` or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"},
		cobra.ShellCompDirectiveNoFileComp))
}

func checkTextFormat(format string) error {
	if format != "text" && format != "json" {
		return wrongCall("--format %s: write text or json", format)
	}
	return nil
}

const settingsText = `Settings come from a YAML file (--config FILE or VERDICT_CONFIG), the environment (VERDICT_ and
the key in upper case, _ for each dot: VERDICT_KAFKA_BROKERS) and --set key=value; the later wins. ` +
	"`verdict config` lists them all."

func unquote(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") }
