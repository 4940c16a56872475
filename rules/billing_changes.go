package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// BillingChange is a kind of events that occurred in the past and that two catalogs bill otherwise. A late event or a
// correction among them would not be charged as those were that came before it.
type BillingChange struct {
	Vocabulary string
	Was, Is    *BillingRule // what decides by the one catalog and by the other
	// There was, or is, no charge, whatever the rule: by that catalog it is no end of an attempt, by the other it is.
	WasNone, IsNone bool

	Basis  string // of Is, or of what says whether it is an end
	File   string // where that stands; "" for a status that the vocabulary lacks
	Line   int
	Places []string // statuses, each with its risk code, or a code, where that decides
}

// String says it in words, and what to do.
func (c *BillingChange) String() string {
	return fmt.Sprintf("%s: %s, which also changes what has occurred already: %s: %s. "+
		"A late event or a correction would be charged otherwise than those before it: %s",
		c.Vocabulary, c.cause(), firstPlaces(c.Places), c.contrast(), c.cure())
}

func firstPlaces(places []string) string {
	const most = 3
	text := strings.Join(places[:min(most, len(places))], ", ")
	if more := len(places) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (c *BillingChange) cause() string {
	at := fmt.Sprintf("(%s:%d)", c.File, c.Line)
	switch {
	case c.File == "":
		return "the status has gone"
	case c.WasNone:
		return "what is an end now " + at + " was none"
	case c.IsNone:
		return "what is no end now " + at + " was one"
	case c.Is.otherwise:
		return fmt.Sprintf("billing rule %s %s is for all times", c.Is.Name, at)
	case c.Is.From.IsZero():
		return fmt.Sprintf("billing rule %s %s has no from", c.Is.Name, at)
	}
	return fmt.Sprintf("billing rule %s %s has a from that is past", c.Is.Name, at)
}

func (c *BillingChange) contrast() string {
	was, is := c.Was.Flag.String()+" by rule "+c.Was.Name, c.Is.Flag.String()
	if c.WasNone {
		was = "no charge"
	}
	if c.IsNone {
		is = "no charge"
	}
	return is + ", and so far " + was
}

func (c *BillingChange) cure() string {
	switch {
	case c.File == "":
		return "keep it"
	case c.WasNone:
		return "if this is new, write a billing rule for it with an until that is still to come, flag NOT_BILLABLE"
	case c.IsNone:
		return "keep it an end; if it is to be charged no more, write a billing rule for it with a from that is " +
			"still to come, flag NOT_BILLABLE"
	case c.Is.otherwise && c.Was.otherwise:
		return "if this is new, leave otherwise as it was, and write the flag in a rule, the last before it, with a " +
			"from that is still to come"
	case c.Is.otherwise:
		return "if this is new, leave rule " + c.Was.Name + " as it was, with an until that is still to come"
	}
	return "if this is new, write a from that is still to come"
}

// BillingChanges lists what after bills otherwise than before did, of events that occurred before now: the changes of a
// billing policy that have no date, or one that is past, and of what ends an attempt, as only that is charged. Left out
// are a vocabulary that only one of them has, as an event without one is a dead letter, and a status that before did
// not know: its charge was open.
func BillingChanges(before, after *Catalog, now time.Time) (all []*BillingChange) {
	for _, is := range after.vocabularies {
		was := before.Vocabulary(is.Provider, is.Product)
		if was == nil {
			continue
		}
		c := billingComparison{now: now.UnixMicro()}
		c.vocabularies(was, is)
		for _, change := range c.changes {
			change.Vocabulary = is.Name
			change.File, change.Line = after.Where(change.Basis)
		}
		all = append(all, c.changes...)
	}
	return all
}

// billingComparison finds the changes of one vocabulary: it tries an event of each kind that the billing rules of
// either catalog tell from others. At each step the rules that are for other events are left out, so that few kinds
// remain to be tried.
type billingComparison struct {
	now     int64 // as Billed.At
	place   string
	charged [2]bool // whether what is looked at is charged, by either
	ends    string  // the basis of what says so, by the later one
	changes []*BillingChange
}

// vocabularies looks at each status of either, in each of its spellings, with each risk code.
func (c *billingComparison) vocabularies(was, is *Vocabulary) {
	seen := map[string]bool{}
	codes := endingCodes(was, is)
	for _, spelling := range spellingsOf(was, is) {
		for _, risk := range risksOf(was, is) {
			before, byRisk := was.ruleOf(spelling, risk)
			after, byRiskToo := is.ruleOf(spelling, risk)
			place := "status " + spelling
			if byRisk || byRiskToo {
				place += riskText(risk)
			}
			if before != &was.Unrecognized && !seen[place] {
				c.rules(place, [2]ending{{before, was.Status(spelling)}, {after, is.Status(spelling)}}, codes)
			}
			seen[place] = true
		}
	}
}

// rules looks at a place without codes, and with those that make it an end.
func (c *billingComparison) rules(place string, at [2]ending, codes []endingCode) {
	was, is := pointers(at[0].rule.Billing), pointers(at[1].rule.Billing)
	alone := [2]bool{at[0].rule.charges(), at[1].rule.charges()}
	c.place, c.charged, c.ends = place, alone, at[1].rule.OutcomeBasis
	c.variants(was, is)
	both := false
	for i := range codes {
		with := [2]bool{at[0].charges(&codes[i].was), at[1].charges(&codes[i].is)}
		c.place, c.charged, c.ends = place+" with "+codes[i].text, with, at[1].rule.OutcomeBasis
		switch {
		case with == alone || both && with == [2]bool{true, true}:
			continue
		case with[0] && with[1]:
			c.place, both = place+" with a code that makes it an end", true
		case codes[i].is.Basis != "" && (ending{at[1].rule, at[0].status}).charges(&codes[i].was) != with[1]:
			c.ends = codes[i].is.Basis // and not the rule, which would have said the same of the code before
		}
		c.variants(was, is)
	}
}

func spellingsOf(vocabularies ...*Vocabulary) (spellings []string) {
	for _, v := range vocabularies {
		for _, s := range v.Statuses {
			spellings = append(append(spellings, s.Name), s.Aliases...)
		}
	}
	slices.Sort(spellings)
	return slices.Compact(spellings)
}

// In place of a risk code: none, and one that neither catalog has.
const noRisk, unknownRisk = 0, -1

func risksOf(vocabularies ...*Vocabulary) []int32 {
	risks := []int32{noRisk, unknownRisk}
	for _, v := range vocabularies {
		for _, r := range v.RiskCodes {
			risks = append(risks, r.Code)
		}
	}
	slices.Sort(risks)
	return slices.Compact(risks)
}

func riskText(risk int32) string {
	switch risk {
	case noRisk:
		return " without a risk code"
	case unknownRisk:
		return " with an unknown risk code"
	}
	return fmt.Sprintf(" with risk code %d", risk)
}

// ruleOf finds the rule of a status, which may be unknown, and whether the risk code has a part in it.
func (v *Vocabulary) ruleOf(status string, risk int32) (rule *Rule, byRisk bool) {
	s := v.Status(status)
	if s == nil {
		return &v.Unrecognized, false
	}
	return s.RuleWith(risk, risk != noRisk), s.Rule == nil
}

func pointers(list []BillingRule) (all []*BillingRule) {
	for i := range list {
		all = append(all, &list[i])
	}
	return all
}

func (c *billingComparison) variants(was, is []*BillingRule) {
	tryTexts(was, is, func(b *BillingRule) []string { return b.Variants }, c.accounts)
}

func (c *billingComparison) accounts(was, is []*BillingRule) {
	tryTexts(was, is, func(b *BillingRule) []string { return b.Accounts }, c.attempts)
}

// tryTexts goes on with the rules that are for each text that a condition lists, and with those for any other.
func tryTexts(was, is []*BillingRule, of func(*BillingRule) []string, next func(was, is []*BillingRule)) {
	var texts []string
	for _, b := range slices.Concat(was, is) {
		texts = append(texts, of(b)...)
	}
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		holds := func(b *BillingRule) bool { return isAmong(of(b), text) }
		next(those(was, holds), those(is, holds))
	}
	others := func(b *BillingRule) bool { return len(of(b)) == 0 }
	next(those(was, others), those(is, others))
}

func those(list []*BillingRule, hold func(*BillingRule) bool) (kept []*BillingRule) {
	for _, b := range list {
		if hold(b) {
			kept = append(kept, b)
		}
	}
	return kept
}

// attempts goes on with the rules that are for the first attempt, and for each from which on others hold.
func (c *billingComparison) attempts(was, is []*BillingRule) {
	from := []int32{1}
	for _, b := range slices.Concat(was, is) {
		from = append(from, max(b.MinAttempt, 1))
		if b.MaxAttempt > 0 && b.MaxAttempt < math.MaxInt32 {
			from = append(from, b.MaxAttempt+1)
		}
	}
	slices.Sort(from)
	for _, attempt := range slices.Compact(from) {
		holds := func(b *BillingRule) bool { return b.matchesAttempt(attempt) }
		c.times(those(was, holds), those(is, holds))
	}
}

// times compares what decides before all dates, and from each date on that is past. A charge that is NOT_BILLABLE and
// none at all are the same here.
func (c *billingComparison) times(was, is []*BillingRule) {
	from := []int64{math.MinInt64}
	for _, b := range slices.Concat(was, is) {
		from = append(from, b.from, b.until)
	}
	slices.Sort(from)
	for _, at := range slices.Compact(from) {
		if at == 0 || at >= c.now {
			continue
		}
		holds := func(b *BillingRule) bool { return b.matchesTime(at) }
		w, i := slices.IndexFunc(was, holds), slices.IndexFunc(is, holds)
		if w >= 0 && i >= 0 {
			c.compare(was[w], is[i])
		}
	}
}

// compare notes that is decides otherwise than was, at the place that is looked at, unless that is never charged.
func (c *billingComparison) compare(was, is *BillingRule) {
	change := BillingChange{Was: was, Is: is, WasNone: !c.charged[0], IsNone: !c.charged[1], Basis: c.ends}
	var same bool
	switch {
	case change.WasNone && change.IsNone:
		same = true
	case change.WasNone:
		same = is.Flag == BillingFlagNotBillable
	case change.IsNone:
		same = was.Flag == BillingFlagNotBillable
	default:
		same, change.Basis = was.Flag == is.Flag, is.Basis
	}
	if !same {
		c.add(&change)
	}
}

// add takes a change up, with others of its kind.
func (c *billingComparison) add(change *BillingChange) {
	for _, known := range c.changes {
		if known.Was.Name == change.Was.Name && known.Is.Name == change.Is.Name && known.Basis == change.Basis &&
			known.WasNone == change.WasNone && known.IsNone == change.IsNone {
			if !slices.Contains(known.Places, c.place) {
				known.Places = append(known.Places, c.place)
			}
			return
		}
	}
	change.Places = []string{c.place}
	c.changes = append(c.changes, change)
}
