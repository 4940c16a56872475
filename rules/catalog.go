// Package rules holds what the providers' statuses and codes mean, as data: the catalog files, their strict loader and
// the compiled form that decisions are made from. It imports nothing of the project.
package rules

// Catalog is a loaded, checked and compiled set of vocabularies. It never changes after loading and may be shared by
// goroutines.
type Catalog struct {
	// Version is "<human version>+<first 6 hex digits of the content's SHA-256>", for example "2026.11.0+3f9a2c".
	Version string

	vocabularies []*Vocabulary // sorted by name
	byProduct    map[product]*Vocabulary
}

type product struct{ provider, product string }

// fewVocabularies is how many are looked through one by one: up to here, that is faster than hashing two texts.
const fewVocabularies = 8

// Vocabulary finds the vocabulary of a provider's product; nil if the catalog has none.
func (c *Catalog) Vocabulary(provider, name string) *Vocabulary {
	if len(c.vocabularies) > fewVocabularies {
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

// Vocabulary is one provider product's statuses, risk codes and codes.
type Vocabulary struct {
	Name, Provider, Product string
	Title                   string
	Sources                 []string // short names or addresses of the pages that state the facts
	CodePrefixes            []string // a code may be spelt with one of these in front, for example "IDVV_"

	Statuses  []*Status   // in file order
	RiskCodes []*RiskCode // by code
	Codes     []*Code     // by number
	Ranges    []*Range    // in file order; they do not overlap
	Billing   []BillingRule

	// Unrecognized is the rule for a status that the vocabulary does not have: outcome UNRECOGNIZED, not final, billing
	// UNDETERMINED, advice UNKNOWN.
	Unrecognized Rule
	// BlockedBasis says why an approval with a blocking code is a REVIEW.
	BlockedBasis string
	// BlockedRetry is AWAIT_REVIEW: the advice where a blocking code comes with a status or risk code that it does not
	// go with.
	BlockedRetry Retry

	statuses map[string]*Status // by name and alias
	risks    map[int32]*RiskCode
	codes    map[string]*Code // by decimal text
}

// Status finds a status by its name or another spelling of it, exactly; nil if there is none.
func (v *Vocabulary) Status(text string) *Status { return v.statuses[text] }

// RiskCode finds a risk code; nil if the vocabulary does not have it.
func (v *Vocabulary) RiskCode(code int32) *RiskCode { return v.risks[code] }

// Status is one status of a vocabulary.
type Status struct {
	Name    string
	Aliases []string // newer or older spellings
	Meaning string
	Mask    uint64 // one bit, its place in Code.Statuses

	Rule *Rule // what it says; nil if the risk code decides
	// The rest is for a status whose result is in the risk code (Rule is nil).
	ByRisk      map[int32]*Rule
	RiskMissing *Rule
	RiskUnknown *Rule
}

// Rule is what a status, or a status with a risk code, says.
type Rule struct {
	Outcome         Outcome
	OutcomeBasis    string
	Final           bool
	FinalOnNewCase  bool // final also when a code asks for a new verification
	ReportAvailable bool
	CodeExpected    bool          // without any code, the anomaly reason_missing
	CodesAdvise     bool          // the codes' actions and scopes shape the retry advice
	Retry           [3]Retry      // by Integration
	Billing         []BillingRule // those that can match here, in order; the last one always does
}

// Retry is advice on trying again.
type Retry struct {
	Advice  Advice
	Scope   Scope
	Actions ActionSet
	Basis   string
}

// BillingRule gives the flag of the events that it matches; the first match counts.
type BillingRule struct {
	Name  string
	Flag  BillingFlag
	Basis string
	// Conditions; an empty one matches all.
	Statuses   []string // status names (not aliases)
	RiskCodes  []int32
	Variants   []string // product_variant
	MinAttempt int32    // 0: no bound
	MaxAttempt int32    // 0: no bound
}

// Matches says whether the rule holds for an event of this variant and attempt. Status and risk code were compared when
// the catalog was compiled.
func (b *BillingRule) Matches(variant string, attempt int32) bool {
	if b.MinAttempt > 0 && attempt < b.MinAttempt || b.MaxAttempt > 0 && attempt > b.MaxAttempt {
		return false
	}
	if len(b.Variants) == 0 {
		return true
	}
	for _, v := range b.Variants {
		if v == variant {
			return true
		}
	}
	return false
}

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

	Series      string // the provider's own grouping; "" if unlisted
	Category    Category
	Effect      Effect
	NoRetry     bool // the provider says that the client can't retry
	Blocks      bool // must never be part of an approval
	RiskBearing bool
	Disclosable bool
	Rank        uint8 // order of importance, the lowest is the primary reason

	Statuses  uint64  // mask of the statuses it may accompany; 0 for an unlisted one outside of all ranges
	RiskCodes []int32 // those it may accompany; empty: any or none

	Meaning string // in our words
	Action  string // the provider's own advice, in our words
	Basis   string // of the advice that it brings

	Actions ActionSet // shape the advice of a status with CodesAdvise; empty if not disclosable
	Scope   Scope     // likewise; UNSPECIFIED if it names none
	// Advice is the code's own, by Integration, for an identity that is APPROVED or in REVIEW (a signature code); nil
	// if it has none.
	Advice *[3]Retry
}

// Range says how to treat the codes from From to To that the vocabulary does not list.
type Range struct {
	From, To  int64 // inclusive
	Statuses  uint64
	RiskCodes []int32
	Blocks    bool
	Reason    string // why, in our words
	Basis     string
}
