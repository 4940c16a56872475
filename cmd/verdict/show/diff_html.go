package show

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed diff.html
var diffPage string

// The page has no script, loads nothing, and forbids both: it may be sent to anyone who may see the counts.
var diffTemplate = template.Must(template.New("diff").Funcs(template.FuncMap{"number": number}).Parse(diffPage))

// diffList is a list of counts for the page.
type diffList struct {
	Title string
	Rows  [][]string
}

func writeDiffHTML(w io.Writer, d *Diff) error {
	page := struct {
		*Diff
		Lists []diffList
	}{Diff: d}
	for _, list := range []diffList{
		{"by field", diffRows(d.Fields)},
		{"by vocabulary", diffRows(d.Vocabularies)},
		{"by status", statusRows(d.Statuses)},
		{"by code", codeRows(d.Codes)},
	} {
		if len(list.Rows) > 0 {
			page.Lists = append(page.Lists, list)
		}
	}
	return diffTemplate.Execute(w, page)
}
