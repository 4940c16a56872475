package main

import (
	"fmt"
	"strings"

	"verdict/processor/codec"
	"verdict/rules"
)

// Values of deadletter.value.
const (
	deadLetterOriginal = "original"
	deadLetterDigest   = "digest"
)

// productFormats lists the formats whose values may not name their product.
func productFormats() string {
	var names []string
	for _, name := range codec.Formats() {
		if format, _ := codec.ParseFormat(name); format.ProductOf() != nil {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// checkProducts finds raw topics whose product the catalog does not have: each record of them would be a dead letter.
func (c *loadedConfig) checkProducts(catalog *rules.Catalog) (mistakes configMistakes) {
	for _, t := range c.Topics.Raw {
		if problem := productProblem(catalog, t.Format, t.Product); t.Product != "" && problem != "" {
			mistakes = append(mistakes, fmt.Sprintf("%stopic %s: %s", c.place("topics.raw"), t.Name, problem))
		}
	}
	return mistakes
}

// productProblem says what is wrong with a product for a format, or "".
func productProblem(catalog *rules.Catalog, formatName, product string) string {
	format, _ := codec.ParseFormat(formatName)
	var products []string
	for _, provider := range format.ProductOf() {
		if catalog.Vocabulary(provider, product) != nil {
			return ""
		}
		for _, v := range catalog.Vocabularies() {
			if v.Provider == provider {
				products = append(products, v.Product)
			}
		}
	}
	return fmt.Sprintf("the catalog has no product %q for the format %s: write %s", product, formatName, orList(products))
}
