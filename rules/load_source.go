package rules

import (
	"slices"
	"time"
)

// readLayouts are the forms of the day or month in which a page was read.
var readLayouts = []string{"2006-01-02", "2006-01"}

// sources reads the pages that the vocabulary's facts are from.
func (r *vocabularyReader) sources(f *fields) {
	f.need("sources")
	for _, n := range f.list("sources") {
		row, ok := r.fields(n, "a source", "name", "title", "url", "read", "dated")
		if !ok {
			continue
		}
		s := Source{
			Name: row.text("name"), Title: row.optionalText("title"), URL: row.optionalText("url"),
			Read: row.text("read"), Dated: row.optionalText("dated"),
		}
		if s.Read != "" && !isDay(s.Read) {
			r.report(row.values["read"],
				"read is %s; write the month or day of reading, for example 2026-11 or 2026-11-20", quoted(s.Read))
		}
		if slices.ContainsFunc(r.v.Sources, func(other Source) bool { return other.Name == s.Name && s.Name != "" }) {
			r.report(row.values["name"], "source %s is listed twice; keep one", quoted(s.Name))
		}
		r.v.Sources = append(r.v.Sources, s)
	}
}

func isDay(text string) bool {
	return slices.ContainsFunc(readLayouts, func(layout string) bool {
		_, err := time.Parse(layout, text)
		return err == nil
	})
}
