package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"verdict/rules"
)

// release is the version that a release build sets: -ldflags "-X main.release=1.2.3".
var release = ""

// version is the program's version, for logs, metrics and dead letters.
func version() string {
	if release != "" {
		return release
	}
	return "dev" + revision()
}

// revision is the commit that the program was built from, where the build knows it: "-3f9a2c1" or "-3f9a2c1-dirty".
func revision() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, dirty := "", ""
	for _, s := range build.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 7:
			commit = "-" + s.Value[:7]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "-dirty"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + dirty
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the program and of its catalog",
		Args:  atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), versionText())
			return err
		},
	}
}

func versionText() string {
	return fmt.Sprintf("verdict  %s\ncatalog  %s (built in)\nbuilt    with %s for %s/%s\n",
		version(), rules.Embedded().Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
