package pipeline

import (
	"context"
	"fmt"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
	"verdict/rules"
)

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
	withTopicSettings(c, &k, catalog)
	return kafka.Check(ctx, k)
}
