package cases_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"verdict/cmd/verdict/cases"
)

// TestPageShowsCases: what docs/cases.md shows as cases can be read, and passes.
func TestPageShowsCases(t *testing.T) {
	page, err := os.ReadFile("../../../docs/cases.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 3 {
		t.Fatalf("the page has %d blocks of cases", len(blocks))
	}
	for _, block := range blocks {
		report := run(t, &cases.Suite{Cases: load(t, block[1])})
		if report.Count(nil, cases.Passed) != len(report.Results) {
			var text strings.Builder
			report.WriteText(&text)
			t.Errorf("%s\nof\n%s", text.String(), block[1])
		}
	}
}
