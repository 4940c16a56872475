package pipeline

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdict/rules"
)

// A snapshot has whatever the loaders refuse for its name, so that they say the same of it as of the directory.
func TestSnapshotOfMisnamedFiles(t *testing.T) {
	dir := writeRules(t, "first")
	write(t, filepath.Join(dir, "a.YAML"), "vocabulary: other\n")
	write(t, filepath.Join(dir, "cases", "good.yaml"), "cases: []\n")
	write(t, filepath.Join(dir, "cases", "a.yaml.txt"), "cases: []\n")
	if err := os.Mkdir(filepath.Join(dir, "cases", "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := takeSnapshot([]string{dir})
	files, err := s.open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rules.Load(files)
	_, want := rules.Load(os.DirFS(dir))
	if err == nil || want == nil || err.Error() != want.Error() {
		t.Errorf("of the rules it is said\n%v\nwanted\n%v", err, want)
	}
	_, err = rules.LoadCases(files)
	_, want = rules.LoadCases(os.DirFS(dir))
	if err == nil || want == nil || err.Error() != want.Error() {
		t.Errorf("of the cases it is said\n%v\nwanted\n%v", err, want)
	}
	if err := os.Remove(filepath.Join(dir, "cases", "sub")); err != nil {
		t.Fatal(err)
	}
	if takeSnapshot([]string{dir}).sum == s.sum {
		t.Error("a directory among the cases counts for nothing")
	}
}

// Cases that are named and cannot be listed are a mistake, read at once or from the disk: as none, nothing would hold
// the rules.
func TestCasesThatCannotBeListed(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"a link to nothing": func(path string) error { return os.Symlink("nowhere", path) },
		"a file":            func(path string) error { return os.WriteFile(path, []byte("cases: []"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeRules(t, "first")
			cases := filepath.Join(dir, rules.CasesDir)
			if err := errors.Join(os.RemoveAll(cases), spoil(cases)); err != nil {
				t.Fatal(err)
			}
			files, err := takeSnapshot([]string{dir}).open(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, from := range []fs.FS{files, os.DirFS(dir)} {
				_, err := rules.LoadCases(from)
				if err == nil || !strings.Contains(err.Error(), "cannot list the directory of cases") {
					t.Errorf("%T: %v", from, err)
				}
				if _, err := rules.Load(from); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A snapshot holds what was there, whatever becomes of it.
func TestSnapshot(t *testing.T) {
	dir := writeRules(t, "first")
	write(t, filepath.Join(dir, "cases", "mine.yaml"), "cases: []\n")
	write(t, filepath.Join(dir, "notes.txt"), "not looked at")
	s := takeSnapshot([]string{dir})
	write(t, filepath.Join(dir, "notes.txt"), "nor now")
	if takeSnapshot([]string{dir}).sum != s.sum {
		t.Error("a file that is no rule counts")
	}
	write(t, filepath.Join(dir, "cases", "mine.yaml"), "cases: [1]\n")
	if takeSnapshot([]string{dir}).sum == s.sum {
		t.Error("another case counts for nothing")
	}
	removeAll(t, filepath.Join(dir, "cases"))
	files, err := s.open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := fs.ReadFile(files, "cases/mine.yaml"); err != nil || string(text) != "cases: []\n" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := fs.ReadDir(files, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory that is not there: %v", err)
	}
	catalog, err := rules.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := rules.Load(os.DirFS(dir)); err != nil || catalog.Version != want.Version {
		t.Errorf("it is loaded as %s, the directory as %v (%v)", catalog.Version, want, err)
	}
}
