package processor_test

import (
	"testing"

	"verdict/processor"
	"verdict/rules"
)

func TestDecideUbble(t *testing.T) {
	testDecisions(t, "ubble", [][2]string{
		{"created", `
outcome PENDING by source:ubble-idv/status/created
final false, ended false, report false
category NONE -
billing UNDETERMINED by source:ubble-idv/billing/silent
retry CONTINUE SAME_VERIFICATION [SHARE_VERIFICATION_URL] by reading:ubble-idv/status/created
`},
		{"pending", `
outcome PENDING by source:ubble-idv/status/pending
final false, ended false, report false
category NONE -
billing UNDETERMINED by source:ubble-idv/billing/silent
retry WAIT SAME_VERIFICATION [SHARE_VERIFICATION_URL] by reading:ubble-idv/status/pending
`},
		{"capture_in_progress", `
outcome PENDING by source:ubble-idv/status/capture_in_progress
final false, ended false, report false
category NONE -
billing UNDETERMINED by source:ubble-idv/billing/silent
retry WAIT SAME_VERIFICATION [] by source:ubble-idv/status/capture_in_progress
`},
		{"checks_in_progress", `
outcome PENDING by source:ubble-idv/status/checks_in_progress
final false, ended false, report false
category NONE -
billing UNDETERMINED by source:ubble-idv/billing/silent
retry WAIT SAME_VERIFICATION [] by source:ubble-idv/status/checks_in_progress
`},
		{"approved 10000", `
outcome APPROVED by source:ubble-idv/status/approved
final true, ended true, report true
category VALIDATION 10000
reason 10000 approved VALIDATION POSITIVE disclosable
billing UNDETERMINED by source:ubble-idv/billing/silent
retry NOT_APPLICABLE NONE [] by source:ubble-idv/status/approved
`},
		{"approved", `
outcome APPROVED by source:ubble-idv/status/approved
final true, ended true, report true
category NONE -
billing UNDETERMINED by source:ubble-idv/billing/silent
retry NOT_APPLICABLE NONE [] by source:ubble-idv/status/approved
`},
		{"declined 62301 62304", `
outcome DECLINED by source:ubble-idv/status/declined
final true, ended true, report true
category FRAUD 62301
reason 62301 identity-fraud FRAUD NEGATIVE risk
reason 62304 identity-fraud FRAUD NEGATIVE risk
billing UNDETERMINED by source:ubble-idv/billing/silent
retry OPTIONAL NEW_VERIFICATION [] by source:ubble-idv/status/declined
`},
		// The type may say that the capture is complete, and a code ask for a retry: the status counts, and the code
		// says what to do better if there is another.
		{"declined 61310 62102", `
outcome DECLINED by source:ubble-idv/status/declined
final true, ended true, report true
category DOCUMENT 62102
reason 61310 document-capture-issue DOCUMENT_CAPTURE NEGATIVE disclosable
reason 62102 document-non-compliant DOCUMENT NEGATIVE disclosable risk
billing UNDETERMINED by source:ubble-idv/billing/silent
retry OPTIONAL NEW_VERIFICATION [IMPROVE_CAPTURE] by policy:ubble-idv/code/61310
anomaly CODE_NOT_ALLOWED_FOR_STATUS
`},
		{"declined", `
outcome DECLINED by source:ubble-idv/status/declined
final true, ended true, report true
category NONE -
billing UNDETERMINED by source:ubble-idv/billing/silent
retry OPTIONAL NEW_VERIFICATION [] by source:ubble-idv/status/declined
anomaly REASON_MISSING
`},
		{"retry_required 61411 61112", `
outcome RESUBMISSION_REQUIRED by source:ubble-idv/status/retry_required
final false, ended false, report false
category ENGAGEMENT 61112
reason 61112 applicant-engagement-issue ENGAGEMENT NEGATIVE disclosable
reason 61411 face-capture-issue FACE_CAPTURE NEGATIVE disclosable
billing UNDETERMINED by source:ubble-idv/billing/silent
retry RETRY_WITH_CHANGES SAME_VERIFICATION [FIND_DOCUMENT IMPROVE_CAPTURE] by policy:ubble-idv/code/61112
`},
		{"retry_required 61101", `
outcome RESUBMISSION_REQUIRED by source:ubble-idv/status/retry_required
final false, ended false, report false
category ENGAGEMENT 61101
reason 61101 applicant-engagement-issue ENGAGEMENT NEGATIVE disclosable
billing UNDETERMINED by source:ubble-idv/billing/silent
retry RETRY SAME_VERIFICATION [] by source:ubble-idv/status/retry_required
`},
		// A blocking code where it does not belong: nobody is invited.
		{"retry_required 62301", `
outcome RESUBMISSION_REQUIRED by source:ubble-idv/status/retry_required
final false, ended false, report false
category FRAUD 62301
reason 62301 identity-fraud FRAUD NEGATIVE risk
billing UNDETERMINED by source:ubble-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:ubble-idv/misplaced-code
anomaly CODE_NOT_ALLOWED_FOR_STATUS
anomaly REASON_MISSING
`},
		{"refused 63001", `
outcome INCONCLUSIVE by reading:ubble-idv/status/refused
final true, ended true, report false
category ENGAGEMENT 63001
reason 63001 refused ENGAGEMENT NEGATIVE disclosable
billing NOT_BILLABLE by policy:ubble-idv/billing/no_result
retry OPTIONAL NEW_VERIFICATION [] by reading:ubble-idv/status/refused
`},
		// yousign's status of this name asks for another try.
		{"inconclusive 71901", `
outcome INCONCLUSIVE by source:ubble-idv/status/inconclusive
final true, ended true, report false
category PROVIDER 71901
reason 71901 other-issues-inconclusive PROVIDER NEGATIVE disclosable
billing NOT_BILLABLE by policy:ubble-idv/billing/no_result
retry DO_NOT_RETRY NONE [] by source:ubble-idv/status/inconclusive
`},
		{"inconclusive 64001", `
outcome INCONCLUSIVE by source:ubble-idv/status/inconclusive
final true, ended true, report false
category ENGAGEMENT 64001
reason 64001 pending-or-inconclusive ENGAGEMENT NEGATIVE disclosable
billing NOT_BILLABLE by policy:ubble-idv/billing/no_result
retry DO_NOT_RETRY NONE [] by source:ubble-idv/status/inconclusive
`},
		{"pending 64001", `
outcome PENDING by source:ubble-idv/status/pending
final false, ended false, report false
category ENGAGEMENT 64001
reason 64001 pending-or-inconclusive ENGAGEMENT NEGATIVE disclosable
billing UNDETERMINED by source:ubble-idv/billing/silent
retry WAIT SAME_VERIFICATION [SHARE_VERIFICATION_URL] by reading:ubble-idv/status/pending
`},
		// An unlisted code of the declined groups blocks an approval.
		{"approved 10000 62001", `
outcome REVIEW by policy:ubble-idv/approval-contradicted
final true, ended true, report true
category UNKNOWN 62001
reason 10000 approved VALIDATION POSITIVE disclosable
reason 62001 - UNKNOWN NEGATIVE risk unknown
billing UNDETERMINED by source:ubble-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:ubble-idv/misplaced-code
anomaly UNKNOWN_CODE
anomaly CODE_NOT_ALLOWED_FOR_STATUS
anomaly APPROVAL_CONTRADICTED
`},
		{"approved 10000 72381", `
outcome REVIEW by policy:ubble-idv/approval-contradicted
final true, ended true, report true
category DATA 72381
reason 10000 approved VALIDATION POSITIVE disclosable
reason 72381 website-compliance-issues DATA NEGATIVE disclosable risk
billing UNDETERMINED by source:ubble-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:ubble-idv/misplaced-code
anomaly CODE_NOT_ALLOWED_FOR_STATUS
anomaly APPROVAL_CONTRADICTED
`},
		{"declined 62401 62405 62403", `
outcome DECLINED by source:ubble-idv/status/declined
final true, ended true, report true
category FRAUD 62405
reason 62401 prohibited-behavior IDENTITY_MISMATCH NEGATIVE risk
reason 62403 prohibited-behavior BEHAVIOR NEGATIVE risk
reason 62405 prohibited-behavior FRAUD NEGATIVE risk
billing UNDETERMINED by source:ubble-idv/billing/silent
retry OPTIONAL NEW_VERIFICATION [] by source:ubble-idv/status/declined
`},
		{"declined 62201 72387", `
outcome DECLINED by source:ubble-idv/status/declined
final true, ended true, report true
category COPY 62201
reason 62201 document-non-compliant COPY NEGATIVE disclosable risk
reason 72387 website-compliance-issues DATA NEGATIVE disclosable risk
billing UNDETERMINED by source:ubble-idv/billing/silent
retry OPTIONAL NEW_VERIFICATION [] by source:ubble-idv/status/declined
`},
		{"approved 10000 sandbox", `
outcome APPROVED by source:ubble-idv/status/approved
final true, ended true, report true
category VALIDATION 10000
reason 10000 approved VALIDATION POSITIVE disclosable
billing NOT_BILLABLE by policy:billing/sandbox
retry NOT_APPLICABLE NONE [] by source:ubble-idv/status/approved
`},
		{"gone 10000", `
outcome UNRECOGNIZED by policy:ubble-idv/status/unknown
final false, ended false, report false
category VALIDATION 10000
reason 10000 approved VALIDATION POSITIVE disclosable
billing UNDETERMINED by policy:ubble-idv/billing/unknown_status
retry UNKNOWN UNKNOWN [] by policy:ubble-idv/status/unknown
anomaly UNKNOWN_STATUS
`},
		{"approved risk=200 10000", `
outcome APPROVED by source:ubble-idv/status/approved
final true, ended true, report true
category VALIDATION 10000
risk 200 UNKNOWN
reason 10000 approved VALIDATION POSITIVE disclosable
billing UNDETERMINED by source:ubble-idv/billing/silent
retry NOT_APPLICABLE NONE [] by source:ubble-idv/status/approved
anomaly UNKNOWN_RISK_CODE
`},
	})
}

// DO_NOT_RETRY beats all: also where the status says it and a blocking code stands beside it that does not belong
// there.
func TestDoNotRetryOfAStatusBeatsABlockingCode(t *testing.T) {
	v := rules.Embedded().Vocabulary("ubble", "identity_verification")
	var d processor.Decision
	processor.Decide(v, &processor.Event{VerificationID: "v", Status: "inconclusive", Codes: []string{"71901", "62301"}}, &d)
	if d.Outcome != rules.OutcomeInconclusive || d.Retry.Advice != rules.AdviceDoNotRetry || d.Retry.Actions != 0 {
		t.Errorf("%s with %+v", d.Outcome, d.Retry)
	}
}
