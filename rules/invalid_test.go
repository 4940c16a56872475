package rules_test

import (
	"bytes"
	"errors"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"verdict/rules"
)

var update = flag.Bool("update", false, "write what the loader says into the fixtures of rules/invalid")

// Each fixture of invalid/ makes one mistake in the catalog of invalid/valid: by replacing a text that occurs once in
// sample.yaml, by a whole file, by removing one, or by files of an overlay. The section want is what the loader says,
// to the letter.
func TestInvalidCatalogs(t *testing.T) {
	oneGoroutine(t)
	for _, path := range fixtures(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if own := overlayOf(archive); own != nil {
				_, err = rules.LoadOver(spoiled(t, archive), own)
			} else {
				_, err = rules.Load(spoiled(t, archive))
			}
			var mistakes rules.Mistakes
			if !errors.As(err, &mistakes) {
				t.Fatalf("the loader accepts the catalog (error %v)", err)
			}
			got := mistakes.Error() + "\n"
			want := &archive.Files[len(archive.Files)-1]
			if want.Name != "want" {
				t.Fatal("the last section is not want")
			}
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got != string(want.Data) {
				t.Errorf("the loader says\n%swanted\n%s", got, want.Data)
			}
		})
	}
}

func TestValidCatalogOfFixtures(t *testing.T) {
	if _, err := rules.Load(os.DirFS("invalid/valid")); err != nil {
		t.Fatal(err)
	}
}

func fixtures(t *testing.T) []string {
	paths, err := filepath.Glob("invalid/*.txtar")
	if err != nil || len(paths) < 100 {
		t.Fatalf("%d fixtures, error %v", len(paths), err)
	}
	return paths
}

// sample is the catalog of invalid/valid, to be changed.
func sample(t *testing.T) fstest.MapFS {
	t.Helper()
	catalog := fstest.MapFS{}
	for _, name := range []string{"catalog.yaml", "sample.yaml"} {
		content, err := os.ReadFile(filepath.Join("invalid/valid", name))
		if err != nil {
			t.Fatal(err)
		}
		catalog[name] = &fstest.MapFile{Data: content}
	}
	return catalog
}

// spoiled is the valid catalog with the fixture's mistake.
func spoiled(t *testing.T, archive *txtar.Archive) fstest.MapFS {
	t.Helper()
	catalog := sample(t)
	vocabulary := catalog["sample.yaml"]
	for i, f := range archive.Files {
		switch f.Name {
		case "want", "by":
		case "remove":
			delete(catalog, strings.TrimSpace(string(f.Data)))
		case "replace":
			by := archive.Files[i+1].Data
			old := bytes.TrimSuffix(f.Data, []byte("\n"))
			if n := bytes.Count(vocabulary.Data, old); n != 1 {
				t.Fatalf("%q is %d times in sample.yaml", old, n)
			}
			vocabulary.Data = bytes.Replace(vocabulary.Data, old, bytes.TrimSuffix(by, []byte("\n")), 1)
		default:
			if strings.HasPrefix(f.Name, overlayDir) {
				continue
			}
			catalog[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return catalog
}

// overlayDir is where a fixture has the files of its overlay.
const overlayDir = "overlay/"

// overlayOf are the files of a fixture's overlay; nil if it has none.
func overlayOf(archive *txtar.Archive) fs.FS {
	own := fstest.MapFS{}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, overlayDir); ok {
			own[name] = &fstest.MapFile{Data: f.Data}
		}
	}
	if len(own) == 0 {
		return nil
	}
	return own
}

// needsNoFixture lists the formats of mistakes that a fixture cannot make: those of the file system.
var needsNoFixture = []string{
	"cannot list the catalog directory: %v", "cannot read the file: %v", "with this file, those of the directory have more than %d MiB together; move away what does not belong there",
	"cannot list the directory of cases: %v; make it a directory, or remove it",
}

// Every text that the loader can report has a fixture that makes it say so.
func TestEveryMistakeHasAFixture(t *testing.T) {
	var said strings.Builder
	for _, path := range append(fixtures(t), caseFixtures(t)...) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(archive.Files[len(archive.Files)-1].Data)
	}
	for _, format := range reportedFormats(t) {
		if slices.Contains(needsNoFixture, format) {
			continue
		}
		pattern := regexp.MustCompile(`%[sdqv]`).ReplaceAllString(regexp.QuoteMeta(format), `.*`)
		if !regexp.MustCompile(`(?m):\d+:\d+: ` + pattern + `$`).MatchString(said.String()) {
			t.Errorf("no fixture makes the loader say %q", format)
		}
	}
}

// reportedFormats finds the literal formats of all calls of report and reportAt in the package.
func reportedFormats(t *testing.T) []string {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var formats []string
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "report" && f.Sel.Name != "reportAt" {
				return true
			}
			for _, arg := range call.Args {
				if format := literal(arg); format != "" {
					formats = append(formats, format)
					break
				}
			}
			return true
		})
	}
	if len(formats) < 50 {
		t.Fatalf("found %d formats only", len(formats))
	}
	return formats
}

// literal is the value of a string literal or of a sum of them; "" if it is none.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value)
			return text
		}
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	}
	return ""
}
