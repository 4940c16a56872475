package cases

import (
	"strings"

	"verdict/processor"
	"verdict/rules"
)

// basisOf names the rule that gave a field of the decision; "" where it is none of the catalog's.
func basisOf(catalog *rules.Catalog, res *processor.Result, field string) string {
	d := res.Decision
	if d == nil {
		return ""
	}
	field, code, _ := strings.Cut(field, " ")
	switch field {
	case "outcome", "outcome_basis", "final", "ended", "signature", "report_available":
		return d.OutcomeBasis
	case "billing":
		return d.Billing.Basis
	case "retry":
		return d.Retry.Basis
	case "lifecycle":
		if res.Why.Step != nil {
			return res.Why.Step.Basis
		}
	case "category", "primary_code":
		return codeBasis(catalog, d, d.PrimaryCode)
	case "reasons":
		return codeBasis(catalog, d, code)
	}
	return ""
}

// codeBasis is the rule of a code: its row, or that of its range.
func codeBasis(catalog *rules.Catalog, d *processor.Decision, code string) string {
	v := catalog.Vocabulary(d.Provider, d.Product)
	if code == "" || v == nil {
		return ""
	}
	var unlisted rules.Code
	return v.Code(code, &unlisted).Basis
}
