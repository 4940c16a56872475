package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

const schemaText = `--schema KIND prints the JSON Schema of the files of a catalog, of an overlay or of cases, with
which editors complete keys, explain them and underline mistakes as they are made. verdict check sees more of them.`

func addSchemaFlag(cmd *cobra.Command, kind *string) {
	cmd.Flags().StringVar(kind, "schema", "", "print the JSON Schema for editors: `KIND` is "+
		screen.OrList(rules.Schemas()))
	_ = cmd.RegisterFlagCompletionFunc("schema", cobra.FixedCompletions(rules.Schemas(),
		cobra.ShellCompDirectiveNoFileComp))
}

// checkSchema refuses what does not go together with --schema.
func checkSchema(cmd *cobra.Command, kind string, args []string) error {
	switch {
	case !cmd.Flags().Changed("schema"):
		return nil
	case !slices.Contains(rules.Schemas(), kind):
		return wrongCall("--schema %s: write %s", screen.Printable(kind), screen.OrList(rules.Schemas()))
	case len(args) > 0:
		return wrongCall("--schema is for all files of a kind: leave %s out", screen.Printable(strings.Join(args, " ")))
	}
	for _, other := range []string{"export", "publish"} {
		if cmd.Flags().Changed(other) {
			return wrongCall("--schema and --%s: call one after the other", other)
		}
	}
	return nil
}

func printSchema(w io.Writer, kind string) error {
	schema, err := rules.JSONSchema(kind)
	if err != nil {
		return err
	}
	_, err = w.Write(schema)
	return err
}
