package pipeline

import (
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/screen"
	"verdict/processor/codec"
	"verdict/rules"
)

// Rules are all that decisions are made by: the catalog, and how its providers write their events.
type Rules struct {
	Catalog *rules.Catalog
	Formats *codec.Formats

	dir  string // where they lie, as the settings have it; "": in the program
	base *Rules // that they lie over; nil: none
}

// LoadRules loads the built-in catalog, or the operator's own, with the operator's overlay, and holds the raw topics'
// formats and products against it. The error is a config.Mistakes where it is about these.
func LoadRules(c *config.Loaded) (*Rules, error) {
	r, err := ReadRules(c)
	if err != nil {
		return nil, err
	}
	if mistakes := r.CheckTopics(c); mistakes != nil {
		return nil, mistakes
	}
	return r, nil
}

// ReadRules is LoadRules without a look at the raw topics: for what reads none.
func ReadRules(c *config.Loaded) (*Rules, error) { return readRules(c, onDisk) }

// readRules reads what lies in the directories of the settings, each over the one before, all over the built-in rules.
func readRules(c *config.Loaded, open opener) (*Rules, error) {
	r, below := BuiltIn(), fs.FS(nil)
	for _, dir := range rulesDirs(c) {
		files, err := open(dir.path)
		if err != nil {
			return nil, fmt.Errorf("%s%w", c.Place(dir.key), err)
		}
		next, err := newRules(dir.load(below, files))
		if err != nil {
			return nil, fmt.Errorf("%s%s in %s cannot be used:\n%w", c.Place(dir.key), dir.what, dir.path,
				inDir(dir.path, err))
		}
		if next.dir = dir.path; next.Catalog.Base() != nil {
			next.base = r
		}
		r, below = next, files
	}
	return r, nil
}

var builtIn = sync.OnceValue(func() *Rules {
	r, err := newRules(rules.Embedded(), nil)
	if err != nil {
		panic("the built-in rules are broken:\n" + err.Error())
	}
	return r
})

// BuiltIn are the rules that the program carries, made once. It panics if they are broken, which a test excludes.
func BuiltIn() *Rules { return builtIn() }

// newRules takes what a loader of catalogs gives.
func newRules(catalog *rules.Catalog, err error) (*Rules, error) {
	if err != nil {
		return nil, err
	}
	formats, err := codec.NewFormats(catalog)
	if err != nil {
		return nil, err
	}
	return &Rules{Catalog: catalog, Formats: formats}, nil
}

// CheckTopics finds raw topics whose format or product the catalog does not have: each record of them would be a dead
// letter.
func (r *Rules) CheckTopics(c *config.Loaded) (mistakes config.Mistakes) {
	for at, t := range c.Topics.Raw {
		problem := r.FormatProblem(t.Format)
		switch format, _ := r.Formats.Find(t.Format); {
		case problem != "":
			problem = "the format " + problem
		case t.Product != "" && format.Products() == nil:
			problem = fmt.Sprintf("it has a product, but values of the format %s name theirs: leave it out%s", format,
				t.MisplacedIntegration())
		case t.Product != "":
			problem = r.ProductProblem(t.Format, t.Product)
		}
		if problem != "" {
			mistakes = append(mistakes, fmt.Sprintf("%stopic %s: %s", c.ItemPlace("topics.raw", at), t.Name, problem))
		}
	}
	return mistakes
}

// FormatProblem says what is wrong with the name of a format, or "".
func (r *Rules) FormatProblem(name string) string {
	if _, ok := r.Formats.Find(name); ok {
		return ""
	}
	near := ""
	if name := screen.Nearest(name, r.Formats.Names()); name != "" {
		near = " (did you mean " + name + "?)"
	}
	return fmt.Sprintf("%s is unknown%s: write %s", name, near, screen.OrList(r.Formats.Names()))
}

// ProductProblem says what is wrong with a product for a format that takes one, or "".
func (r *Rules) ProductProblem(formatName, product string) string {
	format, _ := r.Formats.Find(formatName)
	products := format.Products()
	if slices.Contains(products, product) {
		return ""
	}
	return fmt.Sprintf("the catalog has no product %q for the format %s: write %s", product, formatName,
		screen.OrList(products))
}
