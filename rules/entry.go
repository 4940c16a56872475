package rules

import (
	"strconv"
	"strings"
)

// EntryKind says what an Entry is about.
type EntryKind uint8

// Kinds of entries.
const (
	EntryUnspecified EntryKind = iota
	EntryStatus
	EntryRiskCode
	EntryCode
	EntryRange // of codes that are not listed
)

var entryKindNames = []string{"UNSPECIFIED", "STATUS", "RISK_CODE", "CODE", "RANGE"}

func (k EntryKind) String() string { return SymbolOf(entryKindNames, k) }

// EntryKinds lists every value but UNSPECIFIED.
func EntryKinds() []EntryKind { return ValuesOf[EntryKind](entryKindNames) }

// Entry is what the catalog says of one status, risk code, code or range, in itself and flat: a row to join decisions
// with. It has no rules_version: an entry that a newer catalog says the same of is the same. What only a status and a
// code together say (billing, retry advice) is in no entry.
type Entry struct {
	Kind                          EntryKind
	Provider, Product, Vocabulary string
	Name                          string // as decisions have it; of a range its first and last code, "1000-1999"
	AliasOf                       string // the status's name, where Name is another spelling of it

	Label          string // a risk code's: the provider's own name for it
	Meaning        string // in our words; "" of a risk code
	Recommendation string // what the provider recommends, in our words; "" if nothing

	// Of a status, or of a risk code beside the status that it goes with; unspecified of a status whose outcome is in
	// its risk code, and of a risk code that does not say the same with each status.
	Outcome      Outcome
	Final, Ended bool
	RiskLevel    RiskLevel // of a risk code

	Series   string // of a code or a range; "" if none is known
	Category Category
	Effect   Effect
	NoRetry, Blocks, AsksReview,
	RiskBearing, Disclosable bool

	Actions     ActionSet // of a status where the event names no integration
	First, Last int64     // codes of a range, both inclusive
	Basis       string    // of the outcome, the code or the range; "" where there is no outcome
}

// Key names the entry in all catalogs: "yousign/video/code/1301", "fourthline/identity_verification/risk_code/300".
func (e *Entry) Key() string {
	return strings.Join([]string{e.Provider, e.Product, strings.ToLower(e.Kind.String()), e.Name}, "/")
}

// Entries lists all, by vocabulary: statuses in file order, each followed by its other spellings, then risk codes,
// codes and ranges. Each spelling of a status has an entry, because a decision has the status as it was spelt.
func (c *Catalog) Entries() []*Entry {
	var all []*Entry
	for _, v := range c.vocabularies {
		for _, s := range v.Statuses {
			all = append(all, v.statusEntries(s)...)
		}
		for _, r := range v.RiskCodes {
			all = append(all, v.riskEntry(r))
		}
		for _, code := range v.Codes {
			all = append(all, v.codeEntry(code))
		}
		for _, r := range v.Ranges {
			all = append(all, v.rangeEntry(r))
		}
	}
	return all
}

func (v *Vocabulary) entry(kind EntryKind, name string) *Entry {
	return &Entry{Kind: kind, Provider: v.Provider, Product: v.Product, Vocabulary: v.Name, Name: name}
}

func (v *Vocabulary) statusEntries(s *Status) []*Entry {
	e := v.entry(EntryStatus, s.Name)
	e.Meaning, e.Recommendation = s.Meaning, s.Action
	e.answers(s.Rule)
	all := []*Entry{e}
	for _, spelling := range s.Aliases {
		alias := *e
		alias.Name, alias.AliasOf = spelling, s.Name
		all = append(all, &alias)
	}
	return all
}

func (v *Vocabulary) riskEntry(r *RiskCode) *Entry {
	e := v.entry(EntryRiskCode, strconv.Itoa(int(r.Code)))
	e.Label, e.RiskLevel = r.Label, r.Level
	var rules []*Rule
	for _, s := range v.Statuses {
		if rule := s.ByRisk[r.Code]; rule != nil {
			rules = append(rules, rule)
		}
	}
	if len(rules) == 1 {
		e.answers(rules[0])
	}
	return e
}

// answers takes over what a status says, or a status with a risk code; nil: the entry says nothing of that.
func (e *Entry) answers(rule *Rule) {
	if rule == nil {
		return
	}
	e.Outcome, e.Final, e.Ended, e.Basis = rule.Outcome, rule.Final, rule.Ended, rule.OutcomeBasis
	e.Actions = rule.Retry[IntegrationUnspecified].Actions
}

func (v *Vocabulary) codeEntry(c *Code) *Entry {
	e := v.entry(EntryCode, c.Text)
	e.Meaning, e.Recommendation, e.Series, e.Category, e.Effect = c.Meaning, c.Action, c.Series, c.Category, c.Effect
	e.NoRetry, e.Blocks, e.AsksReview = c.NoRetry, c.Blocks, c.AsksReview
	e.RiskBearing, e.Disclosable = c.RiskBearing, c.Disclosable
	e.Actions, e.Basis = c.Actions, c.Basis
	if c.Advice != nil {
		e.Actions = c.Advice[IntegrationUnspecified].Actions
	}
	return e
}

func (v *Vocabulary) rangeEntry(r *Range) *Entry {
	e := v.entry(EntryRange, r.text())
	e.Meaning, e.Series, e.Category, e.Effect = r.Reason, r.Series, r.Category, r.Effect
	e.NoRetry, e.Blocks, e.RiskBearing, e.Disclosable = r.NoRetry, r.Blocks, r.RiskBearing(), r.Disclosable
	e.First, e.Last, e.Basis = r.From, r.To, r.Basis
	return e
}
