package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/processor/codec"
)

// inputFlags say what is known of a file's events beforehand, as topics.raw says it of a topic's.
type inputFlags struct{ format, product, integration, account string }

// add gives a command the flags; what names the events in their texts.
func (i *inputFlags) add(cmd *cobra.Command, flags *configFlags, what string) {
	f := cmd.Flags()
	f.StringVar(&i.format, "input", codec.Canonical,
		"`FORMAT` of the "+what+": "+codec.Canonical+", "+codec.Auto+", or a provider's own of the catalog")
	f.StringVar(&i.product, "product", "",
		"`PRODUCT` of "+what+" that do not name it, where --input is such a format or "+codec.Auto)
	f.StringVar(&i.integration, "integration", "",
		"`INTEGRATION` of "+what+" that do not name it: "+strings.Join(codec.Integrations(), " or "))
	f.StringVar(&i.account, "account", "", "`ACCOUNT` of "+what+" that do not name it")
	_ = cmd.RegisterFlagCompletionFunc("integration", cobra.FixedCompletions(codec.Integrations(),
		cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("input", func(*cobra.Command, []string, string) ([]string,
		cobra.ShellCompDirective) {
		return flags.formats(), cobra.ShellCompDirectiveNoFileComp
	})
}

// input is what the flags say; format and product are not held against a catalog yet, see check.
func (i *inputFlags) input() (pipeline.Input, error) {
	in := pipeline.Input{Format: i.format, Product: i.product, Account: strings.TrimSpace(i.account)}
	if i.integration != "" && !slices.Contains(codec.Integrations(), i.integration) {
		return in, wrongCall("--integration %s: write %s", i.integration, screen.OrList(codec.Integrations()))
	}
	in.Integration, _ = codec.ParseIntegration(i.integration)
	return in, nil
}

// check holds format and product against the catalog.
func (i *inputFlags) check(rules *pipeline.Rules) error {
	if problem := rules.FormatProblem(i.format); problem != "" {
		return wrongCall("--input %s", problem)
	}
	if i.product == "" {
		return nil
	}
	if format, _ := rules.Formats.Find(i.format); format.Products() == nil {
		return wrongCall("--product is for --input %s; other values name their product",
			strings.Join(rules.Formats.WithoutProduct(), " and "))
	}
	if problem := rules.ProductProblem(i.format, i.product); problem != "" {
		return wrongCall("--product: %s", problem)
	}
	return nil
}
