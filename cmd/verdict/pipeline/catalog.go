package pipeline

import (
	"fmt"
	"os"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/screen"
	"verdict/processor/codec"
	"verdict/rules"
)

// LoadCatalog loads the built-in catalog, or the operator's own.
func LoadCatalog(c *config.Loaded) (*rules.Catalog, error) {
	if c.Catalog.Dir == "" {
		return rules.Embedded(), nil
	}
	if _, err := os.ReadDir(c.Catalog.Dir); err != nil {
		return nil, fmt.Errorf("%scannot read the directory: %w", c.Place("catalog.dir"), err)
	}
	catalog, err := rules.Load(os.DirFS(c.Catalog.Dir))
	if err != nil {
		return nil, fmt.Errorf("%sthe catalog in %s cannot be used:\n%w", c.Place("catalog.dir"), c.Catalog.Dir, err)
	}
	return catalog, nil
}

// CheckProducts finds raw topics whose product the catalog does not have: each record of them would be a dead letter.
func CheckProducts(c *config.Loaded, catalog *rules.Catalog) (mistakes config.Mistakes) {
	for _, t := range c.Topics.Raw {
		if problem := ProductProblem(catalog, t.Format, t.Product); t.Product != "" && problem != "" {
			mistakes = append(mistakes, fmt.Sprintf("%stopic %s: %s", c.Place("topics.raw"), t.Name, problem))
		}
	}
	return mistakes
}

// ProductProblem says what is wrong with a product for a format, or "".
func ProductProblem(catalog *rules.Catalog, formatName, product string) string {
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
	return fmt.Sprintf("the catalog has no product %q for the format %s: write %s", product, formatName,
		screen.OrList(products))
}
