package rules_test

import (
	"reflect"
	"testing"
	"time"

	"verdict/rules"
)

// anyCause is the bit that stands for all codes and ranges, whatever their series.
const anyCause = 1 << 63

func TestExpectedCodes(t *testing.T) {
	own := sample(t)
	edit(t, own, "sample.yaml", "500: {outcome: DECLINED,", "500: {outcome: DECLINED, code_expected: true,")
	v := load(t, own).Vocabulary("acme", "check")
	const capture, age, fraud, signing = 1, 2, 4, 8 // in the order of the file
	if got := v.Status("unclear").Rule.Expects; got != capture|age {
		t.Errorf("unclear expects %b", got)
	}
	if got := v.Status("done").ByRisk[500].Expects; got != anyCause {
		t.Errorf("done with 500 expects %b", got)
	}
	if got := v.Status("done").ByRisk[200].Expects | v.Status("open").Rule.Expects; got != 0 {
		t.Errorf("where nothing is said, %b is expected", got)
	}
	for text, want := range map[string]uint64{
		"1301": capture, "3001": capture, "1400": age, "5100": fraud, "5999": fraud, "6001": signing, "6999": signing,
	} {
		var unlisted rules.Code
		if c := v.Code(text, &unlisted); c.Explains != want|anyCause {
			t.Errorf("%s explains %b", text, c.Explains)
		}
	}
	var outside rules.Code
	if v.Code("77", &outside); outside.Explains != 0 {
		t.Errorf("a code outside of all ranges explains %b", outside.Explains)
	}
}

func TestFieldsFollowTheirSortedNames(t *testing.T) {
	own := sample(t)
	edit(t, own, "sample.yaml", "fields: [film.lightLevel]", "fields: [film.sound, film.lightLevel]")
	edit(t, own, "sample.yaml", `refusal: true, meaning: "would not go on"`,
		`actions: [CHANGE_DEVICE], fields: [camera, film.sound], meaning: "no camera"`)
	edit(t, own, "sample.yaml", "signature: FAILED,\n     retry:",
		"signature: FAILED, fields: [a-signer],\n     retry:")
	v := load(t, own).Vocabulary("acme", "check")
	if want := []string{"a-signer", "camera", "film.lightLevel", "film.sound"}; !reflect.DeepEqual(v.Fields, want) {
		t.Fatalf("fields %q", v.Fields)
	}
	for text, want := range map[string]rules.FieldSet{"1301": 1<<2 | 1<<3, "3001": 1<<1 | 1<<3, "1400": 0, "6001": 0} {
		if got := v.Code(text, nil).Fields; got != want {
			t.Errorf("%s has fields %b", text, got)
		}
	}
	for i, own := range v.Code("6001", nil).Advice {
		if own.Fields != 1 {
			t.Errorf("6001's own advice for %s has fields %b", rules.Integration(i), own.Fields)
		}
	}
}

// In advice by integration, fields go with actions: not with the sdk's waiting.
func TestFieldsOfAdviceByIntegration(t *testing.T) {
	own := sample(t)
	edit(t, own, "sample.yaml", `signature: FAILED,
     retry: {advice: RETRY_WITH_CHANGES, scope: NEW_VERIFICATION, actions: [INCLUDE_SIGNATURE], origin: source}}`,
		`signature: OPEN, fields: [signer.mail],
     retry: {
       unnamed: {advice: WAIT, scope: SAME_VERIFICATION, origin: policy},
       sdk: {advice: WAIT, scope: SAME_VERIFICATION, origin: source},
       api: {advice: RETRY_WITH_CHANGES, scope: SAME_VERIFICATION, actions: [INCLUDE_SIGNATURE], origin: source}}}`)
	v := load(t, own).Vocabulary("acme", "check")
	advice := v.Code("6001", nil).Advice
	for i, want := range map[rules.Integration][]string{
		rules.IntegrationUnspecified: nil, rules.IntegrationSDK: nil, rules.IntegrationAPI: {"signer.mail"},
	} {
		if got := v.AppendFields(nil, advice[i].Fields); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: fields %q, wanted %q", i, got, want)
		}
	}
}

func TestEndedAndExpiry(t *testing.T) {
	own := sample(t)
	edit(t, own, "sample.yaml", "unknown: {outcome: REVIEW,", "unknown: {outcome: REVIEW, ended: true,")
	v := load(t, own).Vocabulary("acme", "check")
	done := v.Status("done")
	for _, test := range []struct {
		name         string
		rule         *rules.Rule
		final, ended bool
	}{
		{"open", v.Status("open").Rule, false, false},
		{"unclear", v.Status("unclear").Rule, true, true},
		{"200", done.ByRisk[200], true, true},
		{"missing", done.RiskMissing, false, false},
		{"unknown", done.RiskUnknown, false, true},
	} {
		if test.rule.Final != test.final || test.rule.Ended != test.ended {
			t.Errorf("%s: final %v, ended %v", test.name, test.rule.Final, test.rule.Ended)
		}
	}
	retry := v.Status("open").Rule.Retry
	api := retry[rules.IntegrationAPI]
	if api.ExpiresAfter != 15*time.Minute || api.ExpiryBasis != "reading:sample/status/open/expires" {
		t.Errorf("api expires after %s by %q", api.ExpiresAfter, api.ExpiryBasis)
	}
	if sdk := retry[rules.IntegrationSDK]; sdk.ExpiresAfter != 0 || sdk.ExpiryBasis != "" {
		t.Errorf("sdk expires after %s by %q", sdk.ExpiresAfter, sdk.ExpiryBasis)
	}
}

func TestWhatAVocabularySaysOfItself(t *testing.T) {
	own := sample(t)
	v := load(t, own).Vocabulary("acme", "check")
	want := []rules.Source{
		{
			Name: "sample-page", Title: "Check statuses", URL: "https://acme.example/statuses", Read: "2026-11-20",
			Dated: "undated",
		},
		{Name: "sample-terms", Read: "2026-11"},
	}
	if !reflect.DeepEqual(v.Sources, want) {
		t.Errorf("sources %+v", v.Sources)
	}
	if want := (rules.Series{Name: "fraud", Title: "5000: Fraud"}); len(v.Series) != 4 || v.Series[2] != want {
		t.Errorf("series %+v", v.Series)
	}
	if v.AcceptUnlisted || v.Status("open").Action != "send the data" || v.Status("done").Action != "" {
		t.Errorf("accepts unlisted codes %v, actions %q and %q",
			v.AcceptUnlisted, v.Status("open").Action, v.Status("done").Action)
	}
	edit(t, own, "sample.yaml", "unlisted_code_on_approval: review", "unlisted_code_on_approval: accept")
	if !load(t, own).Vocabulary("acme", "check").AcceptUnlisted {
		t.Error("accept is not heard")
	}
	var unlisted rules.Code
	cleared := v.Code("5010", &unlisted)
	if cleared.Blocks || !cleared.AsksReview || cleared.Basis != "policy:sample/code/5010" {
		t.Errorf("%+v", cleared)
	}
	if !v.Code("3001", &unlisted).Refusal || v.Code("6001", &unlisted).Signature != rules.SignatureFailed {
		t.Error("a refusal or a signature is lost")
	}
}
