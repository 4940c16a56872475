package show

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestDiffPageIsOneFile: what comes from a catalog or a file's name is text in it, and nothing is loaded or run.
func TestDiffPageIsOneFile(t *testing.T) {
	const hostile = `<script src="https://example.com/x.js">`
	d := &Diff{
		New: DiffSide{Name: hostile}, Old: DiffSide{Name: hostile, Versions: []DiffCount{{hostile, 1}}},
		Input: DiffInput{File: hostile}, Differ: 1, Compared: 2,
		Fields: []DiffCount{{hostile, 1}}, Catalog: []string{hostile},
		Rules: []DiffRule{{Vocabulary: hostile, Part: "reason", Code: hostile, Count: 1,
			Old: DiffValue{hostile, hostile, hostile}, New: DiffValue{Value: "APPROVED"},
			Examples: []DiffExample{{Topic: hostile}}}},
		Became:  []DiffBecame{{Old: hostile, New: hostile, Count: 1}},
		Charges: []DiffCharge{{Provider: hostile, Month: hostile, Old: hostile, Count: 1234567}},
	}
	var out bytes.Buffer
	if err := WriteDiff(&out, d, DiffHTML); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, no := range []string{"<script", "<link", "<img", "src=\"", "url("} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %s", no)
		}
	}
	for _, want := range []string{"1 of 2 decisions differs (50 %)", "&lt;script", "1,234,567", "APPROVED"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// TestDiffTextIsBounded: each list has its first lines, and says how many there are besides.
func TestDiffTextIsBounded(t *testing.T) {
	d := &Diff{Differ: 1, Compared: 100_000}
	for n := range mostLines + 1500 {
		name := fmt.Sprintf("n-%d", n)
		d.Fields = append(d.Fields, DiffCount{name, 1})
		d.Statuses = append(d.Statuses, DiffStatus{Vocabulary: name, Count: 1})
		d.Codes = append(d.Codes, DiffCode{Vocabulary: name, Count: 1})
		d.Rules = append(d.Rules, DiffRule{Vocabulary: name, Count: 1})
		d.Became = append(d.Became, DiffBecame{Old: name, Count: 1})
		d.Charges = append(d.Charges, DiffCharge{Provider: name, Count: 1, Examples: []DiffExample{{}}})
		d.Catalog = append(d.Catalog, name)
	}
	var out bytes.Buffer
	if err := WriteDiff(&out, d, DiffText); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if more := strings.Count(text, "... and 1,500 more: --format json or html has all"); more != 7 {
		t.Errorf("%d lists of 7 say that there is more", more)
	}
	if strings.Contains(text, fmt.Sprintf("n-%d", mostLines)) || !strings.Contains(text, fmt.Sprintf("n-%d", mostLines-1)) {
		t.Errorf("not the first %d lines:\n%s", mostLines, text)
	}
	if !strings.Contains(text, "1 of 100,000 decisions differs (less than 0.01 %)") {
		t.Errorf("no result:\n%s", text[:300])
	}
}

// TestDiffResult says all that differs, and what is the same value by another rule.
func TestDiffResult(t *testing.T) {
	became := []DiffBecame{{Old: "decision", New: "dead letter: too_large", Count: 15},
		{Old: "dead letter: too_large", New: "repeat", Count: 1}}
	d := &Diff{Events: 16, Became: became, OneSided: 15, ChargesDiffer: 7}
	want := "15 events are decided on one side only; 1 event is not decided for another reason; 7 charges have another flag"
	if got := d.Result(); got != want {
		t.Errorf("%s\nwanted %s", got, want)
	}
	rule := DiffRule{Old: DiffValue{Value: "REVIEW", Basis: "policy:a"}, New: DiffValue{Value: "REVIEW", Basis: "operator:a"}}
	if got, want := rule.Change(), "REVIEW -> (same) by another rule"; got != want {
		t.Errorf("%s, wanted %s", got, want)
	}
}
