package processor_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

// operators turns the embedded catalog into one that bills everything that may be billed, but a first attempt, and maps
// the risk codes that are left to policy. It wants a person to look at a confirmed PEP, and takes yousign's approvals
// as they are.
var operators = strings.NewReplacer(
	"billing:\n  otherwise: {name: silent, flag: UNDETERMINED, origin: source}", `billing:
  rules:
    - {name: free_first, when: {status: [completed], risk_code: [200], product_variant: [face], attempt: {to: 1}},
       flag: NOT_BILLABLE, origin: operator}
  otherwise: {name: all, flag: BILLABLE, origin: operator}`,
	"{name: unstated, flag: UNDETERMINED, origin: policy}", "{name: all, flag: BILLABLE, origin: operator}",
	"300:\n"+policyReview, "300:\n"+operatorsWord("APPROVED", "NOT_APPLICABLE"),
	`meaning: "PEP match that was confirmed"}`,
	`meaning: "PEP match that was confirmed", asks_review: true, origin: operator}
  - {code: 198, statuses: [completed], series: aml, category: DATA, blocks_approval: false, asks_review: true,
     origin: policy, meaning: "somebody is to look at this too"}
  - {code: 199, statuses: [completed], series: aml, category: DATA, risk_codes: [500], blocks_approval: false,
     meaning: "comes with a decline only"}`,
	`final: on_new_case
    ended: true`, `final: on_new_case`,
	"  # Rejection. The page prints", `  - {code: 3999, statuses: [inconsistent_data], series: sendback, category: ELIGIBILITY, no_retry: true,
     risk_bearing: true, meaning: "must not try again"}
  # Rejection. The page prints`,
	"code_prefixes: [IDVV_]\n", "code_prefixes: [IDVV_]\nunlisted_code_on_approval: accept\n",
	"400:\n"+policyReview, "400:\n"+operatorsWord("DECLINED", "DO_NOT_RETRY"),
)

const policyReview = `        outcome: REVIEW
        origin: policy
        final: true
        report_available: true
        retry: {advice: AWAIT_REVIEW, scope: NONE, origin: policy}`

func operatorsWord(outcome, advice string) string {
	text := strings.ReplaceAll(policyReview, "policy", "operator")
	return strings.NewReplacer("AWAIT_REVIEW", advice, "REVIEW", outcome).Replace(text)
}

func operatorsCatalog(t *testing.T) *rules.Catalog {
	t.Helper()
	own := fstest.MapFS{}
	names, err := fs.Glob(rules.EmbeddedFS(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(rules.EmbeddedFS(), name)
		if err != nil {
			t.Fatal(err)
		}
		own[name] = &fstest.MapFile{Data: []byte(operators.Replace(string(content)))}
	}
	c, err := rules.Load(own)
	if err != nil {
		t.Fatal(err)
	}
	if c.Version == rules.Embedded().Version {
		t.Fatal("the operator's catalog is the embedded one")
	}
	return c
}
