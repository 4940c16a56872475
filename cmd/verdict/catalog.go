package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/show"
	"verdict/rules"
)

const catalogText = `Without arguments: the vocabularies. With VOCABULARY: the pages that its facts are from, what its
statuses mean and advise, risk codes, billing rules, by series what its codes mean, go with and ask for, what holds for
codes that are not listed, and where in the provider's own bodies an event's fields are. With STATUS or CODE too: all
about that one, what is decided with it, and what the provider recommends; also for a code that the catalog does not
list (its range may say something). With STATUS or CODE alone: the same in each vocabulary that has it.

With catalog.overlay or catalog.dir it shows what holds with your own rules.

--export DIR writes the built-in catalog's files: to look up what an overlay is to change, or to change all of it and
set catalog.dir to DIR. Let verdict check look at either. The built-in cases are beside them in built-in-cases, to be
read: nothing runs them from there, as what you change may well fail them. Copy into cases what must hold of yours.

`

func newCatalogCommand() *cobra.Command {
	var flags configFlags
	var format, export, schema string
	var publish publishFlags
	cmd := &cobra.Command{
		Use:   "catalog [VOCABULARY] [STATUS|CODE]",
		Short: "Show what Verdict knows about each provider's statuses and codes",
		Long:  catalogText + schemaText + "\n\n" + publishText,
		Example: `  verdict catalog
  verdict catalog yousign-video
  verdict catalog fourthline-idv 3505
  verdict catalog yousign-video approved
  verdict catalog 1301
  verdict catalog --export mine && verdict check --set catalog.dir=mine
  verdict catalog --schema overlay > overlay.json
  verdict catalog --publish idv.catalog.v1 --dry-run`,
		Args: atMost(2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return completeCatalog(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if err := checkSchema(cmd, schema, args); err != nil {
				return err
			}
			if err := publish.check(cmd, export, args); err != nil {
				return err
			}
			if schema != "" {
				return printSchema(cmd.OutOrStdout(), schema)
			}
			if export != "" {
				return exportCatalog(cmd.OutOrStdout(), export)
			}
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			rules, err := pipeline.ReadRules(cfg)
			if err != nil {
				return err
			}
			if publish.topic != "" {
				return publish.run(cmd, cfg, rules, format == "json")
			}
			return showCatalog(cmd.OutOrStdout(), rules.Catalog, args, format == "json")
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&format, "format", "table", "`table` or json")
	cmd.Flags().StringVar(&export, "export", "", "write the built-in catalog's files into `DIR`")
	addSchemaFlag(cmd, &schema)
	publish.add(cmd)
	completeFormats(cmd)
	return cmd
}

func completeCatalog(args []string) []string {
	var names []string
	for _, v := range rules.Embedded().Vocabularies() {
		if len(args) == 0 {
			names = append(names, v.Name)
		}
		if len(args) == 1 && v.Name == args[0] {
			for _, s := range v.Statuses {
				names = append(names, s.Name+"\t"+s.Meaning)
			}
			for _, c := range v.Codes {
				names = append(names, c.Text+"\t"+c.Meaning)
			}
		}
	}
	return names
}

func showCatalog(w io.Writer, catalog *rules.Catalog, args []string, asJSON bool) error {
	if len(args) == 0 {
		return show.WriteCatalog(w, catalog, asJSON)
	}
	page, err := show.FindPage(catalog, args)
	if err != nil {
		return wrongCall("%v", err)
	}
	return page.Write(w, asJSON)
}

// exportCatalog writes the built-in files; it overwrites none.
func exportCatalog(w io.Writer, dir string) error {
	//nolint:gosec // G301: a catalog is no secret, and the service has another user
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files, err := exportFiles(".", dir)
	if err != nil {
		return err
	}
	cases := filepath.Join(dir, "built-in-cases")
	if err := os.Mkdir(cases, 0o755); err != nil { //nolint:gosec // G301: as above
		return err
	}
	if _, err := exportFiles(rules.CasesDir, cases); err != nil {
		return err
	}
	_, err = fmt.Fprintf(screen.Wrapped(w, 0),
		"wrote %s to %s: change them and set catalog.dir=%s; their cases are in %s, to be read\n",
		strings.Join(files, ", "), dir, dir, cases)
	return err
}

// exportFiles copies a directory of the built-in rules, and names its files.
func exportFiles(from, to string) (names []string, err error) {
	source := rules.EmbeddedFS()
	paths, err := fs.Glob(source, path.Join(from, "*.yaml"))
	if err != nil {
		return nil, err
	}
	for _, name := range paths {
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return nil, err
		}
		names = append(names, path.Base(name))
		if err := writeNew(filepath.Join(to, path.Base(name)), content); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // G302: as above
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already: name an empty directory", path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}
