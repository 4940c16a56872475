package show

// Diff is what a change of rules changes, as counts. No value of an event is in it: only what catalogs name, numbers of
// codes, coordinates and ids of decisions.
type Diff struct {
	Outcome       DiffOutcome       `json:"result"`
	Made          string            `json:"made"` // when
	Program       string            `json:"program"`
	New           DiffSide          `json:"new"`
	Old           DiffSide          `json:"old"`
	Input         DiffInput         `json:"input"`
	Events        int               `json:"events"`
	Compared      int               `json:"decisions_compared"`
	Differ        int               `json:"decisions_that_differ"`
	BasisAlone    int               `json:"differ_in_a_basis_alone"` // of those
	OneSided      int               `json:"decided_on_one_side"`     // events
	ChargesDiffer int               `json:"charges_that_differ"`
	Fields        []DiffCount       `json:"by_field"`
	Vocabularies  []DiffCount       `json:"by_vocabulary"`
	Statuses      []DiffStatus      `json:"by_status"`
	Codes         []DiffCode        `json:"by_code"`
	Rules         []DiffRule        `json:"by_rule"`
	RulesLeftOut  int               `json:"by_rule_left_out"` // decisions of kinds for which there was no room
	Became        []DiffBecame      `json:"became"`
	Neither       []DiffCount       `json:"decided_by_neither"` // events, by what they are on both sides
	Charges       []DiffCharge      `json:"charges"`
	Verifications DiffVerifications `json:"verifications"`
	Times         DiffTimes         `json:"times"`
	Published     *DiffPublished    `json:"published,omitempty"`
	Catalog       []string          `json:"catalog_changes"` // also what no event has met
}

// Differs says whether anything does: a decision, what becomes of an event, or a charge.
func (d *Diff) Differs() bool { return d.Differ > 0 || len(d.Became) > 0 || len(d.Charges) > 0 }

// NothingCompared says that no event was decided on either side, so that nothing is known of the rules.
func (d *Diff) NothingCompared() bool { return d.Compared == 0 && !d.Differs() }

// DiffOutcome is what a program asks first.
type DiffOutcome string

// Outcomes of a comparison.
const (
	DiffDiffers DiffOutcome = "differs"
	DiffSame    DiffOutcome = "same"
	DiffNothing DiffOutcome = "nothing_compared"
)

// OutcomeNow says which of them the counts make.
func (d *Diff) OutcomeNow() DiffOutcome {
	switch {
	case d.Differs():
		return DiffDiffers
	case d.NothingCompared():
		return DiffNothing
	}
	return DiffSame
}

// DiffSide is one of the two sides.
type DiffSide struct {
	Name string `json:"name"`
	// Versions is one, or of what is published more, with the decisions that each has made.
	Versions []DiffCount `json:"rules_versions"`
	// Lacks is the format of the events, where the side's rules have none of that name; "": they have it.
	Lacks string `json:"lacks_format,omitempty"`
}

// DiffInput is what was read.
type DiffInput struct {
	File  string `json:"file,omitempty"`
	Topic string `json:"topic,omitempty"`
	From  string `json:"from,omitempty"` // "": from the earliest record
	To    string `json:"to,omitempty"`   // "": to the end
	// FoldFrom is from when on events were followed without being compared; "": there was nothing before From.
	FoldFrom string `json:"folded_from,omitempty"`
	Folded   int    `json:"events_folded,omitempty"` // before From
}

// DiffTimes are the times of the events that were compared.
type DiffTimes struct {
	Undated int    `json:"events_without_a_time"`
	Ahead   int    `json:"events_too_far_ahead"` // of their records to be believed, whose time stands in
	DatedBy string `json:"dated_by,omitempty"`   // what those are dated by, for a person
	// LaterRules are the billing rules of the new side that are for events after the last one of their vocabulary: what
	// they change is not in the report.
	LaterRules []DiffLater `json:"billing_rules_from_later"`
}

// DiffLater is a billing rule and from when on it holds.
type DiffLater struct {
	Basis string `json:"basis"`
	From  string `json:"from"`
	Last  string `json:"last,omitempty"`  // of the vocabulary's events; "": there was none
	Place string `json:"place,omitempty"` // file:line
}

// DiffCount counts decisions that have something in common.
type DiffCount struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// DiffStatus counts decisions about one status. "not listed" is any status that no catalog has.
type DiffStatus struct {
	Vocabulary string `json:"vocabulary"`
	Status     string `json:"status"`
	RiskCode   string `json:"risk_code,omitempty"`
	Count      int    `json:"count"`
}

// DiffCode counts decisions in which a code is.
type DiffCode struct {
	Vocabulary string `json:"vocabulary"`
	Code       string `json:"code"`
	Count      int    `json:"count"`
}

// DiffValue is what a rule gives, and where it stands.
type DiffValue struct {
	Value string `json:"value"`
	Basis string `json:"basis,omitempty"`
	Place string `json:"place,omitempty"` // file:line
}

// DiffRule counts decisions in which one thing changes in one way.
type DiffRule struct {
	Vocabulary string        `json:"vocabulary"`
	Part       string        `json:"part"`
	Code       string        `json:"code,omitempty"` // where Part is "reason"
	Old        DiffValue     `json:"old"`
	New        DiffValue     `json:"new"`
	Count      int           `json:"count"`
	Examples   []DiffExample `json:"examples"`
}

// DiffExample is a record in which it is so.
type DiffExample struct {
	Topic      string `json:"topic"` // or the file
	Partition  int32  `json:"partition"`
	Offset     int64  `json:"offset"` // of a file: the line's number minus 1
	Line       bool   `json:"-"`      // it is one of a file
	DecisionID string `json:"decision_id,omitempty"`
}

// DiffBecame counts events that are decided on one side and not on the other, or are dead letters for another reason.
type DiffBecame struct {
	Old      string        `json:"old"`
	New      string        `json:"new"`
	Count    int           `json:"count"`
	Examples []DiffExample `json:"examples"`
}

// DiffCharge counts charges whose flag, after the last event, is another one. Month is that of the last event that gave
// the charge a flag on either side, in UTC. A flag may be NONE: no billing event.
type DiffCharge struct {
	Provider string        `json:"provider"`
	Product  string        `json:"product"`
	Month    string        `json:"month"`
	Old      string        `json:"old"`
	New      string        `json:"new"`
	Effect   string        `json:"effect"`
	Count    int           `json:"count"`
	Examples []DiffExample `json:"examples"`
}

// DiffVerifications counts verifications.
type DiffVerifications struct {
	All int `json:"all"` // in the range and before it, as far as it was read
	// BeganBefore are those of the range of which events before it are known.
	BeganBefore int `json:"began_before_range"`
	// BeganEarlier are those that began even before what was read, as their published decisions tell. What depends on
	// their past is not compared.
	BeganEarlier int `json:"began_before_reading"`
}

// DiffPublished counts what is not to be compared for lack of a published record.
type DiffPublished struct {
	Decisions   int `json:"decisions"`
	DeadLetters int `json:"dead_letters"`
	Unreadable  int `json:"unreadable"`
	Gone        int `json:"gone"`    // events whose outputs retention has taken
	NotYet      int `json:"not_yet"` // events behind the last one published where their decision would be
	Unknown     int `json:"unknown"` // events of verifications that began before what was read
	// ChargesUnknown are charges of which it is not known what flag was published, if any: they began before what was
	// read, or their billing events are not there.
	ChargesUnknown int `json:"charges_unknown"`
}
