package rules_test

import (
	"strings"
	"testing"

	"verdict/rules"
)

// A rule that is BILLABLE for nothing that ends an attempt charges nothing, and nothing else would say so.
func TestIdleCharges(t *testing.T) {
	const veriff, ubble = "vocabulary: veriff-idv\n", "vocabulary: ubble-idv\n"
	const request = "billing: {rules: [{name: request, when: {status: [resubmission_requested, review]}, flag: BILLABLE, " +
		"origin: operator}]}\n"
	const retry = "billing: {rules: [{name: retry, when: {status: [retry_required]}, flag: BILLABLE, origin: operator}]}\n"
	const risk = "vocabulary: fourthline-idv\nbilling: {rules: [{name: risky, from: 2026-12-24T00:00:00Z, " +
		"when: {status: [pending, completed], risk_code: [200]}, flag: BILLABLE, origin: operator}]}\n"
	for name, test := range map[string]struct{ overlay, want string }{
		"for no end": {veriff + request, "veriff-idv: billing rule request (overlay/own.yaml:2) is BILLABLE, and " +
			"charges nothing: it is for what ends no attempt, and only an end is charged: status resubmission_requested, " +
			"status review: name the status that ends it, or, if the provider's work on the attempt is over with this " +
			"one, write ended: true in its row"},
		"free":         {veriff + strings.Replace(request, "BILLABLE", "NOT_BILLABLE", 1), ""},
		"also for one": {veriff + strings.Replace(request, "review", "declined", 1), ""},
		"made an end": {veriff + request + "statuses: [{name: resubmission_requested, ended: true, origin: operator}]\n",
			""},
		"made one by a code":  {ubble + retry + "codes: [{code: 61101, no_retry: true, origin: operator}]\n", ""},
		"made one by no code": {ubble + retry, "ubble-idv: billing rule retry ("},
		"made one by a range": {veriff + request + "ranges: [{from: 601, to: 699, no_retry: true, origin: operator}]\n", ""},
		"with a risk code":    {risk, ""},
		"otherwise":           {ubble + "billing: {otherwise: {flag: BILLABLE, origin: operator}}\n", ""},
		"otherwise, for no end": {veriff + "billing: {otherwise: {flag: BILLABLE, origin: operator}}\n",
			"veriff-idv: billing rule silent (overlay/own.yaml:2) is BILLABLE, and charges nothing: it is for what ends " +
				"no attempt, and only an end is charged: status review: "},
	} {
		var got string
		for _, c := range rules.IdleCharges(rules.Embedded(), over(t, nil, test.overlay)) {
			got += c.String()
		}
		if !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%s:\n%q, wanted\n%q", name, got, test.want)
		}
	}
}

// The built-in rules have none, and one that was there before is not told again.
func TestIdleChargesThatAreThere(t *testing.T) {
	own := over(t, nil, "vocabulary: veriff-idv\nbilling: {rules: [{name: request, when: {status: [review]}, "+
		"flag: BILLABLE, origin: operator}]}\n")
	for before, after := range map[*rules.Catalog]*rules.Catalog{own: own, rules.Embedded(): rules.Embedded()} {
		if idle := rules.IdleCharges(before, after); len(idle) > 0 {
			t.Errorf("%v", idle)
		}
	}
	if idle := rules.IdleCharges(own, rules.Embedded()); len(idle) > 0 {
		t.Errorf("the built-in rules: %v", idle)
	}
}
