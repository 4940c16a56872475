package rules_test

import (
	"strings"
	"testing"

	"verdict/rules"
)

func TestCodeLookup(t *testing.T) {
	yousign := rules.Embedded().Vocabulary("yousign", "video")
	idv := rules.Embedded().Vocabulary("fourthline", "identity_verification")
	type found struct {
		text                       string
		known, blocks, disclosable bool
	}
	unreadable := func(text string) found { return found{text: text} }
	for _, test := range []struct {
		v    *rules.Vocabulary
		text string
		want found
	}{
		{yousign, "1301", found{"1301", true, false, true}},
		{yousign, "IDVV_1301", found{"1301", true, false, true}},
		{yousign, "01301", found{"1301", true, false, true}},
		{yousign, "IDVV_00001301", found{"1301", true, false, true}},
		{yousign, "2301", found{"2301", true, true, false}},
		{yousign, strings.Repeat("0", 40) + "2301", found{"2301", true, true, false}},
		{yousign, "IDVV_" + strings.Repeat("0", 40) + "2999", found{"2999", false, true, false}},
		{yousign, "2000", found{"2000", false, true, false}},
		{yousign, "1999", found{"1999", false, false, false}},
		{yousign, "3000", found{"3000", false, false, false}},
		{yousign, "000", found{"0", false, false, false}},
		{yousign, "13O1", unreadable("13O1")},
		{yousign, "", unreadable("")},
		{yousign, "IDVV_", unreadable("IDVV_")},
		{yousign, "IDVV_IDVV_1301", unreadable("IDVV_IDVV_1301")},
		{yousign, "idvv_1301", unreadable("idvv_1301")},
		{yousign, "+1301", unreadable("+1301")},
		{yousign, "-2301", unreadable("-2301")},
		{yousign, " 1301", unreadable(" 1301")},
		{yousign, "1301.0", unreadable("1301.0")},
		{yousign, "١٣٠١", unreadable("١٣٠١")},
		{yousign, "9999999999999999999", unreadable("9999999999999999999")},
		{yousign, "999999999999999999", found{"999999999999999999", false, false, false}},
		{idv, "IDVV_5150", unreadable("IDVV_5150")}, // another product's prefix
		{idv, "5150", found{"5150", true, true, false}},
		{idv, "5999", found{"5999", false, true, false}},
		{idv, "6000", found{"6000", false, false, false}},
		{idv, "3999", found{"3999", false, false, false}},
	} {
		var unlisted rules.Code
		c := test.v.Code(test.text, &unlisted)
		if got := (found{c.Text, c.Known, c.Blocks, c.Disclosable}); got != test.want {
			t.Errorf("%s %q: %+v, wanted %+v", test.v.Name, test.text, got, test.want)
		}
	}
}

func TestUnlistedCode(t *testing.T) {
	v := rules.Embedded().Vocabulary("fourthline", "identity_verification")
	for _, test := range []struct {
		text    string
		effect  rules.Effect
		bearing bool
		number  int64
	}{
		{"4999", rules.EffectNegative, true, 4999},
		{"7000", rules.EffectNeutral, false, 7000},
		{"x", rules.EffectNeutral, false, rules.NumberUnreadable},
	} {
		var c rules.Code
		v.Code(test.text, &c)
		if c.Category != rules.CategoryUnknown || c.Effect != test.effect ||
			c.RiskBearing != test.bearing || c.Number != test.number {
			t.Errorf("%s: %+v", test.text, c)
		}
	}
}

// The order that docs/decisions.md promises: fraud, behavior, screening, rejection, other blocking codes, codes that
// forbid a retry, the rest; then unknown codes, and good news last.
func TestRanksFollowTheContract(t *testing.T) {
	v := rules.Embedded().Vocabulary("fourthline", "identity_verification")
	order := []string{"5100", "4200", "4110", "4130", "4145", "1034", "1004", "7777", "100", "1000"}
	for i := range order[1:] {
		var a, b rules.Code
		first, second := v.Code(order[i], &a), v.Code(order[i+1], &b)
		if first.Rank >= second.Rank {
			t.Errorf("%s has rank %d, %s has %d", order[i], first.Rank, order[i+1], second.Rank)
		}
	}
	var byRange, listed rules.Code
	if got, want := v.Code("4999", &byRange).Rank, v.Code("4145", &listed).Rank; got != want {
		t.Errorf("a code that blocks by range has rank %d, another blocking one %d", got, want)
	}
}

// A catalog of 100,000 codes is to be as fast as the built-in one.
func BenchmarkCode(b *testing.B) {
	for _, c := range []struct {
		name    string
		catalog *rules.Catalog
		texts   []string
	}{
		{"built-in", rules.Embedded(), []string{"1301", "IDVV_1301", "2999"}},
		{"100000", load(b, largeCatalog(b, 100_000)), []string{"1301", "IDVV_1301", "2999", "99999"}},
	} {
		v := c.catalog.Vocabulary("yousign", "video")
		for _, text := range c.texts {
			b.Run("catalog="+c.name+"/"+text, func(b *testing.B) {
				b.ReportAllocs()
				var unlisted rules.Code
				for b.Loop() {
					v.Code(text, &unlisted)
				}
			})
		}
	}
}
