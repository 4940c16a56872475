package processor_test

import (
	"testing"

	"verdict/rules"
)

func TestDecideVeriff(t *testing.T) {
	testDecisions(t, "veriff", [][2]string{
		{"created", `
outcome PENDING by source:veriff-idv/status/created
final false, ended false, report false
category NONE -
billing NOT_BILLABLE by policy:veriff-idv/billing/not_yet
retry CONTINUE SAME_VERIFICATION [SHARE_VERIFICATION_URL] by reading:veriff-idv/status/created
`},
		{"submitted", `
outcome PENDING by source:veriff-idv/status/submitted
final false, ended false, report false
category NONE -
billing NOT_BILLABLE by policy:veriff-idv/billing/not_yet
retry WAIT SAME_VERIFICATION [] by source:veriff-idv/status/submitted
`},
		{"approved", `
outcome APPROVED by source:veriff-idv/status/approved
final true, ended true, report false
category NONE -
billing BILLABLE by source:veriff-idv/billing/decided
retry NOT_APPLICABLE NONE [] by source:veriff-idv/status/approved
`},
		{"declined 106", `
outcome DECLINED by source:veriff-idv/status/declined
final true, ended true, report false
category FRAUD 106
reason 106 declined FRAUD NEGATIVE risk
billing BILLABLE by source:veriff-idv/billing/decided
retry OPTIONAL NEW_VERIFICATION [] by source:veriff-idv/status/declined
`},
		{"resubmission_requested 207", `
outcome RESUBMISSION_REQUIRED by source:veriff-idv/status/resubmission_requested
final false, ended false, report false
category DOCUMENT 207
reason 207 resubmission_requested DOCUMENT NEGATIVE disclosable
billing UNDETERMINED by reading:veriff-idv/billing/contradicting_pages
retry RETRY_WITH_CHANGES SAME_VERIFICATION [USE_DIFFERENT_DOCUMENT] by reading:veriff-idv/code/207
`},
		// Nothing of the 6xx is listed: the range decides.
		{"resubmission_requested 642", `
outcome RESUBMISSION_REQUIRED by source:veriff-idv/status/resubmission_requested
final false, ended false, report false
category UNKNOWN 642
reason 642 resubmission_requested UNKNOWN NEGATIVE unknown
billing UNDETERMINED by reading:veriff-idv/billing/contradicting_pages
retry RETRY SAME_VERIFICATION [] by source:veriff-idv/status/resubmission_requested
anomaly UNKNOWN_CODE
`},
		{"expired", `
outcome INCONCLUSIVE by source:veriff-idv/status/expired
final true, ended true, report false
category NONE -
billing NOT_BILLABLE by source:veriff-idv/billing/not_submitted
retry OPTIONAL NEW_VERIFICATION [] by source:veriff-idv/status/expired
`},
		{"abandoned", `
outcome INCONCLUSIVE by source:veriff-idv/status/abandoned
final true, ended true, report false
category NONE -
billing UNDETERMINED by reading:veriff-idv/billing/contradicting_pages
retry OPTIONAL NEW_VERIFICATION [] by source:veriff-idv/status/abandoned
`},
		{"review", `
outcome REVIEW by reading:veriff-idv/status/review
final false, ended false, report false
category NONE -
billing UNDETERMINED by source:veriff-idv/billing/silent
retry AWAIT_REVIEW NONE [] by reading:veriff-idv/status/review
`},
	})
	testBriefly(t, "veriff", [][2]string{
		// A fault of the request blocks as well, and may be told.
		{"approved 129", "REVIEW final PROVIDER 129; AWAIT_REVIEW by misplaced-code; " +
			"CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"approved 580", "REVIEW final UNKNOWN 580; AWAIT_REVIEW by misplaced-code; " +
			"UNKNOWN_CODE CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"approved 204", "REVIEW final DOCUMENT_CAPTURE 204; AWAIT_REVIEW by review-by-code; " +
			"CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"declined", "DECLINED final NONE; OPTIONAL NEW_VERIFICATION by status/declined; REASON_MISSING"},
		// The number of a status is no code of it.
		{"declined 9102", "DECLINED final UNKNOWN 9102; OPTIONAL NEW_VERIFICATION by status/declined; UNKNOWN_CODE"},
		{"resubmission_requested 501", "RESUBMISSION_REQUIRED open FRAUD 501; AWAIT_REVIEW by misplaced-code; " +
			"CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"Abandoned", "UNRECOGNIZED open NONE; UNKNOWN UNKNOWN by status/unknown; UNKNOWN_STATUS"},
	})
}

// A session takes several attempts and is charged once, at its end. What is submitted has neither id nor time.
func TestASessionOfSeveralAttempts(t *testing.T) {
	s := builtIn(t, "veriff",
		line{"started", "FIRST 1 current table"},
		line{"submitted", "ADVANCED 2 current table"},
		line{"submitted", "REPEATED 0"},
		line{"resubmission_requested 204 t=100", "ADVANCED 3 current table"},
		line{"started", "ADVANCED 4 current table"},
		line{"submitted", "ADVANCED 5 current table"},
		line{"resubmission_requested 204 t=100", "REPEATED 0"}, // delivered again, by its time
		line{"declined 102 t=300", "ADVANCED 6 current table BILLABLE"},
		line{"submitted", "REPEATED 0"},
		line{"approved t=400", "REVERSED 7 current table BILLABLE REVERSED"})
	if c := s.lastCharge(t); c.facts.outcome != rules.OutcomeApproved || len(s.charges) != 2 {
		t.Errorf("the charge is %+v in %d records", c, len(s.charges))
	}
	builtIn(t, "veriff",
		line{"resubmission_requested 203 t=100", "FIRST 1 current table"},
		// Sent anew within five minutes: no word of the request in between, and another one of the next attempt.
		line{"resubmission_requested 203 t=900", "UNCHANGED 2 current"},
		line{"abandoned", "ADVANCED 3 current table UNDETERMINED"},
		line{"abandoned", "REPEATED 0"})
	builtIn(t, "veriff",
		line{"submitted", "FIRST 1 current table"},
		line{"review t=100", "ADVANCED 2 current table"},
		line{"approved t=200", "ADVANCED 3 current table BILLABLE"})
}
