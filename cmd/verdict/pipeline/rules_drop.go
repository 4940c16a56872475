package pipeline

import (
	"errors"
	"fmt"
	"slices"

	"verdict/cmd/verdict/config"
	"verdict/processor/codec"
	"verdict/rules"
)

// dropped finds what other rules would leave out though events come that need it: each of these would be a dead letter,
// or, of a vocabulary under another name, go on without what is remembered by the old one. A raw topic that names it is
// found by CheckTopics. Here it is about what is needed: whoever means it restarts the process.
func dropped(c *config.Loaded, from, to *Rules, needed func(*rules.Vocabulary) bool) error {
	var gone []error
	for _, v := range from.Catalog.Vocabularies() {
		if !needed(v) {
			continue
		}
		what := fmt.Sprintf("the vocabulary %s (provider %s, product %s)", v.Name, v.Provider, v.Product)
		switch next := to.Catalog.Vocabulary(v.Provider, v.Product); {
		case next == nil:
			gone = append(gone, fmt.Errorf("%s is gone, and the process began with it, or has decided events by it: "+
				"put it back, or restart to drop it", what))
		case next.Name != v.Name:
			file, line := to.Where(next.Name)
			gone = append(gone, fmt.Errorf("%s:%d: %s has the name %s now, and what is under way is remembered by its "+
				"old one: keep the name, or restart to take the new one, by which the deadlines of what is under way, "+
				"and what may follow it, are lost", file, line, what, next.Name))
		}
	}
	for _, e := range from.Catalog.Envelopes() {
		if _, there := to.Formats.Find(e.Name); !there && recognises(c) && serves(e, from, needed) {
			gone = append(gone, fmt.Errorf("the envelope %s is gone, a raw topic has the format %s, and "+
				"the process began with its provider, or has decided events of it: put it back, or restart to drop it",
				e.Name, codec.Auto))
		}
	}
	return errors.Join(gone...)
}

// needs says which vocabularies may not go while the process runs: those that it began with, for which events may have
// been decided before, and those that something was decided by since. What came by a reload and has decided nothing may
// go as it came.
func (p *Pipeline) needs(decided func(provider, product string) bool) func(*rules.Vocabulary) bool {
	first := p.rules.Catalog
	return func(v *rules.Vocabulary) bool {
		return first.Vocabulary(v.Provider, v.Product) != nil || decided(v.Provider, v.Product)
	}
}

// serves says whether a vocabulary that an envelope is for is needed.
func serves(e *rules.Envelope, from *Rules, needed func(*rules.Vocabulary) bool) bool {
	return slices.ContainsFunc(e.Products, func(product string) bool {
		v := from.Catalog.Vocabulary(e.Provider, product)
		return v != nil && needed(v)
	})
}

// recognises says whether a raw topic has its values' formats found by their shape.
func recognises(c *config.Loaded) bool {
	for _, t := range c.Topics.Raw {
		if t.Format == codec.Auto {
			return true
		}
	}
	return false
}
