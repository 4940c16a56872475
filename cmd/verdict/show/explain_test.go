package show

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

// TestActionsAreNotWithheldInSilence: an action that the catalog has for a code, in or out of its place, is in the
// advice, or the explanation names the rule that keeps it out. An action that the status does not ask for is there by a
// code, which the explanation names. Every pair of codes, by every integration.
func TestActionsAreNotWithheldInSilence(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		withheld := 0
		for _, p := range everyPlace(v) {
			for _, codes := range everyPair(v, p.status) {
				for _, i := range integrationNames {
					d := decidePair(v, p, codes, i.value)
					x := collect(v, d)
					missing := missingActions(x)
					said := x.withheld()
					if (missing != 0) != (said != "") || missing != 0 && !strings.Contains(x.retryWords(), said) {
						t.Fatalf("%s %s %v %s: %s lacks %v, and it says %q", v.Name, p, codes, i.name, retryText(d),
							actionNames(missing), said)
					}
					if unnamed := unnamedActions(x, i.value); unnamed != 0 {
						t.Fatalf("%s %s %v %s: %s, and %q names no code for %v", v.Name, p, codes, i.name, retryText(d),
							x.retryWords(), actionNames(unnamed))
					}
					if missing != 0 {
						withheld++
					}
				}
			}
		}
		t.Logf("%s: some action withheld %d times", v.Name, withheld)
	}
}

// TestTheBasisIsNoOthersOrigin: a code whose row or own advice is the basis is not marked as somebody else's word.
func TestTheBasisIsNoOthersOrigin(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		for _, p := range everyPlace(v) {
			for _, c := range v.Codes {
				for _, i := range integrationNames {
					d := decidePair(v, p, []string{c.Text}, i.value)
					said := collect(v, d).contribution(c)
					if pathOf(d.Retry.Basis) == v.Name+"/code/"+c.Text && strings.HasSuffix(said, "]") {
						t.Fatalf("%s %s %s %s: by %s, and %q", v.Name, p, c.Text, i.name, d.Retry.Basis, said)
					}
				}
			}
		}
	}
}

// TestExplanationsHaveWords: no part of an explanation is empty, or breaks off where a code should be named.
func TestExplanationsHaveWords(t *testing.T) {
	catalog := rules.Embedded()
	for _, v := range catalog.Vocabularies() {
		for _, p := range everyPlace(v) {
			for _, c := range v.Codes {
				for _, codes := range [][]string{{c.Text}, {c.Text, "9999999"}} {
					for _, part := range explain(catalog, decidePair(v, p, codes, rules.IntegrationUnspecified)) {
						if words := part.Words; words == "" || strings.HasSuffix(words, " ") || strings.HasSuffix(words, ":") ||
							strings.Contains(words, "  ") || strings.Contains(words, ": :") {
							t.Fatalf("%s %s %v: %s %s: %q", v.Name, p, codes, part.About, part.Value, words)
						}
					}
				}
			}
		}
	}
}

// everyPlace lists each status with each risk code, without one and with an unknown one.
func everyPlace(v *rules.Vocabulary) (places []place) {
	for _, s := range slices.Concat(v.Statuses, []*rules.Status{{Name: "of_no_vocabulary"}}) {
		places = append(places, place{status: s}, place{s, 999, true})
		for _, r := range v.RiskCodes {
			places = append(places, place{s, r.Code, true})
		}
	}
	return places
}

// everyPair lists the codes of a status, and those of others that ask for something, alone and with each other code of
// the vocabulary that says something special.
func everyPair(v *rules.Vocabulary, s *rules.Status) (pairs [][]string) {
	for _, c := range v.Codes {
		if c.Statuses&s.Mask == 0 && actionsOf(c) == 0 {
			continue
		}
		pairs = append(pairs, []string{c.Text}, []string{c.Text, "6999"}, []string{c.Text, "9999999"})
		for _, other := range v.Codes {
			if other.NoRetry || other.Refusal || other.Blocks || other.Advice != nil || other.AsksReview {
				pairs = append(pairs, []string{c.Text, other.Text})
			}
		}
	}
	return pairs
}

func decidePair(v *rules.Vocabulary, p place, codes []string, i rules.Integration) *processor.Decision {
	e := processor.Event{Status: p.status.Name, Codes: codes, RiskCode: p.risk, HasRiskCode: p.hasRisk, Integration: i}
	d := &processor.Decision{}
	processor.Decide(v, &e, d)
	return d
}

func missingActions(x *evidence) (missing rules.ActionSet) {
	for _, c := range x.codes {
		missing |= actionsOf(c) &^ x.d.Retry.Actions
	}
	return missing
}

// unnamedActions are those of the advice that neither the status asks for nor the explanation has with a code.
func unnamedActions(x *evidence, i rules.Integration) rules.ActionSet {
	unnamed := x.d.Retry.Actions
	if !x.bySignature() {
		unnamed &^= x.rule.Retry[i].Actions
	}
	if unnamed == 0 {
		return 0
	}
	words := x.retryWords()
	for _, c := range x.codes {
		said := x.contribution(c)
		if brought := x.broughtActions(c); said != "" && strings.Contains(words, said) &&
			strings.Contains(said, strings.Join(actionNames(brought), ", ")) {
			unnamed &^= brought
		}
	}
	return unnamed
}

func TestExplanationNamesTheRule(t *testing.T) {
	idv, video := rules.Embedded().Vocabulary("fourthline", "identity_verification"), rules.Embedded().Vocabulary("yousign", "video")
	docauth := rules.Embedded().Vocabulary("fourthline", "document_authentication")
	ubble := rules.Embedded().Vocabulary("ubble", "identity_verification")
	for _, test := range []struct {
		v           *rules.Vocabulary
		status      string
		risk        int32
		codes       string
		integration rules.Integration
		about       string
		want        string
	}{
		{idv, "completed", 200, "1034", 0, "outcome", "code 1034 speaks against an approval, and goes with invalid_data, not with completed"},
		{idv, "completed", 200, "5202", 0, "outcome", "code 5202 must never be part of an approval"},
		{idv, "completed", 200, "7001", 0, "outcome", "nothing is known of code 7001: neither a row nor a range has it"},
		{idv, "invalid_data", 0, "1034", 0, "outcome", "asks for a resubmission, but code 1034 says that the client can't retry"},
		{idv, "invalid_data", 0, "1034", 0, "final", "nothing can follow"},
		{idv, "completed", 0, "", 0, "ended", "the provider's work on this attempt is over"},
		{docauth, "inconsistent_data", 0, "3105", 0, "final", "code 3105 asks for a new verification"},
		{idv, "completed", 200, "6003 6008", 0, "signature", "code 6008, signature flow ran out of time"},
		{idv, "completed", 200, "6003 6008", rules.IntegrationAPI, "retry", "a signature that failed beats an open step: code 6003 adds none"},
		{idv, "completed", 300, "6001", 0, "retry", "a new verification waits for the review"},
		{idv, "completed", 200, "6002", rules.IntegrationSDK, "retry", "REPEAT_DOCUMENT_APPROVAL only with the api"},
		{idv, "completed", 200, "6002", 0, "retry", "the event does not name: the actions are the API's"},
		{idv, "completed", 200, "6999", 0, "retry", "code 6999 is not listed, its range says that the signature is FAILED, and nothing how to go on"},
		{idv, "completed", 300, "140", 0, "retry", "a person should look first: code 140 must never be part of an approval"},
		{idv, "completed", 300, "3200", 0, "retry", "a person should look first: code 3200 speaks against an approval, and goes with inconsistent_data"},
		{idv, "completed", 400, "7001", 0, "retry", "a person should look first: nothing is known of code 7001"},
		{idv, "invalid_data", 0, "1034 1036", 0, "retry", "code 1034 (provider recommends: none: retry not possible) forbids a retry; beside DO_NOT_RETRY no code adds an action"},
		{docauth, "pending", 0, "5202", 0, "retry", "code 5202 blocks an approval, and goes with completed, not with pending"},
		{video, "inconclusive", 0, "3001 1302", 0, "retry", "the person refused, and beside that no code adds an action"},
		{video, "pending", 0, "", 0, "retry", "for 15m after the event, which has no time of its own (our reading of the provider's page"},
		{ubble, "retry_required", 0, "63001 61301", 0, "retry", "the person refused, and beside that no code adds an action"},
		{ubble, "retry_required", 0, "61301", 0, "retry", "; code 61301 (document video is blurred) adds IMPROVE_CAPTURE"},
		{idv, "pending", 0, "6002", 0, "retry", "what status pending asks for (provider recommends: wait for the next status) [the provider's page]; code 6002 ("},
		{idv, "pending", 0, "6002", 0, "retry", ") adds REPEAT_DOCUMENT_APPROVAL"},
		{idv, "invalid_data", 0, "1010 1036", 0, "retry", "our reading of the provider's page: what status invalid_data asks for (provider recommends: make a new workflow) [the provider's page]; code 1010 ("},
		{idv, "invalid_data", 0, "1010 1036", 0, "retry", ") adds UPLOAD_ID_DOCUMENT, USE_DIFFERENT_DOCUMENT"},
		{idv, "invalid_data", 0, "1010 1036", 0, "retry", "adds UPDATE_IDENTITY_DATA, fields person.birthDate [the provider's page]; code 1036"},
		{idv, "completed", 200, "6001 6999", 0, "retry", "a person should look first: code 6999 is not listed"},
		{idv, "inconsistent_data", 0, "6002 3100", 0, "retry", "only the same verification repeats a step: code 6002 adds none"},
		{docauth, "inconsistent_data", 0, "3105", 0, "retry", "asks for NEW_VERIFICATION"},
		{video, "pending", 0, "1301", 0, "retry", "our policy: what status pending asks for (provider recommends: give the person the verification_url, then wait for another status) [the provider's page]; code 1301 ("},
		{video, "declined", 0, "1301", 0, "retry", ") adds IMPROVE_CAPTURE"},
		{video, "inconclusive", 0, "1901", 0, "retry", "no code names a step"},
		{docauth, "pending", 0, "1004", 0, "anomaly", "code 1004 is listed in fourthline-idv"},
		{docauth, "completed", 300, "", 0, "anomaly", "risk code 300 is listed in fourthline-idv"},
	} {
		p := place{&rules.Status{Name: test.status}, test.risk, test.risk != 0}
		d := decidePair(test.v, p, strings.Fields(test.codes), test.integration)
		found := ""
		for _, part := range explain(rules.Embedded(), d) {
			if part.About == test.about {
				found += fmt.Sprintf("%s [%s] %s\n", part.Value, part.Rule, part.Words)
			}
		}
		if !strings.Contains(found, test.want) {
			t.Errorf("%s %s %s: %s, want %q", test.v.Name, p, test.codes, found, test.want)
		}
	}
}

// TestReviewAskedForIsNamed: a row that asks for a review is the reason, and nothing is said to be where it does not
// belong.
func TestReviewAskedForIsNamed(t *testing.T) {
	v := edited(t, [2]string{`blocks_approval: false, risk_bearing: true,
     meaning: "PEP match that was confirmed"`, `blocks_approval: false, risk_bearing: true, asks_review: true,
     origin: operator, meaning: "PEP match that was confirmed"`}).Vocabulary("fourthline", "identity_verification")
	d := decidePair(v, place{v.Status("completed"), 200, true}, []string{"120"}, rules.IntegrationUnspecified)
	x := collect(v, d)
	if got := x.outcomeWords(); !strings.Contains(got, "the row of code 120 asks that a person look") {
		t.Error(got)
	}
	if got := x.retryWords(); got != "a person should look first: a code made this a REVIEW" {
		t.Error(got)
	}
}
