package show

import (
	"fmt"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func riskTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("RISK CODE", "LEVEL", "PROVIDER'S NAME")
	for _, r := range v.RiskCodes {
		t.Row(strconv.Itoa(int(r.Code)), r.Level.String(), r.Label)
	}
	return t
}

func billingTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("BILLING", "FLAG", "WHEN", "BASIS")
	for i := range v.Billing {
		b := &v.Billing[i]
		t.Row(b.Name, b.Flag.String(), conditions(b), b.Basis)
	}
	return t
}

// conditions says when a billing rule holds; the first that does counts.
func conditions(b *rules.BillingRule) string {
	var texts []string
	add := func(what string, values []string) {
		if len(values) > 0 {
			texts = append(texts, what+" "+strings.Join(values, " or "))
		}
	}
	add("status", b.Statuses)
	add("risk code", intTexts(b.RiskCodes))
	add("variant", b.Variants)
	if b.MinAttempt > 0 {
		texts = append(texts, fmt.Sprintf("attempt from %d", b.MinAttempt))
	}
	if b.MaxAttempt > 0 {
		texts = append(texts, fmt.Sprintf("attempt up to %d", b.MaxAttempt))
	}
	return screen.Either(texts == nil, "no other rule holds", strings.Join(texts, ", "))
}
