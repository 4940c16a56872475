package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdict/rules"
)

// mounted is a directory of rules as Kubernetes mounts a config map: its files are links through ..data, which leads to
// what is whole and is swapped in one step.
type mounted struct {
	t       *testing.T
	dir     string
	version string   // of what is there, if it is good
	good    []string // versions that were there and good, in their order
}

func newMounted(t *testing.T) *mounted {
	t.Helper()
	return &mounted{t: t, dir: t.TempDir()}
}

// swap has the directory hold the built-in rules under a name for their version, with some files spoilt: by another
// text, or "" for none.
func (m *mounted) swap(name string, spoil map[string]string) {
	m.t.Helper()
	to := filepath.Join(m.dir, "..", filepath.Base(m.dir)+"-"+name)
	m.must(os.CopyFS(to, rules.EmbeddedFS()))
	m.must(os.WriteFile(filepath.Join(to, "catalog.yaml"), []byte("version: "+name+"\n"), 0o600))
	for file, text := range spoil {
		if text == "" {
			m.must(os.Remove(filepath.Join(to, file)))
		} else {
			m.must(os.WriteFile(filepath.Join(to, file), []byte(text), 0o600))
		}
	}
	if spoil == nil {
		m.isGood(to)
	}
	m.back(to)
}

// isGood notes the version of what is, or is about to be, there.
func (m *mounted) isGood(dir string) {
	m.t.Helper()
	catalog, err := rules.Load(os.DirFS(dir))
	m.must(err)
	m.version = catalog.Version
	m.good = append(m.good, catalog.Version)
}

// mark is what is there now, for back.
func (m *mounted) mark() string {
	m.t.Helper()
	to, err := os.Readlink(filepath.Join(m.dir, "..data"))
	m.must(err)
	return to
}

// back has the directory hold what was there once. Files that this lacks go, and those that it has come, before or
// after it as Kubernetes does.
func (m *mounted) back(to string) {
	m.t.Helper()
	data := filepath.Join(m.dir, "..data")
	m.must(os.Symlink(to, data+".next"))
	m.must(os.Rename(data+".next", data))
	for _, file := range m.files(to) {
		if err := os.Symlink(filepath.Join("..data", file), filepath.Join(m.dir, file)); !errors.Is(err, os.ErrExist) {
			m.must(err)
		}
	}
	for _, file := range m.files(m.dir) {
		if _, err := os.Stat(filepath.Join(to, file)); err != nil {
			m.must(os.Remove(filepath.Join(m.dir, file)))
		}
	}
}

func (m *mounted) files(dir string) (names []string) {
	m.t.Helper()
	entries, err := os.ReadDir(dir)
	m.must(err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".yaml") {
			names = append(names, e.Name())
		}
	}
	return names
}

// text is that of a file.
func (m *mounted) text(file string) string {
	m.t.Helper()
	content, err := os.ReadFile(filepath.Join(m.dir, file))
	m.must(err)
	return string(content)
}

// finish writes the rest of a file, which makes the rules good.
func (m *mounted) finish(file, rest string) {
	m.t.Helper()
	whole := m.text(file) + rest
	m.must(os.WriteFile(filepath.Join(m.dir, file), []byte(whole), 0o600))
	m.isGood(m.mark())
}

// vanish takes the directory away, appear puts it back.
func (m *mounted) vanish() { m.t.Helper(); m.must(os.Rename(m.dir, m.dir+".gone")) }
func (m *mounted) appear() { m.t.Helper(); m.must(os.Rename(m.dir+".gone", m.dir)) }

func (m *mounted) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}
