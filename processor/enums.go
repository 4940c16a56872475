package processor

import (
	"fmt"

	"verdict/rules"
)

// Symbols of the enums that decisions share with the catalog, for rooms that may not know the catalog (metric labels).
// The unspecified value is not among them.

// The types themselves, for those rooms.
type (
	// Outcome is that of Decision.Outcome.
	Outcome = rules.Outcome
	// Category is that of Decision.Category.
	Category = rules.Category
	// BillingFlag is that of Billing.Flag.
	BillingFlag = rules.BillingFlag
)

// OutcomeNames lists the symbols of Decision.Outcome.
func OutcomeNames() []string { return symbols(rules.Outcomes()) }

// CategoryNames lists the symbols of Decision.Category.
func CategoryNames() []string { return symbols(rules.Categories()) }

// BillingFlagNames lists the symbols of Billing.Flag.
func BillingFlagNames() []string { return symbols(rules.BillingFlags()) }

func symbols[E fmt.Stringer](all []E) []string {
	names := make([]string, len(all))
	for i, e := range all {
		names[i] = e.String()
	}
	return names
}
