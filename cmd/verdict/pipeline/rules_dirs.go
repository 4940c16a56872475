package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"verdict/cmd/verdict/config"
	"verdict/rules"
)

// rulesDir is a directory that a setting names, with rules and their cases.
type rulesDir struct {
	key, path string
	what      string                                         // for a person
	load      func(below, own fs.FS) (*rules.Catalog, error) // below, if not nil, are the rules that these lie over
}

// rulesDirs are those of the settings, each over the ones before.
func rulesDirs(c *config.Loaded) (dirs []rulesDir) {
	if c.Catalog.Dir != "" {
		whole := func(_, own fs.FS) (*rules.Catalog, error) { return rules.Load(own) }
		dirs = append(dirs, rulesDir{"catalog.dir", c.Catalog.Dir, "the catalog", whole})
	}
	if c.Catalog.Overlay != "" {
		dirs = append(dirs, rulesDir{"catalog.overlay", c.Catalog.Overlay, "the overlay", rules.LoadOver})
	}
	return dirs
}

// UseRules takes a directory for those that the settings name: a whole catalog if it has a catalog.yaml, or else an
// overlay, over what else they name.
func UseRules(c *config.Loaded, dir string) error {
	if _, err := os.ReadDir(dir); err != nil {
		return fmt.Errorf("cannot read the directory of rules: %w", err)
	}
	switch _, err := os.Stat(filepath.Join(dir, "catalog.yaml")); {
	case err == nil:
		c.Catalog.Dir, c.Catalog.Overlay = dir, ""
	case errors.Is(err, fs.ErrNotExist):
		c.Catalog.Overlay = dir
	default:
		return err
	}
	return nil
}

func pathsOf(dirs []rulesDir) (paths []string) {
	for _, dir := range dirs {
		paths = append(paths, dir.path)
	}
	return paths
}

// opener gives the files of a directory of rules.
type opener func(dir string) (fs.FS, error)

// onDisk opens a directory as it is now.
func onDisk(dir string) (fs.FS, error) { return takeSnapshot([]string{dir}).open(dir) }
