package main

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"verdict/processor"
	"verdict/rules"
)

// The page's contract loads in the place of the one that nobody has written yet, and holds from its day on.
func TestChargesOnThePage(t *testing.T) {
	const silent = "billing:\n  otherwise: {name: silent, flag: UNDETERMINED, origin: source}\n"
	_, page, _ := strings.Cut(read(t, filepath.Join(root, "docs/rules.md")), "<!-- example of charges")
	_, page, _ = strings.Cut(page, "```yaml\n")
	example, _, _ := strings.Cut(page, "```")
	file := read(t, filepath.Join(root, "rules/catalog/fourthline-idv.yaml"))
	if !strings.HasPrefix(example, "billing:\n") || strings.Count(file, silent) != 1 {
		t.Fatalf("there is no example, or no place for it:\n%s", example)
	}
	catalog, err := rules.Load(fstest.MapFS{
		"catalog.yaml":        {Data: []byte("version: 2026.12.0\n")},
		"fourthline-idv.yaml": {Data: []byte(strings.Replace(file, silent, example, 1))},
	})
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC).UnixMicro()
	v := catalog.Vocabularies()[0]
	for _, c := range []struct {
		at      int64
		risk    int32
		account string
		attempt int32
		want    string
	}{
		{day - 1, 500, "", 1, "UNDETERMINED by source:fourthline-idv/billing/silent"},
		{day, 500, "", 1, "NOT_BILLABLE by operator:fourthline-idv/billing/rejected"},
		{day, 200, "", 1, "BILLABLE by operator:fourthline-idv/billing/completed"},
		{day, 200, "acme-fr", 1, "BILLABLE by operator:fourthline-idv/billing/completed"},
		{day, 200, "acme-fr", 2, "NOT_BILLABLE by operator:fourthline-idv/billing/large_account"},
		{day + 365*24*3600*1_000_000, 200, "acme-fr", 2, "BILLABLE by operator:fourthline-idv/billing/completed"},
	} {
		e := processor.Event{Status: "completed", RiskCode: c.risk, HasRiskCode: true, OutsideAccount: c.account,
			Attempt: c.attempt, RecordTime: c.at}
		var d processor.Decision
		processor.Decide(v, &e, &d)
		if got := d.Billing.Flag.String() + " by " + d.Billing.Basis; got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
