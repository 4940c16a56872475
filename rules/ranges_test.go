package rules_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"verdict/rules"
)

// The ranges are as hard to miss as the codes: one that is lost makes an unlisted code of it look harmless.
func TestEmbeddedRangesAreWhole(t *testing.T) {
	listed, err := os.ReadFile("testdata/ranges.txt")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, v := range rules.Embedded().Vocabularies() {
		for _, g := range v.Ranges {
			have = append(have, rangeLine(v, g))
		}
	}
	lines := strings.Split(strings.TrimSpace(string(listed)), "\n")
	for _, line := range lines {
		if !slices.Contains(have, line) {
			t.Errorf("the catalog lacks: %s", line)
		}
	}
}

// rangeLine is how testdata/ranges.txt lists a range: vocabulary, first and last number, series, category, effect,
// statuses, risk codes, whether it blocks an approval, forbids a retry and may be disclosed, and the signature.
func rangeLine(v *rules.Vocabulary, g *rules.Range) string {
	var statuses []string
	for _, s := range v.Statuses {
		if g.Statuses&s.Mask != 0 {
			statuses = append(statuses, s.Name)
		}
	}
	return fmt.Sprintf("%s,%d-%d,%s,%s,%s,%s,%v,%v,%v,%v,%s", v.Name, g.From, g.To, g.Series, g.Category, g.Effect,
		strings.Join(statuses, "|"), g.RiskCodes, g.Blocks, g.NoRetry, g.Disclosable, g.Signature)
}
