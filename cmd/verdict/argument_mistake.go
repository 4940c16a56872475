package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// atMost refuses more than n arguments, in the words of the other wrong calls.
func atMost(n int) cobra.PositionalArgs {
	takes := screen.Either(n == 0, "no argument", "at most "+wording.Count(n, "argument"))
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		surplus := screen.Printable(strings.Join(args[n:], " "))
		return wrongCall("%s takes %s: %s is too much%s", cmd.Name(), takes, surplus, asRules(cmd, args[n]))
	}
}

// asRules says how a directory is named as that of the rules, which some commands take as an argument; "" if the
// argument is none, or the command has no settings.
func asRules(cmd *cobra.Command, arg string) string {
	cfg := &config.Loaded{}
	if cmd.Flags().Lookup("set") == nil || pipeline.UseRules(cfg, arg) != nil {
		return ""
	}
	key := screen.Either(cfg.Catalog.Overlay != "", "catalog.overlay", "catalog.dir")
	return fmt.Sprintf("; if it has the rules, write --set %s=%s", key, screen.Printable(arg))
}

// noSubcommand refuses what is none of a command's own commands.
func noSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return wrongCall("%s %s: no such command%s", cmd.Name(), screen.Printable(args[0]),
		screen.Suggestion(args[0], commandNames(cmd), ""))
}

// noSuchCommand is err, or what to say where it is the library's about a command that is none.
func noSuchCommand(root *cobra.Command, args []string, err error) error {
	if _, _, unknown := root.Find(args); unknown == nil {
		return err
	}
	i := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	if i < 0 {
		return err
	}
	return wrongCall("%s: no such command%s", screen.Printable(args[i]),
		screen.Suggestion(args[i], commandNames(root), ""))
}
