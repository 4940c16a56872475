package kafka

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFileMapsAreComplete: who looks for something begins at doc.go, here and in the rooms below.
func TestFileMapsAreComplete(t *testing.T) {
	docs, err := filepath.Glob("*/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range append(docs, "doc.go") {
		if filepath.Dir(doc) == "faults" { // tests only
			continue
		}
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]bool{}
		for _, name := range regexp.MustCompile(`(?m)(?:^//\t|[ \t])([a-z_]+\.go)\b`).FindAllStringSubmatch(
			string(text), -1) {
			named[name[1]] = true
		}
		files, err := filepath.Glob(filepath.Join(filepath.Dir(doc), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name := filepath.Base(file)
			if name != "doc.go" && !strings.HasSuffix(name, "_test.go") && !named[name] {
				t.Errorf("%s does not name %s", doc, name)
			}
		}
		for name := range named {
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), name)); err != nil {
				t.Errorf("%s names %s, which is not there", doc, name)
			}
		}
	}
}
