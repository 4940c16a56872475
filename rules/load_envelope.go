package rules

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reservedEnvelopes are the formats that are no provider's.
var reservedEnvelopes = []string{"canonical", "auto"}

// maxShapePaths bounds the paths in the shapes of all envelopes, each of which is a bit of a mask. One is that of the
// canonical envelope.
const maxShapePaths = 64

// maxShapes and maxExamples bound those of an envelope, because each example is held against each shape.
const (
	maxShapes   = 16
	maxExamples = 16
)

// envelopeReader reads the envelopes of all files. What is between them is looked at when all are read: settle.
type envelopeReader struct {
	rows       []*envelopeRow
	references []envelopeReference
	paths      map[string]uint64 // of all shapes, and the bit of each
}

func newEnvelopeReader() *envelopeReader {
	return &envelopeReader{paths: map[string]uint64{CanonicalMark: 1}}
}

// envelopeRow is an envelope and where it stands.
type envelopeRow struct {
	*page
	*Envelope
	node     *yaml.Node   // its name
	shapes   []*yaml.Node // as in Envelope.Shapes
	masks    []uint64     // likewise: the bits of their paths
	examples []*yaml.Node // as in Envelope.Examples
	shown    uint64       // the bits of all paths that these have
}

// envelopeReference is a vocabulary's naming of an envelope of another file.
type envelopeReference struct {
	*page
	node       *yaml.Node
	vocabulary *Vocabulary
}

// read reads the envelopes of a vocabulary: each is stated here, or only named.
func (r *envelopeReader) read(p *page, root *yaml.Node, v *Vocabulary) {
	f := &fields{page: p, node: root, what: "a vocabulary", values: map[string]*yaml.Node{}}
	for i := 0; i+1 < len(root.Content); i += 2 {
		f.values[root.Content[i].Value] = root.Content[i+1]
	}
	var names []string
	for _, n := range f.list("envelopes") {
		if n.Kind == yaml.ScalarNode {
			name := p.text(n, "an entry of envelopes")
			if slices.Contains(names, name) {
				p.report(n, "envelopes has %s twice; keep one", quoted(name))
			} else if name != "" {
				r.references = append(r.references, envelopeReference{p, n, v})
			}
			names = append(names, name)
			continue
		}
		row, ok := p.fields(n, envelopeKeys)
		if !ok {
			continue
		}
		r.envelope(row, v)
	}
}

// envelope reads one that is stated here.
func (r *envelopeReader) envelope(f *fields, v *Vocabulary) {
	e := &envelopeRow{page: f.page, Envelope: &Envelope{
		Name: f.name("name"), Provider: v.Provider, Product: v.Product, Products: []string{v.Product},
	}, node: f.values["name"]}
	if slices.Contains(reservedEnvelopes, e.Name) {
		e.report(e.node, "the name %s is taken by a format that is no provider's; give the envelope another one",
			e.Name)
	}
	if other := r.find(e.Name); other != nil && e.Name != "" {
		e.report(e.node, "envelope %s is in %s already; name it here as a text, or give one of them another name",
			e.Name, other.place())
	}
	e.rows[envelopeBasis(e.Name)] = e.filePlace(f.node)
	e.product(f)
	r.shapesOf(e, f)
	e.members(f)
	f.need("examples")
	for _, n := range e.atMost(f, "examples", f.textNodes("examples"), maxExamples) {
		e.examples = append(e.examples, n)
		e.Examples = append(e.Examples, Example{Text: n.Value, Place: e.at(n), InBase: e.inBase(n)})
	}
	if e.layer != nil && !e.inBase(f.node) {
		place := e.at(f.node)
		e.Overlay = &place
	}
	r.rows = append(r.rows, e)
}

func (r *envelopeReader) find(name string) *envelopeRow {
	for _, e := range r.rows {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// place is where an envelope stands.
func (e *envelopeRow) place() string { return e.page.placeOf(e.node) }

func (e *envelopeRow) at(n *yaml.Node) Place { return Place{e.fileOf(n), n.Line, n.Column} }

// product reads whose the events are: this vocabulary's, or those of the product that a topic or a header names.
func (e *envelopeRow) product(f *fields) {
	n := f.need("product")
	switch {
	case n == nil || n.Kind == yaml.ScalarNode && n.Value == "own":
	case n.Kind == yaml.ScalarNode && n.Value == "topic":
		e.Product = ""
	default:
		e.report(n, "product is %s; write own if all events are of this vocabulary, or topic if a setting of the "+
			"topic or a record header has to name their product", kindOf(n))
	}
}

// shapesOf reads the lists of paths that tell an envelope from the others.
func (r *envelopeReader) shapesOf(e *envelopeRow, f *fields) {
	f.need("shapes")
	for _, n := range e.atMost(f, "shapes", f.list("shapes"), maxShapes) {
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			what := kindOf(n)
			if n.Kind == yaml.SequenceNode {
				what = "an empty list"
			}
			e.report(n, "a shape is %s; write a list of paths that only this envelope has together: [id, data.status]",
				what)
			continue
		}
		var shape []string
		var mask uint64
		for _, node := range n.Content {
			path := e.path(node, "a path of a shape")
			switch {
			case path == "":
				continue
			case slices.Contains(shape, path):
				e.report(node, "the shape has %s twice; keep one", quoted(path))
			case r.paths[path] == 0 && len(r.paths) == maxShapePaths:
				e.report(node, "all shapes of the catalog may have %d different paths, and %s is one more; write fewer",
					maxShapePaths-1, quoted(path))
			case r.paths[path] == 0:
				r.paths[path] = 1 << len(r.paths)
			}
			shape = append(shape, path)
			mask |= r.paths[path]
		}
		if len(shape) > 0 && !slices.ContainsFunc(shape, noneOfCanonical) {
			e.report(n, "a canonical event can have all of this shape too, so that nothing tells them apart; add a "+
				"path that no canonical event has")
		}
		e.Shapes, e.shapes, e.masks = append(e.Shapes, shape), append(e.shapes, n), append(e.masks, mask)
	}
}

// noneOfCanonical says whether no event in the canonical envelope has a path: it has no other names, and any below
// metadata.
func noneOfCanonical(path string) bool {
	return !slices.Contains(eventKeys.names, path) && !strings.HasPrefix(path, "metadata.")
}

// atMost reports what is more than an envelope may have of something, and leaves it out.
func (e *envelopeRow) atMost(f *fields, key string, nodes []*yaml.Node, most int) []*yaml.Node {
	if len(nodes) <= most {
		return nodes
	}
	e.report(f.values[key], "%s has %d entries; an envelope may have %d", key, len(nodes), most)
	return nodes[:most]
}

// maxPathNames and maxPathBytes bound how deep a path goes, and how long it is: dead letters name the paths of shapes.
const (
	maxPathNames = 16
	maxPathBytes = 256
)

// path reads a path; "" after a mistake.
func (e *envelopeRow) path(n *yaml.Node, what string) string {
	path := e.text(n, what)
	names := strings.Split(path, ".")
	if len(path) > maxPathBytes {
		e.report(n, "%s is a path of %d bytes; it may have %d", quoted(path), len(path), maxPathBytes)
		return ""
	}
	if path != "" && (slices.Contains(names, "") || len(names) > maxPathNames) {
		e.report(n, "%s is %s; write names from the top with a dot between them, at most %d, for example data.status",
			what, quoted(path), maxPathNames)
		return ""
	}
	return path
}
