package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// settle looks at what is between the envelopes of all files, and gives the catalog those that it has.
func (r *envelopeReader) settle(c *Catalog, sound bool) {
	for _, reference := range r.references {
		r.resolve(reference)
	}
	good := sound
	for _, e := range r.rows {
		slices.Sort(e.Products)
		c.envelopes = append(c.envelopes, e.Envelope)
		if sound {
			before := e.mistakes.n
			r.judge(e)
			good = good && e.mistakes.n == before
		}
	}
	slices.SortFunc(c.envelopes, func(a, b *Envelope) int { return strings.Compare(a.Name, b.Name) })
	if good {
		r.judgeFull()
	}
}

// resolve finds an envelope that a vocabulary names.
func (r *envelopeReader) resolve(reference envelopeReference) {
	n, v := reference.node, reference.vocabulary
	e := r.find(n.Value)
	switch {
	case e == nil:
		var names []string
		for _, other := range r.rows {
			if other.Provider == v.Provider && other.Name != "" {
				names = append(names, other.Name)
			}
		}
		reference.report(n, "no file of provider %s has an envelope %s%s; write it here, as a mapping", v.Provider,
			quoted(n.Value), suggestion(n.Value, names))
	case e.Provider != v.Provider:
		reference.report(n, "envelope %s is that of provider %s (%s); a vocabulary can have those of its own provider",
			e.Name, e.Provider, e.place())
	case slices.Contains(e.Products, v.Product):
		reference.report(n, "envelope %s is this vocabulary's already (%s); keep one", e.Name, e.place())
	case e.Product != "":
		reference.report(n, "all events in envelope %s are of %s (%s); remove it here, or write product: topic there",
			e.Name, e.Product, e.place())
	default:
		e.Products = append(e.Products, v.Product)
	}
}

// judge looks at the examples of an envelope, and for shapes that none of them has: nothing would tell when another
// envelope takes such bodies for its own.
func (r *envelopeReader) judge(e *envelopeRow) {
	shown := make([]bool, len(e.masks))
	for _, n := range e.examples {
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(n.Value), &object) != nil || object == nil {
			e.report(n, "this example is no JSON object; write one body as the provider sends it")
			continue
		}
		found := r.marks([]byte(n.Value))
		e.shown |= found
		r.recognise(e, n, found)
		for i, mask := range e.masks {
			shown[i] = shown[i] || found&mask == mask
		}
	}
	for i, n := range e.shapes {
		if !shown[i] {
			e.report(n, "no example of envelope %s has this shape; add one that does", e.Name)
		}
	}
}

// marks has the bits of the paths that a body has.
func (r *envelopeReader) marks(body []byte) (found uint64) {
	for path, bit := range r.paths {
		if has(body, path) {
			found |= bit
		}
	}
	return found
}

// shapeIn is the first shape that is in what was found in a body; nil if none is.
func (e *envelopeRow) shapeIn(found uint64) *yaml.Node {
	i := slices.IndexFunc(e.masks, func(mask uint64) bool { return found&mask == mask })
	if i < 0 {
		return nil
	}
	return e.shapes[i]
}

// canonicalOther names the canonical envelope as one that a body may be taken for.
const canonicalOther = "the canonical envelope (which alone has " + CanonicalMark + ")"

// fewOf bounds how many envelopes one mistake names.
func fewOf(others []string) []string {
	const most = 3
	if more := len(others) - most; more > 0 {
		return append(others[:most], fmt.Sprintf("%d more", more))
	}
	return others
}

// recognise reports an example that is not recognised as its own envelope's, and as that alone: such a body would be a
// dead letter where the format is auto.
func (r *envelopeReader) recognise(e *envelopeRow, n *yaml.Node, found uint64) {
	var others []string
	if found&r.paths[CanonicalMark] != 0 {
		others = append(others, canonicalOther)
	}
	for _, other := range r.rows {
		shape := other.shapeIn(found)
		switch {
		case other == e || shape == nil:
		case e.inBase(n) && !other.inBase(shape):
			other.report(shape, "an example of envelope %s (%s) has this shape too, so that nothing tells them apart; "+
				"write one that only %s has", e.Name, e.placeOf(n), other.Name)
		default:
			others = append(others, other.Name+" ("+other.place()+")")
		}
	}
	others = fewOf(others)
	switch own := e.shapeIn(found) != nil; {
	case own && others == nil:
	case own:
		e.report(n, "this example of envelope %s has the shape of %s too, so that nothing tells them apart; write "+
			"shapes that do", e.Name, strings.Join(others, ", "))
	case others == nil:
		e.report(n, "this example has no shape of its envelope %s; correct one of them", e.Name)
	default:
		e.report(n, "this example has no shape of its envelope %s, but that of %s; correct one of them", e.Name,
			strings.Join(others, ", "))
	}
}
