package rules

import (
	"fmt"
	"slices"
	"strconv"
)

// What ends an attempt, and so has a charge: a rule, or a code beside it.

// charges says whether what has this rule is charged. A status that the vocabulary lacks may be an end.
func (r *Rule) charges() bool { return r.Ended || r.Outcome == OutcomeUnrecognized }

// ending is a rule, and the status that it is of; nil if the vocabulary lacks that.
type ending struct {
	rule   *Rule
	status *Status
}

// charges says whether an event with a code is charged: a code that forbids a retry, or asks for a new verification,
// can end what the rule leaves open.
func (e ending) charges(c *Code) bool {
	if e.rule.charges() || e.status == nil {
		return e.rule.charges()
	}
	belongs := c.Statuses&e.status.Mask != 0
	newCase := c.Scope == ScopeNewVerification || !belongs && c.advises(ScopeNewVerification)
	return e.rule.Outcome == OutcomeResubmissionRequired && c.NoRetry && belongs || e.rule.FinalOnNewCase && newCase
}

// mayEnd says whether there can be a status that the code makes an end.
func (c *Code) mayEnd() bool { return c.NoRetry || c.Scope == ScopeNewVerification || c.Advice != nil }

// endingCode is a code, or several in a row, of which two vocabularies say the same each, and one of them that it may
// make an end.
type endingCode struct {
	text    string
	was, is Code
}

// endingCodes lists them, by number.
func endingCodes(was, is *Vocabulary) (all []endingCode) {
	var starts []int64
	for _, v := range []*Vocabulary{was, is} {
		for _, c := range v.Codes {
			starts = append(starts, c.Number, c.Number+1)
		}
		for _, g := range v.Ranges {
			starts = append(starts, g.From, g.To+1)
		}
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	for i := 1; i < len(starts); i++ {
		first, last := starts[i-1], starts[i]-1
		var unlisted Code
		text := strconv.FormatInt(first, 10)
		e := endingCode{text: "code " + text, was: *was.Code(text, &unlisted)}
		e.is = *is.Code(text, &unlisted)
		if first < last {
			e.text = fmt.Sprintf("one of the codes %d to %d", first, last)
		}
		if e.was.mayEnd() || e.is.mayEnd() {
			all = append(all, e)
		}
	}
	return all
}
