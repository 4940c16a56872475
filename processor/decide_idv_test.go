package processor_test

import "testing"

func TestDecideIdentityVerification(t *testing.T) {
	testDecisions(t, "idv", [][2]string{
		{"new", `
outcome PENDING by source:fourthline-idv/status/new
final false, ended false, report false
category NONE -
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry CONDITIONAL SAME_VERIFICATION [SUBMIT_DATA_AND_FILES] by policy:fourthline-idv/status/new
`},
		{"new api", `
outcome PENDING by source:fourthline-idv/status/new
final false, ended false, report false
category NONE -
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry CONTINUE SAME_VERIFICATION [SUBMIT_DATA_AND_FILES] by source:fourthline-idv/status/new
`},
		{"pending sdk 1000", `
outcome PENDING by source:fourthline-idv/status/pending
final false, ended false, report false
category VALIDATION 1000
reason 1000 identity data VALIDATION POSITIVE disclosable
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry WAIT SAME_VERIFICATION [] by source:fourthline-idv/status/pending
`},
		{"pending risk=200", `
outcome PENDING by source:fourthline-idv/status/pending
final false, ended false, report false
category NONE -
risk 200 LOW
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry WAIT SAME_VERIFICATION [] by source:fourthline-idv/status/pending
anomaly RISK_CODE_NOT_ALLOWED
`},
		{"invalid_data 1012 1008", `
outcome RESUBMISSION_REQUIRED by source:fourthline-idv/status/invalid_data
final true, ended true, report false
category DATA 1008
reason 1008 identity data DATA NEGATIVE disclosable
reason 1012 identity data DATA NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry RETRY_WITH_CHANGES NEW_VERIFICATION [UPDATE_IDENTITY_DATA] by source:fourthline-idv/code/1008
fields emailAndPhone.email person.gender
`},
		// A code that forbids a retry is the end, whatever its status and other codes ask for.
		{"invalid_data 1035 1006", `
outcome DECLINED by reading:fourthline-idv/no-retry-code
final true, ended true, report false
category ELIGIBILITY 1035
reason 1006 identity data DATA NEGATIVE disclosable
reason 1035 identity data ELIGIBILITY NEGATIVE no_retry disclosable risk
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry DO_NOT_RETRY NONE [] by source:fourthline-idv/code/1035
`},
		// What 3540 says may not be told, what the page asks for after it may.
		{"inconsistent_data 3540 3200", `
outcome RESUBMISSION_REQUIRED by source:fourthline-idv/status/inconsistent_data
final true, ended true, report false
category BEHAVIOR 3540
reason 3200 sendback DOCUMENT_CAPTURE NEGATIVE disclosable
reason 3540 sendback BEHAVIOR NEGATIVE risk
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry RETRY_WITH_CHANGES NEW_VERIFICATION [UPLOAD_ID_DOCUMENT UPLOAD_SELFIE] by source:fourthline-idv/code/3200
`},
		{"inconsistent_data 3540", `
outcome RESUBMISSION_REQUIRED by source:fourthline-idv/status/inconsistent_data
final true, ended true, report false
category BEHAVIOR 3540
reason 3540 sendback BEHAVIOR NEGATIVE risk
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry RETRY_WITH_CHANGES NEW_VERIFICATION [UPLOAD_ID_DOCUMENT UPLOAD_SELFIE] by source:fourthline-idv/code/3540
`},
		{"inconsistent_data 3500 3600", `
outcome RESUBMISSION_REQUIRED by source:fourthline-idv/status/inconsistent_data
final true, ended true, report false
category DATA 3500
reason 3500 sendback DATA NEGATIVE disclosable
reason 3600 sendback FACE_CAPTURE NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry RETRY_WITH_CHANGES NEW_VERIFICATION [PROVIDE_GEOLOCATION UPLOAD_SELFIE UPLOAD_SELFIE_VIDEO] by source:fourthline-idv/code/3500
`},
		{"invalid_data 3200", `
outcome RESUBMISSION_REQUIRED by source:fourthline-idv/status/invalid_data
final true, ended true, report false
category DOCUMENT_CAPTURE 3200
reason 3200 sendback DOCUMENT_CAPTURE NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry RETRY_WITH_CHANGES NEW_VERIFICATION [UPLOAD_ID_DOCUMENT] by source:fourthline-idv/code/3200
anomaly CODE_NOT_ALLOWED_FOR_STATUS
anomaly REASON_MISSING
`},
	})
}

func TestDecideIdentityVerificationCompleted(t *testing.T) {
	testDecisions(t, "idv", [][2]string{
		{"completed risk=200 110 100", `
outcome APPROVED by reading:fourthline-idv/status/completed/risk/200
final true, ended true, report true
category SCREENING 100
risk 200 LOW
reason 100 aml SCREENING CLEARED risk
reason 110 aml SCREENING CLEARED risk
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry NOT_APPLICABLE NONE [] by reading:fourthline-idv/status/completed/risk/200
`},
		// The example of the contract.
		{"completed risk=500 5150 4170", `
outcome DECLINED by reading:fourthline-idv/status/completed/risk/500
final true, ended true, report true
category FRAUD 5150
risk 500 UNACCEPTABLE
reason 4170 rejection RISK NEGATIVE risk
reason 5150 fraud FRAUD NEGATIVE risk
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry DO_NOT_RETRY NONE [] by reading:fourthline-idv/status/completed/risk/500
`},
		{"completed risk=400 120", `
outcome REVIEW by policy:fourthline-idv/status/completed/risk/400
final true, ended true, report true
category SCREENING 120
risk 400 HIGH
reason 120 aml SCREENING NEGATIVE risk
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:fourthline-idv/status/completed/risk/400
`},
		{"completed", `
outcome REVIEW by policy:fourthline-idv/status/completed/risk/missing
final false, ended true, report true
category NONE -
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:fourthline-idv/status/completed/risk/missing
anomaly RISK_CODE_MISSING
`},
		{"completed risk=0", `
outcome REVIEW by policy:fourthline-idv/status/completed/risk/unknown
final false, ended true, report true
category NONE -
risk 0 UNKNOWN
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:fourthline-idv/status/completed/risk/unknown
anomaly UNKNOWN_RISK_CODE
`},
		{"completed risk=200 4999", `
outcome REVIEW by policy:fourthline-idv/approval-contradicted
final true, ended true, report true
category REJECTION 4999
risk 200 LOW
reason 4999 rejection REJECTION NEGATIVE risk unknown
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:fourthline-idv/misplaced-code
anomaly UNKNOWN_CODE
anomaly CODE_CONTRADICTS_RISK
anomaly APPROVAL_CONTRADICTED
`},
		{"completed risk=300 5100 6001", `
outcome REVIEW by policy:fourthline-idv/status/completed/risk/300
final true, ended true, report true
signature FAILED
category FRAUD 5100
risk 300 MEDIUM
reason 5100 fraud FRAUD NEGATIVE risk
reason 6001 qes SIGNATURE NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:fourthline-idv/misplaced-code
anomaly CODE_CONTRADICTS_RISK
`},
		// A code in two wrong places: by status and by risk code.
		{"pending 4110", `
outcome PENDING by source:fourthline-idv/status/pending
final false, ended false, report false
category SCREENING 4110
reason 4110 rejection SCREENING NEGATIVE risk
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:fourthline-idv/misplaced-code
anomaly CODE_NOT_ALLOWED_FOR_STATUS
`},
		{"timed_out 1034", `
outcome UNRECOGNIZED by policy:fourthline-idv/status/unknown
final false, ended false, report false
category ELIGIBILITY 1034
reason 1034 identity data ELIGIBILITY NEGATIVE no_retry disclosable risk
billing UNDETERMINED by policy:fourthline-idv/billing/unknown_status
retry AWAIT_REVIEW NONE [] by policy:fourthline-idv/misplaced-code
anomaly UNKNOWN_STATUS
`},
	})
}

// A signing error says nothing about the identity, and brings its own advice.
func TestDecideSignatureCodes(t *testing.T) {
	approved := func(event, signature, reasons, retry string) [2]string {
		return [2]string{event, `
outcome APPROVED by reading:fourthline-idv/status/completed/risk/200
final true, ended true, report true
signature ` + signature + "\n" + reasons + `billing UNDETERMINED by source:fourthline-idv/billing/silent
` + retry}
	}
	one := func(code string) string {
		return "category SIGNATURE " + code + "\nrisk 200 LOW\nreason " + code + " qes SIGNATURE NEGATIVE disclosable\n"
	}
	two := func(a, b string) string { return one(a) + "reason " + b + " qes SIGNATURE NEGATIVE disclosable\n" }
	testDecisions(t, "idv", [][2]string{
		approved("completed risk=200 6001", "FAILED", one("6001"),
			"retry RETRY_WITH_CHANGES NEW_VERIFICATION [INCLUDE_SIGNATURE] by source:fourthline-idv/code/6001\n"),
		approved("completed risk=200 6002 sdk", "OPEN", one("6002"),
			"retry WAIT SAME_VERIFICATION [] by source:fourthline-idv/code/6002\n"),
		approved("completed risk=200 6002 api", "OPEN", one("6002"),
			"retry RETRY_WITH_CHANGES SAME_VERIFICATION [REPEAT_DOCUMENT_APPROVAL] by source:fourthline-idv/code/6002\n"),
		approved("completed risk=200 6005", "OPEN", one("6005"),
			"retry CONDITIONAL SAME_VERIFICATION [REPEAT_SIGNATURE_CONFIRMATION] by policy:fourthline-idv/code/6005\n"),
		approved("completed risk=200 6003 6002 api", "OPEN", two("6002", "6003"), "retry RETRY_WITH_CHANGES SAME_VERIFICATION "+
			"[REPEAT_DOCUMENT_APPROVAL REPEAT_SIGNATURE_CONFIRMATION] by source:fourthline-idv/code/6002\n"),
		approved("completed risk=200 6002 6008 sdk", "FAILED", two("6002", "6008"),
			"retry RETRY_WITH_CHANGES NEW_VERIFICATION [INCLUDE_SIGNATURE] by source:fourthline-idv/code/6008\n"),
		approved("completed risk=200 6004 6006", "FAILED", two("6004", "6006"),
			"retry RETRY_WITH_CHANGES NEW_VERIFICATION [INCLUDE_SIGNATURE] by source:fourthline-idv/code/6004\n"),
		{"completed risk=400 6007", `
outcome REVIEW by policy:fourthline-idv/status/completed/risk/400
final true, ended true, report true
signature FAILED
category SIGNATURE 6007
risk 400 HIGH
reason 6007 qes SIGNATURE NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry AWAIT_REVIEW NONE [] by policy:fourthline-idv/status/completed/risk/400
`},
		{"completed risk=500 6001", `
outcome DECLINED by reading:fourthline-idv/status/completed/risk/500
final true, ended true, report true
signature FAILED
category SIGNATURE 6001
risk 500 UNACCEPTABLE
reason 6001 qes SIGNATURE NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry DO_NOT_RETRY NONE [] by reading:fourthline-idv/status/completed/risk/500
anomaly REASON_MISSING
`},
		{"pending 6001", `
outcome PENDING by source:fourthline-idv/status/pending
final false, ended false, report false
category SIGNATURE 6001
reason 6001 qes SIGNATURE NEGATIVE disclosable
billing UNDETERMINED by source:fourthline-idv/billing/silent
retry WAIT SAME_VERIFICATION [INCLUDE_SIGNATURE] by source:fourthline-idv/code/6001
anomaly CODE_NOT_ALLOWED_FOR_STATUS
`},
	})
}
