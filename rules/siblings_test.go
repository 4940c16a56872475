package rules_test

import (
	"testing"

	"verdict/rules"
)

// A wrong product shows by a code or risk code that only the provider's other product lists.
func TestListedElsewhere(t *testing.T) {
	idv := rules.Embedded().Vocabulary("fourthline", "identity_verification")
	docauth := rules.Embedded().Vocabulary("fourthline", "document_authentication")
	yousign := rules.Embedded().Vocabulary("yousign", "video")
	for _, test := range []struct {
		v    *rules.Vocabulary
		text string
		want bool
	}{
		{docauth, "120", true},
		{docauth, "00120", true},
		{docauth, "3200", true},  // in a range, and unlisted all the same
		{docauth, "5200", false}, // listed in both
		{docauth, "9999", false},
		{docauth, "x", false},
		{idv, "5200", false},
		{idv, "2301", false}, // another provider's
		{yousign, "120", false},
		{yousign, "62301", false}, // ubble's, and no product of yousign
	} {
		var unlisted rules.Code
		if got := test.v.ListedElsewhere(test.v.Code(test.text, &unlisted)); got != test.want {
			t.Errorf("%s %s: listed elsewhere %v", test.v.Name, test.text, got)
		}
	}
	for _, test := range []struct {
		v    *rules.Vocabulary
		code int32
		want bool
	}{
		{docauth, 300, true}, {docauth, 200, false}, {docauth, 600, false}, {idv, 300, false}, {yousign, 300, false},
	} {
		if got := test.v.RiskListedElsewhere(test.code); got != test.want {
			t.Errorf("%s %d: listed elsewhere %v", test.v.Name, test.code, got)
		}
	}
}
