package show

import (
	"fmt"
	"slices"
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
	if own := ownConditions(b, all); own != "" {
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

func all(texts []string) []string { return texts }

// firstThree are the first of many texts, and how many more there are.
func firstThree(texts []string) []string {
	const most = 3
	if len(texts) <= most+1 {
		return texts
	}
	return append(slices.Clone(texts[:most]), fmt.Sprintf("%d more", len(texts)-most))
}

// ownConditions are those beside status and risk code; "" if there is none. of chooses what to name of a list.
func ownConditions(b *rules.BillingRule, of func([]string) []string) string {
	texts := listedIf(nil, "variant", of(b.Variants))
	texts = listedIf(texts, "account", of(b.Accounts))
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
func chargeText(r *rules.Rule) string { return chargeTextOf(r, all) }

// chargeTexts are those of two rules. Long lists are cut short where the texts differ all the same.
func chargeTexts(a, b *rules.Rule) (ofA, ofB string) {
	ofA, ofB = chargeText(a), chargeText(b)
	if shortA, shortB := chargeTextOf(a, firstThree), chargeTextOf(b, firstThree); shortA != shortB {
		return shortA, shortB
	}
	return ofA, ofB
}

func chargeTextOf(r *rules.Rule, of func([]string) []string) string {
	var texts []string
	for i := range r.Billing {
		b := &r.Billing[i]
		texts = append(texts, strings.TrimSpace(b.Flag.String()+" "+ownConditions(b, of)))
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
