package processor_test

import (
	"fmt"
	"strings"
	"testing"

	"verdict/processor"
)

// Each case is an event and all that must be decided about it, written from the decision contract.
func testDecisions(t *testing.T, short string, cases [][2]string) {
	t.Helper()
	v := vocabulary(t, short)
	for _, c := range cases {
		t.Run(c[0], func(t *testing.T) {
			var d processor.Decision
			processor.Decide(v, event(t, c[0]), &d)
			if got, want := say(&d), strings.TrimPrefix(c[1], "\n"); got != want {
				t.Errorf("decided\n%swanted\n%s", got, want)
			}
		})
	}
}

// What the event says of itself is in the decision as it was; what it does not say is filled in.
func TestDecisionHasTheEventsFacts(t *testing.T) {
	e := event(t, "approved")
	e.EventID, e.ProductVariant, e.Account, e.SubjectRef, e.JourneyRef = "e-9", "face", "acc", "s", "j"
	var d processor.Decision
	processor.Decide(vocabulary(t, "yousign"), e, &d)
	got := []string{d.EventID, d.Provider, d.Product, d.ProductVariant, d.Account, d.VerificationID, d.SubjectRef,
		d.JourneyRef, d.ProviderStatus, d.Environment.String(), fmt.Sprint(d.Attempt)}
	if want := "e-9 yousign video face acc v-1 s j approved LIVE 1"; strings.Join(got, " ") != want {
		t.Errorf("%v, wanted %s", got, want)
	}
}

func TestDecideYousign(t *testing.T) {
	testDecisions(t, "yousign", [][2]string{
		{"pending", `
outcome PENDING by source:yousign-video/status/pending
final false, ended false, report false
category NONE -
billing NOT_BILLABLE by policy:yousign-video/billing/not_yet
retry WAIT SAME_VERIFICATION [SHARE_VERIFICATION_URL] by source:yousign-video/status/pending
`},
		{"verified", `
outcome APPROVED by source:yousign-video/status/approved
final true, ended true, report false
category NONE -
billing BILLABLE by source:yousign-video/billing/charged
retry NOT_APPLICABLE NONE [] by source:yousign-video/status/approved
`},
		{"failed IDVV_2102", `
outcome DECLINED by source:yousign-video/status/declined
final true, ended true, report false
category DOCUMENT 2102
reason 2102 document DOCUMENT NEGATIVE disclosable risk
billing BILLABLE by source:yousign-video/billing/charged
retry OPTIONAL NEW_VERIFICATION [] by source:yousign-video/status/declined
`},
		{"inconclusive 1101", `
outcome INCONCLUSIVE by source:yousign-video/status/inconclusive
final true, ended true, report false
category ENGAGEMENT 1101
reason 1101 engagement ENGAGEMENT NEGATIVE disclosable
billing NOT_BILLABLE by source:yousign-video/billing/not_charged
retry RETRY NEW_VERIFICATION [] by source:yousign-video/status/inconclusive
`},
		{"inconclusive 1402 1201 IDVV_1402 01201", `
outcome INCONCLUSIVE by source:yousign-video/status/inconclusive
final true, ended true, report false
category TECHNICAL 1201
reason 1201 technical TECHNICAL NEGATIVE disclosable
reason 1402 face capture FACE_CAPTURE NEGATIVE disclosable
billing NOT_BILLABLE by source:yousign-video/billing/not_charged
retry RETRY_WITH_CHANGES NEW_VERIFICATION [IMPROVE_CONNECTION IMPROVE_CAPTURE] by policy:yousign-video/code/1201
`},
		{"declined", `
outcome DECLINED by source:yousign-video/status/declined
final true, ended true, report false
category NONE -
billing BILLABLE by source:yousign-video/billing/charged
retry OPTIONAL NEW_VERIFICATION [] by source:yousign-video/status/declined
anomaly REASON_MISSING
`},
		{"declined 2403 2401", `
outcome DECLINED by source:yousign-video/status/declined
final true, ended true, report false
category BEHAVIOR 2403
reason 2401 consistency IDENTITY_MISMATCH NEGATIVE risk
reason 2403 suspicious behaviour BEHAVIOR NEGATIVE risk
billing BILLABLE by source:yousign-video/billing/charged
retry OPTIONAL NEW_VERIFICATION [] by source:yousign-video/status/declined
`},
		// A contradicted approval is a review; what the provider charges stays what its status says.
		{"approved 2301", `
outcome REVIEW by policy:yousign-video/approval-contradicted
final true, ended true, report false
category FRAUD 2301
reason 2301 identity fraud FRAUD NEGATIVE risk
billing BILLABLE by source:yousign-video/billing/charged
retry AWAIT_REVIEW NONE [] by policy:yousign-video/misplaced-code
anomaly CODE_NOT_ALLOWED_FOR_STATUS
anomaly APPROVAL_CONTRADICTED
`},
		// A code that nobody lists blocks by its range.
		{"approved IDVV_002999", `
outcome REVIEW by policy:yousign-video/approval-contradicted
final true, ended true, report false
category UNKNOWN 2999
reason 2999 - UNKNOWN NEGATIVE risk unknown
billing BILLABLE by source:yousign-video/billing/charged
retry AWAIT_REVIEW NONE [] by policy:yousign-video/misplaced-code
anomaly UNKNOWN_CODE
anomaly CODE_NOT_ALLOWED_FOR_STATUS
anomaly APPROVAL_CONTRADICTED
`},
		// The page has 1301 beside inconclusive alone, so it speaks against an approval, however harmless it is.
		{"approved 1301", `
outcome REVIEW by policy:yousign-video/approval-contradicted
final true, ended true, report false
category DOCUMENT_CAPTURE 1301
reason 1301 document capture DOCUMENT_CAPTURE NEGATIVE disclosable
billing BILLABLE by source:yousign-video/billing/charged
retry AWAIT_REVIEW NONE [] by policy:yousign-video/review-by-code
anomaly CODE_NOT_ALLOWED_FOR_STATUS
anomaly APPROVAL_CONTRADICTED
`},
		// A blocking code outside of its status: nobody is invited.
		{"inconclusive 1301 2301", `
outcome INCONCLUSIVE by source:yousign-video/status/inconclusive
final true, ended true, report false
category FRAUD 2301
reason 1301 document capture DOCUMENT_CAPTURE NEGATIVE disclosable
reason 2301 identity fraud FRAUD NEGATIVE risk
billing NOT_BILLABLE by source:yousign-video/billing/not_charged
retry AWAIT_REVIEW NONE [] by policy:yousign-video/misplaced-code
anomaly CODE_NOT_ALLOWED_FOR_STATUS
`},
		{"pending 2305", `
outcome PENDING by source:yousign-video/status/pending
final false, ended false, report false
category FRAUD 2305
reason 2305 identity fraud FRAUD NEGATIVE risk
billing NOT_BILLABLE by policy:yousign-video/billing/not_yet
retry AWAIT_REVIEW NONE [] by policy:yousign-video/misplaced-code
anomaly CODE_NOT_ALLOWED_FOR_STATUS
`},
		// Unknown codes add nothing, and count before the unreadable ones.
		{"inconclusive 13O1 7000 6000", `
outcome INCONCLUSIVE by source:yousign-video/status/inconclusive
final true, ended true, report false
category UNKNOWN 6000
reason 6000 - UNKNOWN NEUTRAL unknown
reason 7000 - UNKNOWN NEUTRAL unknown
reason 13O1 - UNKNOWN NEUTRAL unknown
billing NOT_BILLABLE by source:yousign-video/billing/not_charged
retry RETRY NEW_VERIFICATION [] by source:yousign-video/status/inconclusive
anomaly UNKNOWN_CODE
`},
		{"expired 1301", `
outcome UNRECOGNIZED by policy:yousign-video/status/unknown
final false, ended false, report false
category DOCUMENT_CAPTURE 1301
reason 1301 document capture DOCUMENT_CAPTURE NEGATIVE disclosable
billing UNDETERMINED by policy:yousign-video/billing/unknown_status
retry UNKNOWN UNKNOWN [] by policy:yousign-video/status/unknown
anomaly UNKNOWN_STATUS
`},
		// The page has no risk codes at all.
		{"approved risk=200", `
outcome APPROVED by source:yousign-video/status/approved
final true, ended true, report false
category NONE -
risk 200 UNKNOWN
billing BILLABLE by source:yousign-video/billing/charged
retry NOT_APPLICABLE NONE [] by source:yousign-video/status/approved
anomaly UNKNOWN_RISK_CODE
`},
		{"approved sandbox", `
outcome APPROVED by source:yousign-video/status/approved
final true, ended true, report false
category NONE -
billing NOT_BILLABLE by policy:billing/sandbox
retry NOT_APPLICABLE NONE [] by source:yousign-video/status/approved
`},
	})
}

func TestDecideDocumentAuthentication(t *testing.T) {
	testDecisions(t, "docauth", [][2]string{
		{"new", `
outcome PENDING by source:fourthline-docauth/status/new
final false, ended false, report false
category NONE -
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry WAIT SAME_VERIFICATION [] by source:fourthline-docauth/status/new
`},
		{"inconsistent_data", `
outcome RESUBMISSION_REQUIRED by source:fourthline-docauth/status/inconsistent_data
final false, ended true, report false
category NONE -
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry RETRY SAME_VERIFICATION [] by reading:fourthline-docauth/status/inconsistent_data
anomaly REASON_MISSING
`},
		{"inconsistent_data 3600", `
outcome RESUBMISSION_REQUIRED by source:fourthline-docauth/status/inconsistent_data
final false, ended true, report false
category DOCUMENT_CAPTURE 3600
reason 3600 sendback DOCUMENT_CAPTURE NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry RETRY_WITH_CHANGES SAME_VERIFICATION [UPLOAD_DOCUMENT_VIDEO] by source:fourthline-docauth/code/3600
`},
		// A new case ends this one, and beats the new video.
		{"invalid_data 3510 3601", `
outcome RESUBMISSION_REQUIRED by source:fourthline-docauth/status/invalid_data
final true, ended true, report false
category ELIGIBILITY 3510
reason 3510 sendback ELIGIBILITY NEGATIVE disclosable
reason 3601 sendback DOCUMENT_CAPTURE NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry RETRY_WITH_CHANGES NEW_VERIFICATION [PROVIDE_GEOLOCATION UPLOAD_DOCUMENT_VIDEO USE_SUPPORTED_LOCATION] by source:fourthline-docauth/code/3510
`},
		// The page asks for a new case, and for nothing else.
		{"invalid_data 3105", `
outcome RESUBMISSION_REQUIRED by source:fourthline-docauth/status/invalid_data
final true, ended true, report false
category IDENTITY_MISMATCH 3105
reason 3105 sendback IDENTITY_MISMATCH NEGATIVE risk
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry RETRY NEW_VERIFICATION [] by source:fourthline-docauth/code/3105
`},
		{"completed risk=500 5601 5200", `
outcome DECLINED by reading:fourthline-docauth/status/completed/risk/500
final true, ended true, report true
category FRAUD 5200
risk 500 UNACCEPTABLE
reason 5200 fraud FRAUD NEGATIVE no_retry risk
reason 5601 fraud FRAUD NEGATIVE no_retry risk
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry DO_NOT_RETRY NONE [] by source:fourthline-docauth/code/5200
`},
		{"completed risk=500", `
outcome DECLINED by reading:fourthline-docauth/status/completed/risk/500
final true, ended true, report true
category NONE -
risk 500 UNACCEPTABLE
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry DO_NOT_RETRY NONE [] by reading:fourthline-docauth/status/completed/risk/500
anomaly REASON_MISSING
`},
		// Only 200 and 500 exist here.
		{"completed risk=300", `
outcome REVIEW by policy:fourthline-docauth/status/completed/risk/unknown
final false, ended true, report true
category NONE -
risk 300 UNKNOWN
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry AWAIT_REVIEW NONE [] by policy:fourthline-docauth/status/completed/risk/unknown
anomaly UNKNOWN_RISK_CODE
anomaly WRONG_PRODUCT_SUSPECTED
`},
		{"completed risk=200 4999", `
outcome REVIEW by policy:fourthline-docauth/approval-contradicted
final true, ended true, report true
category REJECTION 4999
risk 200 LOW
reason 4999 rejection REJECTION NEGATIVE no_retry risk unknown
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry DO_NOT_RETRY NONE [] by reading:fourthline-docauth/range/4000-4999
anomaly UNKNOWN_CODE
anomaly APPROVAL_CONTRADICTED
`},
		{"completed risk=200 4145", `
outcome REVIEW by policy:fourthline-docauth/approval-contradicted
final true, ended true, report true
category ELIGIBILITY 4145
risk 200 LOW
reason 4145 rejection ELIGIBILITY NEGATIVE no_retry disclosable risk
billing UNDETERMINED by source:fourthline-docauth/billing/silent
retry DO_NOT_RETRY NONE [] by source:fourthline-docauth/code/4145
anomaly APPROVAL_CONTRADICTED
`},
	})
}

// An operator may map a risk code to DECLINED. Its DO_NOT_RETRY beats all, also a code that the page has with another
// risk code.
func TestBlockingCodeUnderAnOperatorsDecline(t *testing.T) {
	v := operatorsCatalog(t).Vocabulary("fourthline", "identity_verification")
	var d processor.Decision
	processor.Decide(v, event(t, "completed risk=400 5100"), &d)
	want := `outcome DECLINED by operator:fourthline-idv/status/completed/risk/400
final true, ended true, report true
category FRAUD 5100
risk 400 HIGH
reason 5100 fraud FRAUD NEGATIVE risk
billing BILLABLE by operator:fourthline-idv/billing/all
retry DO_NOT_RETRY NONE [] by operator:fourthline-idv/status/completed/risk/400
anomaly CODE_CONTRADICTS_RISK
`
	if got := say(&d); got != want {
		t.Errorf("decided\n%swanted\n%s", got, want)
	}
}

// What an operator writes into the billing policy: by status, risk code, variant and attempt, the first rule that
// matches.
func TestBillingPolicyOfAnOperator(t *testing.T) {
	v := operatorsCatalog(t).Vocabulary("fourthline", "identity_verification")
	for _, test := range []struct{ event, variant, want string }{
		{"completed risk=200", "face", "NOT_BILLABLE by operator:fourthline-idv/billing/free_first"},
		{"completed risk=200 attempt=1", "face", "NOT_BILLABLE by operator:fourthline-idv/billing/free_first"},
		{"completed risk=200 attempt=2", "face", "BILLABLE by operator:fourthline-idv/billing/all"},
		{"completed risk=500", "face", "BILLABLE by operator:fourthline-idv/billing/all"},
		{"completed risk=200", " face\t", "NOT_BILLABLE by operator:fourthline-idv/billing/free_first"},
		{"completed risk=200", "", "BILLABLE by operator:fourthline-idv/billing/all"},
		{"completed", "face", "BILLABLE by operator:fourthline-idv/billing/all"},
		{"completed risk=500 sandbox", "face", "NOT_BILLABLE by policy:billing/sandbox"},
		{"no such status", "face", "UNDETERMINED by policy:fourthline-idv/billing/unknown_status"},
	} {
		e := event(t, test.event)
		e.ProductVariant = test.variant
		var d processor.Decision
		processor.Decide(v, e, &d)
		if got := d.Billing.Flag.String() + " by " + d.Billing.Basis; got != test.want {
			t.Errorf("%s, variant %q: %s, wanted %s", test.event, test.variant, got, test.want)
		}
	}
}
