package pipeline

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
