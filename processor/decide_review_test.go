package processor_test

import (
	"fmt"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

// brief is what a decision says, in a line: outcome and whether it is the end, signature, primary reason, advice with
// its basis, anomalies.
func brief(d *processor.Decision) string {
	end := "open"
	if d.Ended {
		end = "ended"
	}
	if d.Final {
		end = "final"
	}
	words := []string{d.Outcome.String(), end}
	if d.Signature != rules.SignatureNone {
		words = append(words, "signature "+d.Signature.String())
	}
	words = append(words, strings.TrimSpace(d.Category.String()+" "+d.PrimaryCode)+";", d.Retry.Advice.String())
	if d.Retry.Scope != rules.ScopeNone {
		words = append(words, d.Retry.Scope.String())
	}
	words = append(words, actionNames(d.Retry.Actions)...)
	if len(d.RetryFields) > 0 {
		words = append(words, fmt.Sprint(d.RetryFields))
	}
	if d.HasRetryExpiry {
		words = append(words, fmt.Sprint("until ", d.RetryExpiresAt))
	}
	path := strings.TrimPrefix(d.Retry.Basis[strings.IndexByte(d.Retry.Basis, ':')+1:], d.Vocabulary+"/")
	words = append(words, "by "+path+";")
	for set := d.Anomalies; set != 0; {
		var a processor.Anomaly
		a, set = set.Next()
		words = append(words, a.String())
	}
	return strings.TrimSuffix(strings.Join(words, " "), ";")
}

func testBriefly(t *testing.T, short string, cases [][2]string) {
	t.Helper()
	v := vocabulary(t, short)
	for _, c := range cases {
		var d processor.Decision
		processor.Decide(v, event(t, c[0]), &d)
		if got := brief(&d); got != c[1] {
			t.Errorf("%s %s\n decided %s\n wanted  %s", short, c[0], got, c[1])
		}
	}
}

// No approval is guessed: the page is the list of what may accompany one.
func TestWhatSpeaksAgainstAnApproval(t *testing.T) {
	testBriefly(t, "idv", [][2]string{
		{"completed risk=200 1034", "REVIEW final ELIGIBILITY 1034; AWAIT_REVIEW by misplaced-code; CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"completed risk=200 3505", "REVIEW final IDENTITY_MISMATCH 3505; AWAIT_REVIEW by review-by-code; CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"completed risk=200 1036", "REVIEW final DOCUMENT 1036; AWAIT_REVIEW by review-by-code; CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"completed risk=200 3540", "REVIEW final BEHAVIOR 3540; AWAIT_REVIEW by review-by-code; CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"completed risk=200 140", "REVIEW final SCREENING 140; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE APPROVAL_CONTRADICTED"},
		{"completed risk=200 3999", "REVIEW final UNKNOWN 3999; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"completed risk=200 1999", "REVIEW final DATA 1999; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"completed risk=200 6999", "APPROVED final signature FAILED SIGNATURE 6999; AWAIT_REVIEW by unlisted-signature-code; UNKNOWN_CODE"},
		{"completed risk=200 7000", "REVIEW final UNKNOWN 7000; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE"},
		{"completed risk=200 FRAUD", "REVIEW final UNKNOWN FRAUD; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE"},
		{"completed risk=200 120", "APPROVED final SCREENING 120; NOT_APPLICABLE by status/completed/risk/200"},
		{"completed risk=200 100 1000", "APPROVED final SCREENING 100; NOT_APPLICABLE by status/completed/risk/200; CODE_NOT_ALLOWED_FOR_STATUS"},
		{"completed 5100", "REVIEW ended FRAUD 5100; AWAIT_REVIEW by review-by-code; RISK_CODE_MISSING"},
		{"failed 5100", "UNRECOGNIZED open FRAUD 5100; AWAIT_REVIEW by misplaced-code; UNKNOWN_STATUS"},
		{"rejected risk=500 4110", "UNRECOGNIZED open SCREENING 4110; AWAIT_REVIEW by misplaced-code; UNKNOWN_STATUS"},
	})
	testBriefly(t, "docauth", [][2]string{
		{"completed risk=200 3105", "REVIEW final IDENTITY_MISMATCH 3105; AWAIT_REVIEW by review-by-code; CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
	})
	testBriefly(t, "yousign", [][2]string{
		{"approved 62301", "REVIEW final UNKNOWN 62301; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE"},
		{"approved IDDV_2301", "REVIEW final UNKNOWN IDDV_2301; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE"},
		{"approved FRAUD", "REVIEW final UNKNOWN FRAUD; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE"},
		{"approved 1301", "REVIEW final DOCUMENT_CAPTURE 1301; AWAIT_REVIEW by review-by-code; CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
	})
	testBriefly(t, "ubble", [][2]string{
		{"approved 10001", "APPROVED final UNKNOWN 10001; NOT_APPLICABLE by status/approved; UNKNOWN_CODE"},
		{"approved 61301", "REVIEW final DOCUMENT_CAPTURE 61301; AWAIT_REVIEW by review-by-code; CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		{"approved 20000", "REVIEW final UNKNOWN 20000; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE"},
	})
}

// An operator's ways: a code that asks for a review, without an anomaly, and a provider whose unlisted codes may stand
// beside its approvals.
func TestWhatAnOperatorSaysOfApprovals(t *testing.T) {
	catalog := operatorsCatalog(t)
	for _, c := range [][3]string{
		{"idv", "completed risk=200 120", "REVIEW final SCREENING 120; AWAIT_REVIEW by review-by-code"},
		{"idv", "completed risk=200 6005 120", "REVIEW final signature OPEN SCREENING 120; AWAIT_REVIEW by review-by-code"},
		{"idv", "completed risk=500 120", "DECLINED final SCREENING 120; DO_NOT_RETRY by status/completed/risk/500; REASON_MISSING"},
		{"yousign", "approved 62301 FRAUD", "APPROVED final UNKNOWN 62301; NOT_APPLICABLE by status/approved; UNKNOWN_CODE"},
		{"yousign", "approved 2999", "REVIEW final UNKNOWN 2999; AWAIT_REVIEW by misplaced-code; UNKNOWN_CODE CODE_NOT_ALLOWED_FOR_STATUS APPROVAL_CONTRADICTED"},
		// A code that is tied to another risk code speaks against an approval although it does not block.
		{"idv", "completed risk=200 199", "REVIEW final DATA 199; AWAIT_REVIEW by review-by-code; CODE_CONTRADICTS_RISK APPROVAL_CONTRADICTED"},
		{"idv", "completed 6005 sdk 199", "REVIEW ended signature OPEN DATA 199; WAIT SAME_VERIFICATION by code/6005; RISK_CODE_MISSING"},
		// Without a rule that says so, an attempt has ended where its answer is final.
		{"docauth", "inconsistent_data 3602", "RESUBMISSION_REQUIRED open DOCUMENT_CAPTURE 3602; RETRY_WITH_CHANGES SAME_VERIFICATION UPLOAD_DOCUMENT_VIDEO by code/3602"},
		{"docauth", "inconsistent_data 3105", "RESUBMISSION_REQUIRED final IDENTITY_MISMATCH 3105; RETRY NEW_VERIFICATION by code/3105"},
		{"docauth", "inconsistent_data 3999 3602", "DECLINED final ELIGIBILITY 3999; DO_NOT_RETRY by code/3999"},
	} {
		var d processor.Decision
		processor.Decide(catalog.Vocabulary(products[c[0]][0], products[c[0]][1]), event(t, c[1]), &d)
		if got := brief(&d); got != c[2] {
			t.Errorf("%s %s\n decided %s\n wanted  %s", c[0], c[1], got, c[2])
		}
	}
	// Of several objections the first of these is the basis: a contradiction, a code that asks, an unlisted one.
	for codes, want := range map[string]string{
		"120": "operator:fourthline-idv/code/120", "198": "policy:fourthline-idv/code/198",
		"198 120": "operator:fourthline-idv/code/120", "120 198": "operator:fourthline-idv/code/120",
		"7000 198": "policy:fourthline-idv/code/198", "7000": "policy:fourthline-idv/unlisted-code-on-approval",
		"7000 120 3505": "policy:fourthline-idv/approval-contradicted",
	} {
		var d processor.Decision
		v := catalog.Vocabulary("fourthline", "identity_verification")
		processor.Decide(v, event(t, "completed risk=200 "+codes), &d)
		if d.OutcomeBasis != want {
			t.Errorf("with %s the outcome has basis %s, wanted %s", codes, d.OutcomeBasis, want)
		}
	}
}

// What the page documents for a code is in the advice, whoever may be told of the reason.
func TestActionsAreComplete(t *testing.T) {
	testBriefly(t, "idv", [][2]string{
		{"invalid_data 1036", "RESUBMISSION_REQUIRED final DOCUMENT 1036; RETRY_WITH_CHANGES NEW_VERIFICATION UPLOAD_ID_DOCUMENT USE_DIFFERENT_DOCUMENT by code/1036"},
		{"invalid_data 1036 1012", "RESUBMISSION_REQUIRED final DOCUMENT 1036; RETRY_WITH_CHANGES NEW_VERIFICATION UPDATE_IDENTITY_DATA UPLOAD_ID_DOCUMENT USE_DIFFERENT_DOCUMENT [emailAndPhone.email] by code/1036"},
		{"inconsistent_data 3200 3505", "RESUBMISSION_REQUIRED final IDENTITY_MISMATCH 3505; RETRY_WITH_CHANGES NEW_VERIFICATION UPLOAD_ID_DOCUMENT UPLOAD_SELFIE by code/3200"},
		{"inconsistent_data 3102 3105", "RESUBMISSION_REQUIRED final IDENTITY_MISMATCH 3105; RETRY_WITH_CHANGES NEW_VERIFICATION UPLOAD_SELFIE by code/3102"},
		{"inconsistent_data 2004", "RESUBMISSION_REQUIRED final DATA 2004; RETRY_WITH_CHANGES NEW_VERIFICATION PROVIDE_ADDRESS_OR_PROOF by code/2004"},
		{"inconsistent_data 3305 3306", "RESUBMISSION_REQUIRED final DATA 3305; RETRY_WITH_CHANGES NEW_VERIFICATION UPDATE_IDENTITY_FILE by code/3305"},
		{"inconsistent_data 3414", "RESUBMISSION_REQUIRED final DOCUMENT 3414; RETRY_WITH_CHANGES NEW_VERIFICATION UPLOAD_PROOF_OF_ADDRESS USE_DIFFERENT_DOCUMENT by code/3414"},
		{"inconsistent_data 3510", "RESUBMISSION_REQUIRED final ELIGIBILITY 3510; RETRY_WITH_CHANGES NEW_VERIFICATION PROVIDE_GEOLOCATION UPLOAD_SELFIE USE_SUPPORTED_LOCATION by code/3510"},
		{"invalid_data 1022", "RESUBMISSION_REQUIRED final DOCUMENT_CAPTURE 1022; RETRY_WITH_CHANGES NEW_VERIFICATION UPDATE_IDENTITY_DATA UPLOAD_ID_DOCUMENT [tax.countrySubjectToTaxation] by code/1022"},
		{"invalid_data 1010 1018", "RESUBMISSION_REQUIRED final DATA 1010; RETRY_WITH_CHANGES NEW_VERIFICATION UPDATE_IDENTITY_DATA UPDATE_IDENTITY_FILE [kycDocument.documentType person.birthDate] by code/1010"},
		{"new", "PENDING open NONE; CONDITIONAL SAME_VERIFICATION SUBMIT_DATA_AND_FILES by status/new"},
		{"new api", "PENDING open NONE; CONTINUE SAME_VERIFICATION SUBMIT_DATA_AND_FILES by status/new"},
		{"new sdk", "PENDING open NONE; WAIT SAME_VERIFICATION by status/new"},
	})
	testBriefly(t, "docauth", [][2]string{
		{"inconsistent_data 3510", "RESUBMISSION_REQUIRED final ELIGIBILITY 3510; RETRY_WITH_CHANGES NEW_VERIFICATION PROVIDE_GEOLOCATION USE_SUPPORTED_LOCATION by code/3510"},
		{"inconsistent_data 3105", "RESUBMISSION_REQUIRED final IDENTITY_MISMATCH 3105; RETRY NEW_VERIFICATION by code/3105"},
		{"inconsistent_data", "RESUBMISSION_REQUIRED ended NONE; RETRY SAME_VERIFICATION by status/inconsistent_data; REASON_MISSING"},
	})
	testBriefly(t, "yousign", [][2]string{
		{"inconclusive 3001 1302", "INCONCLUSIVE final ENGAGEMENT 3001; RETRY NEW_VERIFICATION by status/inconclusive"},
		{"pending 3001 1203", "PENDING open ENGAGEMENT 3001; WAIT SAME_VERIFICATION SHARE_VERIFICATION_URL by status/pending; CODE_NOT_ALLOWED_FOR_STATUS"},
		{"pending 1203", "PENDING open TECHNICAL 1203; WAIT SAME_VERIFICATION SHARE_VERIFICATION_URL CHANGE_DEVICE by code/1203; CODE_NOT_ALLOWED_FOR_STATUS"},
		{"inconclusive 2102 1301", "INCONCLUSIVE final DOCUMENT 2102; AWAIT_REVIEW by misplaced-code; CODE_NOT_ALLOWED_FOR_STATUS"},
		{"declined 2403", "DECLINED final BEHAVIOR 2403; OPTIONAL NEW_VERIFICATION by status/declined"},
		{"pending at=1000000", "PENDING open NONE; WAIT SAME_VERIFICATION SHARE_VERIFICATION_URL until 901000000 by status/pending"},
		{"pending", "PENDING open NONE; WAIT SAME_VERIFICATION SHARE_VERIFICATION_URL by status/pending"},
		// The last microsecond that can be written is in the year 9999.
		{"pending at=253402300799999000", "PENDING open NONE; WAIT SAME_VERIFICATION SHARE_VERIFICATION_URL by status/pending"},
	})
}

// Who may not resubmit is not asked to.
func TestCodesThatForbidARetry(t *testing.T) {
	testBriefly(t, "idv", [][2]string{
		{"invalid_data 1034", "DECLINED final ELIGIBILITY 1034; DO_NOT_RETRY by code/1034"},
		{"inconsistent_data 1034", "RESUBMISSION_REQUIRED final ELIGIBILITY 1034; AWAIT_REVIEW by misplaced-code; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"pending 1034", "PENDING open ELIGIBILITY 1034; AWAIT_REVIEW by misplaced-code; CODE_NOT_ALLOWED_FOR_STATUS"},
		{"completed risk=500 1034", "DECLINED final ELIGIBILITY 1034; DO_NOT_RETRY by status/completed/risk/500; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"pending 5100", "PENDING open FRAUD 5100; AWAIT_REVIEW by misplaced-code; CODE_NOT_ALLOWED_FOR_STATUS"},
	})
	testBriefly(t, "docauth", [][2]string{
		{"inconsistent_data 4145", "RESUBMISSION_REQUIRED ended ELIGIBILITY 4145; AWAIT_REVIEW by misplaced-code; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"inconsistent_data 3600 5600", "RESUBMISSION_REQUIRED ended FRAUD 5600; AWAIT_REVIEW by misplaced-code; CODE_NOT_ALLOWED_FOR_STATUS"},
		{"pending 5202", "PENDING open FRAUD 5202; AWAIT_REVIEW by misplaced-code; CODE_NOT_ALLOWED_FOR_STATUS"},
		{"completed risk=500 5999", "DECLINED final FRAUD 5999; DO_NOT_RETRY by range/5000-5999; UNKNOWN_CODE"},
	})
}

// "Approved" is not "signed".
func TestSignatures(t *testing.T) {
	testBriefly(t, "idv", [][2]string{
		{"completed risk=200 6003 6008 api", "APPROVED final signature FAILED SIGNATURE 6003; RETRY_WITH_CHANGES NEW_VERIFICATION INCLUDE_SIGNATURE by code/6008"},
		{"completed risk=200 6001 6002", "APPROVED final signature FAILED SIGNATURE 6001; RETRY_WITH_CHANGES NEW_VERIFICATION INCLUDE_SIGNATURE by code/6001"},
		{"completed risk=200 6004 6005", "APPROVED final signature FAILED SIGNATURE 6004; RETRY_WITH_CHANGES NEW_VERIFICATION INCLUDE_SIGNATURE by code/6004"},
		{"completed risk=200 6005 6999 api", "APPROVED final signature FAILED SIGNATURE 6005; AWAIT_REVIEW by unlisted-signature-code; UNKNOWN_CODE"},
		{"completed risk=200 6001 6999 api", "APPROVED final signature FAILED SIGNATURE 6001; AWAIT_REVIEW by unlisted-signature-code; UNKNOWN_CODE"},
		{"completed risk=400 6001 120", "REVIEW final signature FAILED SCREENING 120; AWAIT_REVIEW by status/completed/risk/400"},
		{"completed risk=300 6001", "REVIEW final signature FAILED SIGNATURE 6001; AWAIT_REVIEW by status/completed/risk/300"},
		{"completed 6005 sdk", "REVIEW ended signature OPEN SIGNATURE 6005; WAIT SAME_VERIFICATION by code/6005; RISK_CODE_MISSING"},
		{"completed risk=300 6005", "REVIEW final signature OPEN SIGNATURE 6005; CONDITIONAL SAME_VERIFICATION REPEAT_SIGNATURE_CONFIRMATION by code/6005"},
		{"completed risk=300 6005 api 4110", "REVIEW final signature OPEN SCREENING 4110; AWAIT_REVIEW by misplaced-code; CODE_CONTRADICTS_RISK"},
		{"completed risk=200 6005 api 7000", "REVIEW final signature OPEN SIGNATURE 6005; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE"},
		{"completed risk=500 6005 4190", "DECLINED final signature OPEN REJECTION 4190; DO_NOT_RETRY by status/completed/risk/500"},
		{"pending 6005", "PENDING open SIGNATURE 6005; WAIT SAME_VERIFICATION REPEAT_SIGNATURE_CONFIRMATION by code/6005; CODE_NOT_ALLOWED_FOR_STATUS"},
		{"inconsistent_data 6001 6005", "RESUBMISSION_REQUIRED final SIGNATURE 6001; RETRY_WITH_CHANGES NEW_VERIFICATION INCLUDE_SIGNATURE by code/6001; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"inconsistent_data 6005", "RESUBMISSION_REQUIRED final SIGNATURE 6005; RETRY NEW_VERIFICATION by status/inconsistent_data; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"timed_out 6005", "UNRECOGNIZED open SIGNATURE 6005; UNKNOWN UNKNOWN by status/unknown; UNKNOWN_STATUS"},
	})
}

// One anomaly for one fact, and a cause is a negative code of the status.
func TestCausesAndAnomalies(t *testing.T) {
	testBriefly(t, "idv", [][2]string{
		{"inconsistent_data 1000", "RESUBMISSION_REQUIRED final VALIDATION 1000; RETRY NEW_VERIFICATION by status/inconsistent_data; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"invalid_data 1000", "RESUBMISSION_REQUIRED final VALIDATION 1000; RETRY NEW_VERIFICATION by status/invalid_data; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"invalid_data 3999", "RESUBMISSION_REQUIRED final UNKNOWN 3999; RETRY NEW_VERIFICATION by status/invalid_data; UNKNOWN_CODE CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"invalid_data 1999", "RESUBMISSION_REQUIRED final DATA 1999; RETRY NEW_VERIFICATION by status/invalid_data; UNKNOWN_CODE"},
		{"invalid_data 7000", "RESUBMISSION_REQUIRED final UNKNOWN 7000; RETRY NEW_VERIFICATION by status/invalid_data; UNKNOWN_CODE"},
		{"completed risk=500", "DECLINED final NONE; DO_NOT_RETRY by status/completed/risk/500; REASON_MISSING"},
		{"completed risk=500 100", "DECLINED final SCREENING 100; DO_NOT_RETRY by status/completed/risk/500; REASON_MISSING"},
		{"completed risk=500 120", "DECLINED final SCREENING 120; DO_NOT_RETRY by status/completed/risk/500; REASON_MISSING"},
		{"completed risk=500 4190 5999", "DECLINED final FRAUD 5999; DO_NOT_RETRY by status/completed/risk/500; UNKNOWN_CODE"},
		{"completed risk=300 4190", "REVIEW final REJECTION 4190; AWAIT_REVIEW by misplaced-code; CODE_CONTRADICTS_RISK"},
		{"pending risk=999", "PENDING open NONE; WAIT SAME_VERIFICATION by status/pending; UNKNOWN_RISK_CODE"},
		{"pending risk=200", "PENDING open NONE; WAIT SAME_VERIFICATION by status/pending; RISK_CODE_NOT_ALLOWED"},
	})
	testBriefly(t, "docauth", [][2]string{
		{"completed risk=200 120", "REVIEW final UNKNOWN 120; AWAIT_REVIEW by review-by-code; UNKNOWN_CODE WRONG_PRODUCT_SUSPECTED"},
		{"inconsistent_data 1004", "RESUBMISSION_REQUIRED ended UNKNOWN 1004; RETRY SAME_VERIFICATION by status/inconsistent_data; UNKNOWN_CODE WRONG_PRODUCT_SUSPECTED"},
		{"completed risk=300", "REVIEW ended NONE; AWAIT_REVIEW by status/completed/risk/unknown; UNKNOWN_RISK_CODE WRONG_PRODUCT_SUSPECTED"},
		{"completed risk=500 3105", "DECLINED final IDENTITY_MISMATCH 3105; DO_NOT_RETRY by status/completed/risk/500; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
	})
	testBriefly(t, "yousign", [][2]string{
		{"declined 1301", "DECLINED final DOCUMENT_CAPTURE 1301; OPTIONAL NEW_VERIFICATION IMPROVE_CAPTURE by code/1301; CODE_NOT_ALLOWED_FOR_STATUS REASON_MISSING"},
		{"declined 7001", "DECLINED final UNKNOWN 7001; OPTIONAL NEW_VERIFICATION by status/declined; UNKNOWN_CODE"},
		{"declined", "DECLINED final NONE; OPTIONAL NEW_VERIFICATION by status/declined; REASON_MISSING"},
		{"approved risk=200", "APPROVED final NONE; NOT_APPLICABLE by status/approved; UNKNOWN_RISK_CODE"},
		{"inconclusive risk=200 1201", "INCONCLUSIVE final TECHNICAL 1201; RETRY_WITH_CHANGES NEW_VERIFICATION IMPROVE_CONNECTION by code/1201; UNKNOWN_RISK_CODE"},
		{"inconclusive 1999 1301", "INCONCLUSIVE final DOCUMENT_CAPTURE 1301; RETRY_WITH_CHANGES NEW_VERIFICATION IMPROVE_CAPTURE by code/1301; UNKNOWN_CODE"},
	})
}
