package show

import (
	"fmt"
	"strconv"
	"strings"
	"time"

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
	texts := listedIf(nil, "status", b.Statuses)
	texts = listedIf(texts, "risk code", intTexts(b.RiskCodes))
	if own := ownConditions(b); own != "" {
		texts = append(texts, own)
	}
	return screen.Either(texts == nil, "no other rule holds", strings.Join(texts, ", "))
}

// listedIf adds a condition that lists values, if it does.
func listedIf(texts []string, what string, values []string) []string {
	if len(values) == 0 {
		return texts
	}
	return append(texts, what+" "+strings.Join(values, " or "))
}

// ownConditions are those beside status and risk code; "" if there is none.
func ownConditions(b *rules.BillingRule) string {
	texts := listedIf(nil, "variant", b.Variants)
	texts = listedIf(texts, "account", b.Accounts)
	if b.MinAttempt > 0 {
		texts = append(texts, fmt.Sprintf("attempt from %d", b.MinAttempt))
	}
	if b.MaxAttempt > 0 {
		texts = append(texts, fmt.Sprintf("attempt up to %d", b.MaxAttempt))
	}
	if b.Dated() {
		texts = append(texts, datesText(b))
	}
	return strings.Join(texts, ", ")
}

// chargeText is what a status is charged: the flags of its billing rules, each with its conditions.
func chargeText(r *rules.Rule) string {
	var texts []string
	for i := range r.Billing {
		b := &r.Billing[i]
		texts = append(texts, strings.TrimSpace(b.Flag.String()+" "+ownConditions(b)))
	}
	return strings.Join(texts, ", otherwise ")
}

// datesText says for the events of which time a rule is, as the catalog's file says it.
func datesText(b *rules.BillingRule) string {
	var texts []string
	if !b.From.IsZero() {
		texts = append(texts, "from "+b.From.Format(time.RFC3339))
	}
	if !b.Until.IsZero() {
		texts = append(texts, "until "+b.Until.Format(time.RFC3339))
	}
	return strings.Join(texts, " ")
}
