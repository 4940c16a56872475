package rules_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

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
		{yousign, "3000", found{"3000", false, false, true}},
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
		{idv, "6000", found{"6000", false, false, true}},
		{idv, "3999", found{"3999", false, false, false}},
	} {
		var unlisted rules.Code
		c := test.v.Code(test.text, &unlisted)
		if got := (found{c.Text, c.Known, c.Blocks, c.Disclosable}); got != test.want {
			t.Errorf("%s %q: %+v, wanted %+v", test.v.Name, test.text, got, test.want)
		}
	}
}

// An unlisted code is what its range says, and nothing more is known of one outside of all ranges.
func TestUnlistedCode(t *testing.T) {
	idv := rules.Embedded().Vocabulary("fourthline", "identity_verification")
	docauth := rules.Embedded().Vocabulary("fourthline", "document_authentication")
	ubble := vocabulary(t, "ubble-idv")
	completed, invalid := idv.Status("completed").Mask, idv.Status("invalid_data").Mask
	negative := func(series string, category rules.Category, statuses uint64, rank uint8) rules.Code {
		return rules.Code{
			Series: series, Category: category, Effect: rules.EffectNegative, Statuses: statuses, Rank: rank,
		}
	}
	blocking := func(c rules.Code) rules.Code {
		c.Blocks, c.RiskBearing = true, true
		return c
	}
	fatal := blocking(negative("fraud", rules.CategoryFraud, docauth.Status("completed").Mask, 0))
	fatal.NoRetry = true
	hit := blocking(negative("aml", rules.CategoryScreening, completed, 2))
	rejected := blocking(negative("rejection", rules.CategoryRejection, completed, 4))
	rejected.RiskCodes = []int32{500}
	mended := negative("identity data", rules.CategoryData, invalid, 9)
	mended.Disclosable = true
	unsigned := negative("qes", rules.CategorySignature, completed, 9)
	unsigned.Disclosable, unsigned.Signature = true, rules.SignatureFailed
	neutral := rules.Code{
		Series: "approved", Category: rules.CategoryUnknown, Effect: rules.EffectNeutral,
		Statuses: ubble.Status("approved").Mask, Rank: 11,
	}
	nothing := rules.Code{Category: rules.CategoryUnknown, Effect: rules.EffectNeutral, Rank: 10}
	for _, test := range []struct {
		v     *rules.Vocabulary
		text  string
		want  rules.Code
		basis string
	}{
		{idv, "140", hit, "policy:fourthline-idv/range/100-199"},
		{idv, "1999", mended, "source:fourthline-idv/range/1001-1999"},
		{idv, "4999", rejected, "source:fourthline-idv/range/4000-4999"},
		{idv, "6999", unsigned, "policy:fourthline-idv/range/6000-6999"},
		{idv, "7000", nothing, ""},
		{idv, "x", nothing, ""},
		{docauth, "5999", fatal, "reading:fourthline-docauth/range/5000-5999"},
		{ubble, "10999", neutral, "reading:ubble-idv/range/10000-10999"},
	} {
		var got rules.Code
		test.v.Code(test.text, &got)
		listed := got
		listed.Text, listed.Number, listed.Basis, listed.Explains = "", 0, "", 0
		if !reflect.DeepEqual(listed, test.want) || got.Text != test.text || got.Basis != test.basis {
			t.Errorf("%s %s:\n%+v, wanted by %s\n%+v", test.v.Name, test.text, got, test.basis, test.want)
		}
	}
}

// The order that docs/decisions.md promises: what is NEGATIVE by category, then by flags; then what nothing is known
// of, and good news last. A code that is unlisted counts as its range says.
func TestRanksFollowTheContract(t *testing.T) {
	v := load(t, ranked(t)).Vocabulary("acme", "check")
	for want, texts := range [][]string{
		{"5100", "5999"}, {"4200"}, {"120"}, {"4130"}, {"4190"}, {"4145", "72999"}, {"1034"}, {"3505"}, {"3001"},
		{"1301", "3999"}, {"9999", "x"}, {"7"}, {"100"}, {"1000"},
	} {
		for _, text := range texts {
			var unlisted rules.Code
			if c := v.Code(text, &unlisted); int(c.Rank) != want {
				t.Errorf("%s has rank %d, wanted %d", text, c.Rank, want)
			}
		}
	}
}

// ranked has a code of each rank.
func ranked(t *testing.T) fstest.MapFS {
	own := sample(t)
	content := string(own["sample.yaml"].Data)
	before, _, _ := strings.Cut(content, "\nranges:\n")
	before = strings.Replace(before, "code_expected: [capture, age]", "code_expected: true", 1)
	own["sample.yaml"] = &fstest.MapFile{Data: []byte(before + `
ranges:
  - {from: 5900, to: 5999, statuses: [done], category: FRAUD, blocks_approval: true, origin: reading, reason: r}
  - {from: 72000, to: 72999, statuses: [done], category: DATA, blocks_approval: true, origin: reading, reason: r}
  - {from: 3900, to: 3999, statuses: [done], category: UNKNOWN, origin: reading, reason: r}
codes:
  - {code: 5100, statuses: [done], series: age, category: FRAUD, blocks_approval: true, risk_bearing: true, meaning: m}
  - {code: 4200, statuses: [done], series: age, category: BEHAVIOR, risk_bearing: true, meaning: m}
  - {code: 120, statuses: [done], series: age, category: SCREENING, risk_bearing: true, meaning: m}
  - {code: 4130, statuses: [done], series: age, category: RISK, risk_bearing: true, meaning: m}
  - {code: 4190, statuses: [done], series: age, category: REJECTION, risk_bearing: true, meaning: m}
  - {code: 4145, statuses: [done], series: age, category: DATA, blocks_approval: true, risk_bearing: true, meaning: m}
  - {code: 1034, statuses: [done], series: age, category: ELIGIBILITY, no_retry: true, risk_bearing: true, meaning: m}
  - {code: 3505, statuses: [done], series: age, category: IDENTITY_MISMATCH, risk_bearing: true, meaning: m}
  - {code: 3001, statuses: [done], series: age, category: ENGAGEMENT, refusal: true, meaning: m}
  - {code: 1301, statuses: [done], series: age, category: DATA, meaning: m}
  - {code: 7, statuses: [done], series: age, category: DATA, effect: NEUTRAL, meaning: m}
  - {code: 100, statuses: [done], series: age, category: SCREENING, effect: CLEARED, risk_bearing: true, meaning: m}
  - {code: 1000, statuses: [done], series: age, category: VALIDATION, effect: POSITIVE, meaning: m}
flow:
  - {from: open, to: [unclear, done], origin: source}
`)}
	return own
}

func TestLookingUpDoesNotAllocate(t *testing.T) {
	idv := rules.Embedded().Vocabulary("fourthline", "identity_verification")
	docauth := rules.Embedded().Vocabulary("fourthline", "document_authentication")
	var unlisted rules.Code
	if n := testing.AllocsPerRun(100, func() {
		for _, text := range []string{"1004", "04999", "9999", "x"} {
			c := idv.Code(text, &unlisted)
			docauth.ListedElsewhere(c)
		}
		docauth.RiskListedElsewhere(300)
	}); n != 0 {
		t.Errorf("%v allocations", n)
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
