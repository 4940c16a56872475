package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"verdict/rules"
)

const (
	root       = "../.."
	widestLine = 120 // columns, as for code and comments
)

// files finds the files of the project that match one of the patterns, each of which has to match some.
func files(t *testing.T, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s matches %d files, error %v", pattern, len(found), err)
		}
		for _, path := range found {
			if stat, err := os.Stat(path); err == nil && stat.Mode().IsRegular() {
				all = append(all, path)
			}
		}
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestPagesAndScriptsAreNarrow holds what the linter does not see to the same width as code. JSON's strings cannot be
// wrapped.
func TestPagesAndScriptsAreNarrow(t *testing.T) {
	for _, path := range files(t, "*.md", "docs/*.md", ".ci/*", "deploy/*", "deploy/chart/*", "deploy/chart/templates/*",
		"deploy/chart/ci/*-values.yaml", "Makefile", "*.yml") {
		if filepath.Ext(path) == ".json" {
			continue
		}
		for i, line := range strings.Split(read(t, path), "\n") {
			if width := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")); width > widestLine {
				t.Errorf("%s:%d: %d columns, at most %d: wrap it; a table's long cell is a list or a heading instead",
					path, i+1, width, widestLine)
			}
		}
	}
}

var (
	link     = regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	inAnchor = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// TestPagesLinkToFiles finds links to files and headings that have moved. Links into the web are not followed.
func TestPagesLinkToFiles(t *testing.T) {
	oneGoroutine(t)
	for _, path := range files(t, "*.md", "docs/*.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, path), -1) {
			target := path
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(path), m[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", path, m[1], err)
			} else if m[2] != "" && !slices.Contains(anchors(read(t, target)), m[2]) {
				t.Errorf("%s links to %s%s, and there is no such heading", path, m[1], m[2])
			}
		}
	}
}

// anchors are the links to a page's headings.
func anchors(page string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(page, -1) {
		all = append(all, "#"+strings.ReplaceAll(inAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

// TestEveryRoomIsOnItsPage: who changes the program begins there.
func TestEveryRoomIsOnItsPage(t *testing.T) {
	page := read(t, filepath.Join(root, "docs/development.md"))
	for _, r := range rooms {
		if name := "`" + strings.TrimPrefix(r.path, "verdict/") + "`"; !strings.Contains(page, name) {
			t.Errorf("docs/development.md does not name the room %s", name)
		}
	}
}

// TestReadmeCountsTheCodes: the number is what people judge the catalog by.
func TestReadmeCountsTheCodes(t *testing.T) {
	codes := 0
	for _, v := range rules.Embedded().Vocabularies() {
		codes += len(v.Codes)
	}
	if says := fmt.Sprintf("%d codes", codes); !strings.Contains(read(t, filepath.Join(root, "README.md")), says) {
		t.Errorf("README.md does not say %q, as many as the catalog has", says)
	}
}

// oneGoroutine leaves a long test out where -short has only what the race detector may find something in.
func oneGoroutine(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("one goroutine: nothing for the race detector")
	}
}
