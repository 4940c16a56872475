package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func runbook(t *testing.T) string {
	t.Helper()
	return read(t, filepath.Join(root, "docs/runbook.md"))
}

// TestEveryAlertHasItsHeading, with all four parts, and each heading its alert.
func TestEveryAlertHasItsHeading(t *testing.T) {
	sections := strings.Split(runbook(t), "\n## ")[1:]
	var headings []string
	for _, section := range sections[1:] { // the first is the table of what /readyz and the log say
		name, text, _ := strings.Cut(section, "\n")
		headings = append(headings, name)
		for _, part := range []string{"\n**You see** ", "\n**It means** ", "\n**Do**: ", "\n**Over** "} {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q", name, part)
			}
		}
	}
	var names []string
	for _, a := range alerts(t) {
		names = append(names, a.Alert)
		if !slices.Contains(headings, a.Alert) {
			t.Errorf("docs/runbook.md has no heading %s", a.Alert)
		}
	}
	for _, name := range headings {
		if !slices.Contains(names, name) {
			t.Errorf("docs/runbook.md has the heading %s, and deploy/alerts.yaml no such alert", name)
		}
	}
}

var saying = regexp.MustCompile("(?m)^\\|[^|`]*`([^`]*)`")

// TestTheRunbookQuotesTheProgram: the words of its first table are in the code.
func TestTheRunbookQuotesTheProgram(t *testing.T) {
	_, table, _ := strings.Cut(runbook(t), "| it says | go to |")
	table, _, _ = strings.Cut(table, "\n## ")
	said := saying.FindAllStringSubmatch(table, -1)
	if len(said) < 10 {
		t.Fatalf("the table has %d sayings", len(said))
	}
	code := sources(t)
	for _, m := range said {
		if !strings.Contains(code, m[1]) {
			t.Errorf("nothing says %q", m[1])
		}
	}
}

var (
	dotted  = regexp.MustCompile("`([a-z]+\\.[a-z_.]+)`")
	setting = regexp.MustCompile(`(?m)^### (\S+)$`)
)

// TestTheRunbooksSettingsExist: whoever writes another one into the file finds that the program refuses it.
func TestTheRunbooksSettingsExist(t *testing.T) {
	keys, sections := map[string]bool{}, map[string]bool{}
	for _, m := range setting.FindAllStringSubmatch(read(t, filepath.Join(root, "docs/configuration.md")), -1) {
		section, _, _ := strings.Cut(m[1], ".")
		keys[m[1]], sections[section] = true, true
	}
	named := 0
	for _, m := range dotted.FindAllStringSubmatch(runbook(t), -1) {
		if section, _, _ := strings.Cut(m[1], "."); sections[section] {
			named++
			if !keys[m[1]] {
				t.Errorf("docs/runbook.md names the setting %s, and there is none", m[1])
			}
		}
	}
	if named < 5 {
		t.Errorf("it names %d settings", named)
	}
}

var joined = regexp.MustCompile(`"\s*\+\s*"`)

// sources is all code but the tests, with the parts of each string joined.
func sources(t *testing.T) string {
	t.Helper()
	var code strings.Builder
	for _, dir := range []string{"cmd", "processor"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			code.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return joined.ReplaceAllString(code.String(), "")
}

var (
	inSpan  = regexp.MustCompile("`(verdict [^`]*)`")
	onALine = regexp.MustCompile(`(?m)^(verdict .*)$`)
)

// TestTheRunbooksCommandsParse: at three in the morning nobody looks for the right flag.
func TestTheRunbooksCommandsParse(t *testing.T) {
	for page, atLeast := range map[string]int{"docs/runbook.md": 20, "docs/operations.md": 40} {
		text := read(t, filepath.Join(root, page))
		calls := append(inSpan.FindAllStringSubmatch(text, -1), onALine.FindAllStringSubmatch(text, -1)...)
		if len(calls) < atLeast {
			t.Errorf("%s: %d commands", page, len(calls))
		}
		for _, m := range calls {
			call, _, _ := strings.Cut(strings.ReplaceAll(m[1], " |", " #"), " #")
			if err := parses(newRootCommand(streams{}), strings.Fields(call)[1:]); err != nil {
				t.Errorf("%s: %s: %v", page, call, err)
			}
		}
	}
}

// parses says whether a command takes its arguments and flags; it is not run.
func parses(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if cmd == root {
		return cobra.NoArgs(cmd, cmd.Flags().Args())
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}
