package main

import (
	"errors"
	"fmt"
	"strings"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/screen"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagForms says, for the types of flags that a text may not be of, what is wrong and what to write.
var flagForms = map[string]string{
	"bool":     "is not allowed: write true or false",
	"duration": "is no duration: write a number and a unit, such as 500ms, 10s or 5m",
	"float64":  "is no number: write one, such as 0.5 or 20",
	"int":      "is no whole number: write one, such as 3",
	"uint64":   "is no whole number from 0: write one, such as 3",
}

// flagMistake tells a flag that is none, with what was probably meant, and a value that is none, in words; the library
// quotes the standard library's error.
func flagMistake(cmd *cobra.Command, err error) error {
	if absent, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		near := screen.Nearest(absent.GetSpecifiedName(), names)
		if near != "" && absent.GetSpecifiedShortnames() == "" {
			return fmt.Errorf("%w; did you mean --%s?", err, near)
		}
		if key := settingOf(absent.GetSpecifiedName()); key != "" && cmd.Flags().Lookup("set") != nil {
			return fmt.Errorf("%w; did you mean --set %s=VALUE?", err, key)
		}
		return err
	}
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	flag := wrong.GetFlag()
	form, ok := flagForms[flag.Value.Type()]
	if !ok {
		return err
	}
	return fmt.Errorf("%s --%s: %q %s", cmd.Name(), flag.Name, wrong.GetValue(), form)
}

// settingOf is the one key that ends with the words of a flag; "" if none or several do.
func settingOf(flag string) (found string) {
	words := strings.NewReplacer("-", ".", "_", ".")
	for _, key := range config.KeyNames() {
		if !strings.HasSuffix("."+words.Replace(key), "."+words.Replace(flag)) {
			continue
		}
		if found != "" {
			return ""
		}
		found = key
	}
	return found
}
