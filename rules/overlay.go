package rules

import (
	"fmt"
	"io/fs"
	"math"
	"slices"

	"go.yaml.in/yaml/v3"
)

// LoadOver loads a catalog whose rules are those of base but where overlay says otherwise; base nil is the embedded
// one. A file of the overlay names the vocabulary that it changes; its rows name what they change by their keys and
// hold nothing else but the fields that change. What the base lacks is added, and nothing can be removed. The whole is
// held to what Load holds one directory to, and the version is the base's with the hash of both.
//
// The error is Mistakes: of the base, if it has any, or else of the overlay, each in one of its files.
func LoadOver(base, overlay fs.FS) (*Catalog, error) {
	o, err := openBase(base)
	if err != nil {
		return nil, err
	}
	l := newLoader(nil, nil)
	o.own = l.overlayFiles(overlay)
	all := o.attempt(math.MaxInt)
	if l.mistakes.n+all.mistakes.n > 0 {
		l.mistakes.addAll(o.blamed(all))
		return nil, l.mistakes.tidy()
	}
	all.catalog.base = o.base
	return all.catalog, nil
}

// Base is the catalog that an overlay was laid over to make this one; nil if there was none.
func (c *Catalog) Base() *Catalog { return c.base }

// overlaid is an overlay and what it is laid over, as they were read.
type overlaid struct {
	base       *Catalog
	below, own []file
}

func openBase(base fs.FS) (*overlaid, error) {
	if base == nil {
		return &overlaid{base: Embedded(), below: newLoader(nil, nil).files(EmbeddedFS())}, nil
	}
	l := newLoader(Embedded(), nil)
	catalog, files := l.load(base)
	if l.mistakes.n > 0 {
		return nil, l.mistakes.tidy()
	}
	return &overlaid{base: catalog, below: files}, nil
}

// overlayFiles reads the files of an overlay. That there are none is a mistake, as it is what a directory looks like
// that was not mounted; a whole catalog has the one mistake that it is none.
func (l *loader) overlayFiles(fsys fs.FS) []file {
	files := l.files(fsys)
	switch {
	case slices.ContainsFunc(files, func(f file) bool { return f.name == catalogFile }):
		l.report(catalogFile, "an overlay has no %s, which makes the directory a whole catalog: set catalog.dir to "+
			"it, and not catalog.overlay; if it is an overlay, remove the file: the version is the base's, with a "+
			"hash of all rules", catalogFile)
		return nil
	case len(files) == 0 && l.mistakes.n == 0:
		l.report(wholeDirectory, "the overlay has no *.yaml; write what differs from the base into one, "+
			"or use no overlay")
	}
	return files
}

// attempt is what came of laying an overlay, or the first of its changes, over the base.
type attempt struct {
	catalog  *Catalog // to be used only without mistakes
	mistakes found
	changes  []Mistake // the place of each change that was made, without text
}

// attempt lays the overlay over the base, but not more than so many of its changes.
func (o *overlaid) attempt(most int) attempt {
	l := newLoader(Embedded(), o.base)
	version, sheets := l.parse(o.below)
	lay := newLayer(most)
	for _, s := range sheets {
		s.layer = lay
	}
	for _, own := range lay.parse(l, o.own) {
		sheets = lay.lay(sheets, own)
	}
	return attempt{l.compile(version, sheets), l.mistakes, lay.changes}
}

// layer is an overlay while it is laid over the trees of the base's files: nodes of both then stand in one tree.
type layer struct {
	most    int // changes to make; what is more is left out
	changes []Mistake
	files   map[*yaml.Node]string // the file of a node of the overlay; the others are the base's
	over    map[*yaml.Node]string // the place in the base that a node of the overlay changes
	added   map[*yaml.Node]string // of a row that the base has no counterpart of: what it lacks
	asked   map[*yaml.Node]bool   // the values of rows that were asked for origin: operator
}

func newLayer(most int) *layer {
	return &layer{
		most: most, files: map[*yaml.Node]string{}, over: map[*yaml.Node]string{}, added: map[*yaml.Node]string{},
		asked: map[*yaml.Node]bool{},
	}
}

// parse reads the files of the overlay. Those that say whose product their vocabulary is stand first: it may be a new
// one, which others add to.
func (l *layer) parse(reports *loader, files []file) (sheets []*sheet) {
	for _, f := range files {
		p := &page{name: f.name, mistakes: &reports.mistakes, rows: reports.catalog.rows}
		if root, ok := p.rules(f.content); ok {
			p.layer = l
			l.mark(root, f.name)
			sheets = append(sheets, &sheet{p, root})
		}
	}
	first, others := []*sheet{}, []*sheet{}
	for _, s := range sheets {
		if hasKey(s.root, "provider") {
			first = append(first, s)
		} else {
			others = append(others, s)
		}
	}
	return append(first, others...)
}

// mark notes which file of the overlay the nodes of a tree are from.
func (l *layer) mark(n *yaml.Node, file string) {
	l.files[n] = file
	for _, child := range n.Content {
		l.mark(child, file)
	}
}

// markOver notes which place in the base a tree of the overlay changes.
func (l *layer) markOver(n *yaml.Node, place string) {
	l.over[n] = place
	for _, child := range n.Content {
		l.markOver(child, place)
	}
}

// change says whether the change may be made that is at n.
func (l *layer) change(n *yaml.Node) bool {
	if len(l.changes) == l.most {
		return false
	}
	l.changes = append(l.changes, Mistake{File: l.files[n], Line: n.Line, Column: n.Column})
	return true
}

// inPlaceOf gives a node that is in no file the place of one that is.
func (l *layer) inPlaceOf(n, made *yaml.Node) *yaml.Node {
	made.Line, made.Column = n.Line, n.Column
	if l == nil {
		return made
	}
	if file, own := l.files[n]; own {
		l.files[made] = file
	}
	if place, ok := l.over[n]; ok {
		l.over[made] = place
	}
	return made
}

// lay changes the vocabulary that a file of the overlay names, or adds it as a new one.
func (l *layer) lay(sheets []*sheet, own *sheet) []*sheet {
	if own.root.Kind != yaml.MappingNode {
		return append(sheets, own) // which reports it
	}
	name := valueOf(own.root, "vocabulary")
	names := make([]string, len(sheets))
	for i, s := range sheets {
		names[i] = s.name()
	}
	if name == nil {
		own.report(own.root, "a file of an overlay needs the key vocabulary, which names what it changes: "+
			"write one of %s, or a new name", listed(names))
		return sheets
	}
	switch at := slices.Index(names, name.Value); {
	case at >= 0 && len(own.root.Content) == 2:
		own.report(name, "this file changes nothing, as it has no key but vocabulary; write what differs from the "+
			"base, or remove the file")
	case at >= 0:
		m := merger{l, own.page, sheets[at].page, sheets}
		m.vocabulary(sheets[at].root, own.root)
	case valueOf(own.root, "provider") == nil && valueOf(own.root, "product") == nil:
		own.report(name, "the base has no vocabulary %s%s; write one of %s, or all that a new one needs",
			quoted(name.Value), suggestion(name.Value, names), listed(names))
	case l.change(own.root):
		sheets = append(sheets, own)
	}
	return sheets
}

// name is that of the sheet's vocabulary; "" if it has none.
func (s *sheet) name() string {
	if n := valueOf(s.root, "vocabulary"); n != nil {
		return n.Value
	}
	return ""
}

// fileOf names the file that a node is from.
func (p *page) fileOf(n *yaml.Node) string {
	if p.layer != nil {
		if file, own := p.layer.files[n]; own {
			return file
		}
	}
	return p.name
}

// placeOf names a node's file and line, for the text of a mistake that is elsewhere.
func (p *page) placeOf(n *yaml.Node) string {
	place := fmt.Sprintf("%s:%d", p.fileOf(n), n.Line)
	if p.layer != nil && p.inBase(n) {
		place += " of the base"
	}
	return place
}

// inBase says whether a node is from the base and not from the overlay; false without an overlay.
func (p *page) inBase(n *yaml.Node) bool {
	if p.layer == nil {
		return false
	}
	_, own := p.layer.files[n]
	return !own
}

// changes says what in the base a node of the overlay changes; "" if nothing.
func (p *page) changes(n *yaml.Node) string {
	if p.layer == nil || p.layer.over[n] == "" {
		return ""
	}
	return " (this changes " + p.layer.over[n] + ")"
}

// elsewhere says where another node stands, if n is not in the same file; "" if it is.
func (p *page) elsewhere(n, other *yaml.Node) string {
	if other == nil || p.inBase(n) == p.inBase(other) && p.fileOf(n) == p.fileOf(other) {
		return ""
	}
	return " (" + p.placeOf(other) + ")"
}

// lacked says of a row of the overlay that the base has no counterpart of it; "" of others.
func (p *page) lacked(n *yaml.Node) string {
	if p.layer == nil {
		return ""
	}
	return p.layer.added[n]
}
