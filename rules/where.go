package rules

import "go.yaml.in/yaml/v3"

// rowPlaces are where the rules stand, by basis, and by basis without its origin.
type rowPlaces map[string]filePlace

type filePlace struct {
	file string
	line int
}

// OverlayFiles stands before the name of an overlay's file in what Where says: one of the base may have the same name.
const OverlayFiles = "overlay/"

// Where says in which file, by its name in the catalog's directory, and in which line, counted from 1, the rule stands
// that a basis of this catalog names: "policy:ubble-idv/code/62301", or the same without "policy:". A file of an
// overlay is OverlayFiles and its name. Where outcome and advice of a status have one basis, it is the outcome's line.
// A vocabulary's name leads to where that stands. The file is "" for what no file states (see Fallbacks).
func (c *Catalog) Where(basis string) (file string, line int) {
	at := c.rows[basis]
	return at.file, at.line
}

// basis names a rule that is stated in f, and notes its place. The first to have a name keeps it: a status's advice has
// its outcome's.
func (f *fields) basis(origin Origin, path string) string {
	text := origin.String() + ":" + path
	for _, name := range [...]string{text, path} {
		if _, taken := f.page.rows[name]; !taken {
			f.page.rows[name] = f.page.filePlace(f.node)
		}
	}
	return text
}

func (p *page) filePlace(n *yaml.Node) filePlace {
	if p.layer != nil && !p.inBase(n) {
		return filePlace{OverlayFiles + p.fileOf(n), n.Line}
	}
	return filePlace{p.name, n.Line}
}
