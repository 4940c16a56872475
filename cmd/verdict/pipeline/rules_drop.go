package pipeline

import (
	"fmt"
	"slices"

	"verdict/cmd/verdict/config"
	"verdict/processor/codec"
	"verdict/rules"
)

// dropped finds what other rules would leave out though events come that need it: each of these would be a dead letter.
// A raw topic that names it is found by CheckTopics. Here it is about what is needed: whoever means it restarts the
// process.
func dropped(c *config.Loaded, from, to *Rules, needed func(*rules.Vocabulary) bool) error {
	var mistakes config.Mistakes
	for _, v := range from.Catalog.Vocabularies() {
		if needed(v) && to.Catalog.Vocabulary(v.Provider, v.Product) == nil {
			mistakes = append(mistakes, fmt.Sprintf("the vocabulary %s (provider %s, product %s) is gone, and the "+
				"process began with it, or has decided events by it: put it back, or restart to drop it",
				v.Name, v.Provider, v.Product))
		}
	}
	for _, e := range from.Catalog.Envelopes() {
		if _, there := to.Formats.Find(e.Name); !there && recognises(c) && serves(e, from, needed) {
			mistakes = append(mistakes, fmt.Sprintf("the envelope %s is gone, a raw topic has the format %s, and "+
				"the process began with its provider, or has decided events of it: put it back, or restart to drop it",
				e.Name, codec.Auto))
		}
	}
	if mistakes == nil {
		return nil
	}
	return mistakes
}

// needs says which vocabularies may not go while the process runs: those that it began with, for which events may have
// been decided before, and those that something was decided by since. What came by a reload and has decided nothing may
// go as it came.
func (p *Pipeline) needs(decided func(vocabulary string) bool) func(*rules.Vocabulary) bool {
	first := p.rules.Catalog
	return func(v *rules.Vocabulary) bool {
		return first.Vocabulary(v.Provider, v.Product) != nil || decided(v.Name)
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
