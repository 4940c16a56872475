package pipeline

import (
	"errors"
	"path/filepath"
	"strings"

	"verdict/rules"
)

// Where says in which file and line the rule stands that a basis names, as Catalog.Where does, but by a name that a
// person can open: the directory, as the settings have it, and the file. One of the program's own is "built-in NAME":
// `verdict catalog --export DIR` writes these.
func (r *Rules) Where(basis string) (file string, line int) {
	file, line = r.Catalog.Where(basis)
	name, overlaid := strings.CutPrefix(file, rules.OverlayFiles)
	switch {
	case file == "":
		return "", 0
	case r.base != nil && !overlaid:
		return r.base.path(file), line
	}
	return r.path(name), line
}

// Base is what the rules lie over, as an overlay does; nil if they lie over none.
func (r *Rules) Base() *Rules { return r.base }

// below are the rules so many times under these, each under others.
func (r *Rules) below(times int) *Rules {
	for range times {
		r = r.base
	}
	return r
}

func (r *Rules) path(name string) string {
	if r.dir == "" {
		return "built-in " + name
	}
	return filepath.Join(r.dir, filepath.FromSlash(name))
}

// inDir has each mistake of a loader name its file with the directory that it is in.
func inDir(dir string, err error) error {
	mistakes, ok := errors.AsType[rules.Mistakes](err)
	if !ok {
		return err
	}
	moved := make(rules.Mistakes, len(mistakes))
	for i, m := range mistakes {
		m.File = filepath.Join(dir, filepath.FromSlash(m.File))
		moved[i] = m
	}
	return moved
}
