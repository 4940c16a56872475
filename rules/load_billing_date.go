package rules

import (
	"regexp"
	"time"

	"go.yaml.in/yaml/v3"
)

// dates reads from when and until when a billing rule holds.
func (r *vocabularyReader) dates(f *fields, d *billingDraft) {
	d.From, d.Until = r.date(f, "from"), r.date(f, "until")
	if !d.From.IsZero() && !d.Until.IsZero() && !d.From.Before(d.Until) {
		r.report(f.values["until"], "until %s is not after from %s, so the rule never holds; write a later until: it "+
			"is the first moment that the rule is not for", d.Until.Format(time.RFC3339), d.From.Format(time.RFC3339))
	}
}

// dateForm is that of a date. time.Parse alone also takes an hour of one digit, a comma and a zone a day away.
var dateForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// date reads an optional date; the zero time without one, or after a mistake. It needs a zone, as the same text would
// mean another moment elsewhere.
func (r *vocabularyReader) date(f *fields, key string) time.Time {
	n := f.values[key]
	if n == nil {
		return time.Time{}
	}
	if n.Kind == yaml.ScalarNode && dateForm.MatchString(n.Value) {
		switch t, err := time.Parse(time.RFC3339, n.Value); {
		case err != nil:
			r.report(n, "%s is %s, and there is no such day or time; write one that there is", key, kindOf(n))
			return time.Time{}
		case t.Year() >= firstYear:
			return t
		}
	}
	r.report(n, "%s is %s; write a date from %d on, with time and zone and in whole seconds, for example "+
		"2026-12-01T00:00:00+01:00", key, kindOf(n), firstYear)
	return time.Time{}
}
