package pipeline

import (
	"context"
	"fmt"
	"os"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
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

// CheckOverdue finds statuses whose next word may take longer than a verification is remembered, so that nobody could
// be told that it is overdue.
func CheckOverdue(c *config.Loaded, catalog *rules.Catalog) (mistakes config.Mistakes) {
	if c.Outputs()[processor.RouteOverdue] == "" {
		return nil
	}
	for _, v := range catalog.Vocabularies() {
		for _, s := range v.Statuses {
			if s.OverdueAfter > c.State.Retention {
				mistakes = append(mistakes, fmt.Sprintf("%s%s: the next word after %s may take %s (overdue_after), "+
					"but a "+
					"verification is remembered for %s: raise state.retention, or lower overdue_after",
					c.Place("state.retention"), v.Name, s.Name, s.OverdueAfter, c.State.Retention))
			}
		}
	}
	return mistakes
}

// longestOverdue is the longest that the next word about a verification may take; 0: nobody is told.
func longestOverdue(c *config.Loaded, catalog *rules.Catalog) (longest time.Duration) {
	if c.Outputs()[processor.RouteOverdue] == "" {
		return 0
	}
	for _, v := range catalog.Vocabularies() {
		for _, s := range v.Statuses {
			longest = max(longest, s.OverdueAfter)
		}
	}
	return longest
}

// CheckCluster looks at what a run needs of the cluster. Without a catalog, what depends on that is left out.
func CheckCluster(ctx context.Context, c *config.Loaded, k kafka.Config, catalog *rules.Catalog) []admin.Finding {
	if catalog != nil {
		k.State.OverdueAfter = longestOverdue(c, catalog)
	}
	return kafka.Check(ctx, k)
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
