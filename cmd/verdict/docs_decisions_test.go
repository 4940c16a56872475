package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/show"
	"verdict/rules"
)

var update = flag.Bool("update", false, "write the generated parts of docs/ anew")

// made is a part of a page that is generated: all between two comments, of which the first has its name.
var made = regexp.MustCompile(`(?s)<!-- generated: ([^>]+) -->\n.*?<!-- end -->`)

// TestDecisionsPage holds what the page lists equal to the code, the schemas and the catalog, and its examples to what
// the program writes. With -update it writes those parts anew.
func TestDecisionsPage(t *testing.T) {
	parts := examples(t)
	for _, e := range show.Enums() {
		parts["enum "+e.Name] = symbolTable(e)
	}
	decision := fieldsOf(t, "decision")
	parts["fields of raw"] = fieldTable(fieldsOf(t, "raw"), nil)
	parts["fields of decision"] = fieldTable(decision, nil)
	parts["fields of billing"] = fieldTable(fieldsOf(t, "billing"), decision)
	parts["fields of risk"] = fieldTable(fieldsOf(t, "risk"), decision)
	parts["fields of overdue"] = fieldTable(fieldsOf(t, "overdue"), decision)
	parts["fields of catalog_entry"] = fieldTable(fieldsOf(t, "catalog_entry"), decision)
	parts["series"] = seriesTables(rules.Embedded())
	holdPage(t, "docs/decisions.md", parts)
}

// holdPage compares the generated parts of a page with what they have to be, or writes them.
func holdPage(t *testing.T, name string, parts map[string]string) {
	t.Helper()
	path := filepath.Join(root, name)
	page := read(t, path)
	found := map[string]bool{}
	current := made.ReplaceAllStringFunc(page, func(old string) string {
		name := made.FindStringSubmatch(old)[1]
		part, ok := parts[name]
		if !ok || found[name] {
			t.Errorf("%s: there is no part %q, or it is there twice", path, name)
			return old
		}
		found[name] = true
		part = fmt.Sprintf("<!-- generated: %s -->\n\n%s\n\n<!-- end -->", name, strings.TrimSpace(part))
		if part != old && !*update {
			t.Errorf("%s: %q is not current: make docs, and read what has changed", path, name)
		}
		return part
	})
	for name := range parts {
		if !found[name] {
			t.Errorf("%s lacks a place for %q: two lines, <!-- generated: %s --> and <!-- end -->", path, name, name)
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(path, []byte(current), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func table(head []string, rows [][]string) string {
	lines := []string{row(head), row(strings.Split(strings.Repeat("---,", len(head)-1)+"---", ","))}
	for _, r := range rows {
		lines = append(lines, row(r))
	}
	return strings.Join(lines, "\n")
}

func row(cells []string) string {
	return strings.TrimSpace(strings.ReplaceAll("| "+strings.Join(cells, " | ")+" |", "  ", " "))
}

func symbolTable(e show.Enum) string {
	var rows [][]string
	for _, s := range e.Symbols {
		rows = append(rows, []string{"`" + s.Name + "`", s.Words})
	}
	return table([]string{"symbol", "meaning"}, rows)
}

// seriesTables lists each vocabulary's series, and how it treats codes that it does not list. A code that it does list
// is a row of the catalog and nothing else, so the page has none.
func seriesTables(catalog *rules.Catalog) string {
	var b strings.Builder
	for _, v := range catalog.Vocabularies() {
		fmt.Fprintf(&b, "#### %s: `%s`, `%s`\n\n", v.Title, v.Provider, v.Product)
		var rows [][]string
		for _, s := range v.Series {
			rows = append(rows, []string{"`" + s.Name + "`", screen.Either(s.Title == "", "not shown in our copy", s.Title)})
		}
		fmt.Fprintf(&b, "%s\n\n", table([]string{"series", "as the provider's page prints it"}, rows))
		if len(v.Ranges) == 0 {
			continue
		}
		rows = nil
		for _, r := range v.Ranges {
			rows = append(rows, rangeRow(v, r))
		}
		fmt.Fprintf(&b, "%s\n\n", table([]string{"unlisted code", "statuses", "series", "category", ""}, rows))
	}
	return b.String()
}

func rangeRow(v *rules.Vocabulary, r *rules.Range) []string {
	var statuses, said []string
	for _, s := range v.Statuses {
		if r.Statuses&s.Mask != 0 {
			statuses = append(statuses, s.Name)
		}
	}
	if r.Effect != rules.EffectNegative {
		said = append(said, r.Effect.String())
	}
	for _, risk := range r.RiskCodes {
		said = append(said, "with risk code "+strconv.Itoa(int(risk)))
	}
	if r.Blocks {
		said = append(said, "blocks an approval")
	}
	if r.NoRetry {
		said = append(said, "no retry")
	}
	if r.Signature == rules.SignatureOpen || r.Signature == rules.SignatureFailed {
		said = append(said, "signature "+r.Signature.String())
	}
	if r.Disclosable {
		said = append(said, "disclosable")
	}
	return []string{fmt.Sprintf("%d to %d", r.From, r.To), strings.Join(statuses, ", "),
		screen.Either(r.Series == "", "", "`"+r.Series+"`"), "`" + r.Category.String() + "`", strings.Join(said, ", ")}
}
