package pipeline

import (
	"fmt"
	"slices"

	"verdict/cmd/verdict/config"
	"verdict/processor/codec"
	"verdict/rules"
)

// dropped finds what other rules would leave out though events come that need it: each of these would be a dead letter.
// A raw topic that names it is found by CheckTopics. Here it is about what something was decided by since the process
// began: whoever means it, as in going back, restarts the process, and what never came is no reason.
func dropped(c *config.Loaded, from, to *Rules, decided func(vocabulary string) bool) error {
	var mistakes config.Mistakes
	for _, v := range from.Catalog.Vocabularies() {
		if decided(v.Name) && to.Catalog.Vocabulary(v.Provider, v.Product) == nil {
			mistakes = append(mistakes, fmt.Sprintf("the vocabulary %s (provider %s, product %s) is gone, and events "+
				"were decided by it: put it back, or restart to drop it", v.Name, v.Provider, v.Product))
		}
	}
	for _, e := range from.Catalog.Envelopes() {
		if _, there := to.Formats.Find(e.Name); !there && recognises(c) && serves(e, from, decided) {
			mistakes = append(mistakes, fmt.Sprintf("the envelope %s is gone, a raw topic has the format %s, and "+
				"events of its provider were decided: put it back, or restart to drop it", e.Name, codec.Auto))
		}
	}
	if mistakes == nil {
		return nil
	}
	return mistakes
}

// serves says whether something was decided by a vocabulary that an envelope is for.
func serves(e *rules.Envelope, from *Rules, decided func(vocabulary string) bool) bool {
	return slices.ContainsFunc(e.Products, func(product string) bool {
		v := from.Catalog.Vocabulary(e.Provider, product)
		return v != nil && decided(v.Name)
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
