// Package rules holds what the providers' statuses and codes mean, as data: the catalog files, their strict loader and
// the compiled form that decisions are made from. It imports nothing of the project.
package rules

import (
	"math/bits"
	"time"
)

// Catalog is a loaded, checked and compiled set of vocabularies. It never changes after loading and may be shared by
// goroutines.
type Catalog struct {
	// Version is "<human version>+<first 6 hex digits of the content's SHA-256>", for example "2026.11.0+3f9a2c".
	Version string

	vocabularies []*Vocabulary // sorted by name
	byProduct    map[product]*Vocabulary
	envelopes    []*Envelope // sorted by name
	rows         rowPlaces
	base         *Catalog // see Base
}

type product struct{ provider, product string }

// few is how many are looked through one by one: up to here, that is faster than hashing.
const few = 10

// Vocabulary finds the vocabulary of a provider's product; nil if the catalog has none.
func (c *Catalog) Vocabulary(provider, name string) *Vocabulary {
	if len(c.vocabularies) > few {
		return c.byProduct[product{provider, name}]
	}
	for _, v := range c.vocabularies {
		if v.Product == name && v.Provider == provider {
			return v
		}
	}
	return nil
}

// Vocabularies lists all, sorted by name. The slice must not be changed.
func (c *Catalog) Vocabularies() []*Vocabulary { return c.vocabularies }

// VocabularyNames lists their names, sorted.
func (c *Catalog) VocabularyNames() (names []string) {
	for _, v := range c.vocabularies {
		names = append(names, v.Name)
	}
	return names
}

// Vocabulary is one provider product's statuses, risk codes and codes.
type Vocabulary struct {
	Name, Provider, Product string
	Title                   string
	Sources                 []Source // the pages that state the facts
	CodePrefixes            []string // a code may be spelt with one of these in front, for example "IDVV_"

	Series    []Series    // in file order
	Fields    []string    // names of Code.Fields, sorted; at most 64
	Statuses  []*Status   // in file order
	RiskCodes []*RiskCode // by code
	Codes     []*Code     // by number
	Ranges    []*Range    // in file order; they do not overlap
	Billing   []BillingRule

	// Unrecognized is the rule for a status that the vocabulary does not have: outcome UNRECOGNIZED, not final, billing
	// UNDETERMINED, advice UNKNOWN.
	Unrecognized Rule
	Fallbacks

	// AcceptUnlisted lets an approval stand beside a code that the vocabulary neither lists nor has a range for.
	AcceptUnlisted bool

	siblings []*Vocabulary      // the provider's other products
	statuses map[string]*Status // by name and alias
	risks    map[int32]*RiskCode
	codes    map[string]*Code // by decimal text
}

// Fallbacks are rules that no file states: the same in all vocabularies, but for the name in their bases. No operator
// can change them.
type Fallbacks struct {
	// ContradictedBasis: an approval came with a code that must not be part of it, so it is a REVIEW.
	ContradictedBasis string
	// UnlistedBasis: an approval came with a code that nothing is known of, so it is a REVIEW.
	UnlistedBasis string
	// NoRetryBasis: a code forbids the resubmission that its status asks for, so it is DECLINED.
	NoRetryBasis string
	// MisplacedRetry is AWAIT_REVIEW: a code that blocks an approval or forbids a retry came with a status or risk code
	// that it does not go with, or with a status that nobody knows.
	MisplacedRetry Retry
	// ReviewRetry is AWAIT_REVIEW: in a REVIEW stands a code that speaks against an approval.
	ReviewRetry Retry
	// SignatureRetry is AWAIT_REVIEW: an unlisted code says that the signature is not done, and not how to go on.
	SignatureRetry Retry
}

// Source is a page that facts are from.
type Source struct {
	Name  string // short
	Title string // as the page has it; "" if it has none
	URL   string // "" if it is not public
	Read  string // when the facts were taken from it, "2026-11" or "2026-11-20"
	Dated string // what the page says of its own age, in our words
}

// Series is one of the provider's own groups of codes.
type Series struct {
	Name  string // in Code.Series and in decisions
	Title string // as the provider's page prints it; "" where our copy does not show it
}

// Status finds a status by its name or another spelling of it, exactly; nil if there is none.
func (v *Vocabulary) Status(text string) *Status {
	if len(v.Statuses) > few {
		return v.statuses[text]
	}
	for _, s := range v.Statuses {
		if s.Name == text {
			return s
		}
		for _, alias := range s.Aliases {
			if alias == text {
				return s
			}
		}
	}
	return nil
}

// RiskCode finds a risk code; nil if the vocabulary does not have it.
func (v *Vocabulary) RiskCode(code int32) *RiskCode {
	if len(v.RiskCodes) > few {
		return v.risks[code]
	}
	for _, r := range v.RiskCodes {
		if r.Code == code {
			return r
		}
	}
	return nil
}

// Status is one status of a vocabulary.
type Status struct {
	Name    string
	Aliases []string // newer or older spellings
	Meaning string
	Action  string // what the provider recommends, in our words; "" if nothing
	Mask    uint64 // one bit, its place in Code.Statuses
	Hash    uint32 // StatusHash of the vocabulary and its name

	Steps []Step // what may follow it
	// OverdueAfter is how long the next word about a verification may take after this status; 0: no limit is known.
	OverdueAfter time.Duration
	OverdueBasis string // who says so; "" without a limit

	Rule *Rule // what it says; nil if the risk code decides
	// The rest is for a status whose result is in the risk code (Rule is nil).
	ByRisk      map[int32]*Rule
	RiskMissing *Rule
	RiskUnknown *Rule
}

// RuleWith finds what the status says with a risk code, or without one.
func (s *Status) RuleWith(risk int32, hasRisk bool) *Rule {
	if s.Rule != nil {
		return s.Rule
	}
	if !hasRisk {
		return s.RiskMissing
	}
	if rule := s.ByRisk[risk]; rule != nil {
		return rule
	}
	return s.RiskUnknown
}

// Rule is what a status, or a status with a risk code, says.
type Rule struct {
	Outcome         Outcome
	OutcomeBasis    string
	Final           bool
	FinalOnNewCase  bool // final also when a code asks for a new verification
	Ended           bool // the provider's work on the attempt is over; true where Final is
	ReportAvailable bool
	Expects         uint64        // mask of Code.Explains; without a NEGATIVE code of it, the anomaly reason_missing
	Retry           [3]Retry      // by Integration
	Billing         []BillingRule // those that can match here, in order; each event meets one of them
	FirstDate       int64         // the first moment at which one of these begins or ends, as Billed.At; 0: none does
}

// Retry is advice on trying again.
type Retry struct {
	Advice  Advice
	Scope   Scope
	Actions ActionSet
	Fields  FieldSet // what the actions correct, by the provider's own names
	Basis   string
	Origin  Origin // of the basis

	ExpiresAfter time.Duration // how long after the event the actions can be done; 0: no limit known
	ExpiryBasis  string        // who says so; "" without a limit
}

// TriesAgain says whether the advice is to try again, so that codes can make it one with changes and widen its scope.
func (r *Retry) TriesAgain() bool {
	return r.Advice == AdviceRetry || r.Advice == AdviceRetryWithChanges
}

// TakesActions says whether there is something left to do for the person or the client after this advice, which codes
// can then add to.
func (r *Retry) TakesActions() bool {
	switch r.Advice {
	case AdviceWait, AdviceContinue, AdviceConditional, AdviceOptional:
		return true
	default:
		return r.TriesAgain()
	}
}

// FieldSet is a set of field names; bit n stands for Vocabulary.Fields[n].
type FieldSet uint64

// RiskCode is one risk code of a vocabulary.
type RiskCode struct {
	Code  int32
	Label string // the provider's own score name
	Level RiskLevel
}

// Code is one code of a vocabulary, or one that it does not list (Known is false).
type Code struct {
	Text   string // "1301"; for an unlisted one that cannot be read, as the provider spelt it
	Number int64  // NumberUnreadable if there is none
	Known  bool

	Series      string // the provider's own grouping; "" if none is known
	Category    Category
	Effect      Effect
	NoRetry     bool // the provider says that the client can't retry
	Blocks      bool // must never be part of an approval
	RiskBearing bool
	Disclosable bool
	Refusal     bool      // the person refused: beside it no code adds an action
	AsksReview  bool      // an approval with it is a REVIEW: a person should look
	Signature   Signature // what it says of the signature; UNSPECIFIED: nothing
	Explains    uint64    // bits of what it may be the cause of, see Rule.Expects
	Rank        uint8     // order of importance, the lowest is the primary reason

	Statuses  uint64  // mask of the statuses it may accompany; 0 for an unlisted one outside of all ranges
	RiskCodes []int32 // those it may accompany; empty: any or none

	Meaning string // in our words
	Action  string // the provider's own advice, in our words
	Basis   string // of the advice that it brings, and of the review that it asks for
	Origin  Origin // of the basis; UNSPECIFIED for an unlisted one

	// Actions and Fields join a status's advice to try again, to go on or to wait: RETRY, RETRY_WITH_CHANGES, CONTINUE,
	// WAIT, CONDITIONAL and OPTIONAL.
	Actions ActionSet
	Fields  FieldSet
	Scope   Scope // joins an advice to try again; UNSPECIFIED if it names none
	// Advice is the code's own, by Integration, for an identity that is APPROVED or in REVIEW (a signature code); nil
	// if it has none. Out of its place its actions and fields join like those above.
	Advice *[3]Retry
}

// AppendFields appends the names of a set of fields, sorted.
func (v *Vocabulary) AppendFields(names []string, set FieldSet) []string {
	for ; set != 0; set &= set - 1 {
		names = append(names, v.Fields[bits.TrailingZeros64(uint64(set))])
	}
	return names
}

// Range says how to treat the codes from From to To that the vocabulary does not list.
type Range struct {
	From, To    int64 // inclusive
	Statuses    uint64
	RiskCodes   []int32
	Series      string // "" if the page names none
	Category    Category
	Effect      Effect
	NoRetry     bool
	Blocks      bool
	Disclosable bool
	Signature   Signature
	Explains    uint64
	Reason      string // why, in our words
	Basis       string
}

// RiskBearing says whether an unlisted code of the range makes a risk event.
func (g *Range) RiskBearing() bool { return g.Blocks || bearsRisk(g.Category) }
