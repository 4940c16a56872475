package rules

import (
	"net/url"
	"slices"
	"time"
)

// readLayouts are the forms of the day or month in which a page was read.
var readLayouts = []string{"2006-01-02", "2006-01"}

// firstYear and lastYear bound when a page was read, and firstYear the date of a billing rule: what lies outside is a
// slip of the hand.
const (
	firstYear = 2000
	lastYear  = 2099
)

// sources reads the pages that the vocabulary's facts are from.
func (r *vocabularyReader) sources(f *fields) {
	f.need("sources")
	for _, n := range f.list("sources") {
		row, ok := r.fields(n, sourceKeys)
		if !ok {
			continue
		}
		s := Source{
			Name: row.line("name"), Title: row.optionalText("title"), URL: row.optionalText("url"),
			Read: row.text("read"), Dated: row.optionalText("dated"),
		}
		if s.Read != "" && !isDay(s.Read) {
			r.report(row.values["read"],
				"read is %s; write the month or day of reading, from %d to %d, for example 2026-11 or 2026-11-20",
				quoted(s.Read), firstYear, lastYear)
		}
		if s.URL != "" && !isWebAddress(s.URL) {
			r.report(row.values["url"], "url is %s; write the page's address, which begins with https:// or http://",
				quoted(s.URL))
		}
		r.knownSource(row, s)
		r.v.Sources = append(r.v.Sources, s)
		r.sourceNodes = append(r.sourceNodes, n)
	}
}

// knownSource reports the name or address of a source that is listed already.
func (r *vocabularyReader) knownSource(row *fields, s Source) {
	for i, other := range r.v.Sources {
		switch {
		case s.Name != "" && s.Name == other.Name:
			r.report(row.values["name"], "source %s is listed twice; keep one", quoted(s.Name))
			return
		case s.URL != "" && s.URL == other.URL:
			r.report(row.values["url"], "url %s is that of source %s already%s; keep one",
				quoted(s.URL), quoted(other.Name), r.elsewhere(row.node, r.sourceNodes[i]))
			return
		}
	}
}

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func isDay(text string) bool {
	return slices.ContainsFunc(readLayouts, func(layout string) bool {
		t, err := time.Parse(layout, text)
		return err == nil && firstYear <= t.Year() && t.Year() <= lastYear
	})
}
