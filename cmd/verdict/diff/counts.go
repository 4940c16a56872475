package diff

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/rules"
)

// Bounds of what is kept, so that no traffic makes a report of any length.
const (
	mostKinds    = 5_000
	mostExamples = 3
)

// kind is one way in which decisions differ.
type kind struct {
	vocabulary         string
	part               int // of show.Parts; partReason: a reason
	code               string
	old, new           string
	oldBasis, newBasis string
}

const partReason = -1

// found is how often something was found, and where first.
type found struct {
	count    int
	examples []show.DiffExample
}

// add counts a record; lines says that it is a line of a file.
func (f *found) add(r *processor.Record, d *processor.Decision, lines bool) {
	f.count++
	if len(f.examples) < mostExamples {
		f.examples = append(f.examples, exampleOf(r, d, lines))
	}
}

func exampleOf(r *processor.Record, d *processor.Decision, lines bool) show.DiffExample {
	e := show.DiffExample{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Line: lines}
	if d != nil && d.ID != (processor.ID{}) { // of what is published it is not kept
		e.DecisionID = d.ID.String()
	}
	return e
}

type statusKey struct{ vocabulary, status, risk string }

type codeKey struct{ vocabulary, code string }

type becameKey struct{ old, new string }

// counts are what the comparison has found so far.
type counts struct {
	old, new *pipeline.Rules // old is nil where the old side is what is published
	lines    bool            // records are lines of a file

	events, compared, differ, basisAlone, leftOut int

	fields       map[string]int
	vocabularies map[string]int
	statuses     map[statusKey]int
	codes        map[codeKey]int
	kinds        map[kind]*found
	became       map[becameKey]*found
	neither      map[string]int // events that no side decides, by what they are on both

	changed []string // of the decision at hand: the names of its fields that differ
	reasons []show.ReasonPair
}

func newCounts(old, now *pipeline.Rules) *counts {
	return &counts{old: old, new: now, fields: map[string]int{}, vocabularies: map[string]int{},
		statuses: map[statusKey]int{}, codes: map[codeKey]int{}, kinds: map[kind]*found{},
		became: map[becameKey]*found{}, neither: map[string]int{}}
}

// compare counts two decisions about one record, field by field. With cut, the sides do not know the same events before
// it.
func (c *counts) compare(r *processor.Record, was, is *said, cut bool) {
	c.compared++
	c.changed = c.changed[:0]
	for i := range show.Parts {
		c.comparePart(i, r, was.decision, is.decision, cut)
	}
	for i := range show.OwnFields {
		if f := &show.OwnFields[i]; !(cut && f.Past) && !sameOwn(i, was, is) {
			c.note(f.Name)
		}
	}
	c.compareReasons(r, was.decision, is.decision)
	if len(c.changed) > 0 {
		c.count(was.decision, is.decision)
	}
}

func sameOwn(i int, was, is *said) bool {
	f := &show.OwnFields[i]
	if was.own != nil {
		return was.own[i] == f.Hash(is.decision)
	}
	return f.Same(was.decision, is.decision)
}

func (c *counts) note(name string) {
	if !slices.Contains(c.changed, name) {
		c.changed = append(c.changed, name)
	}
}

func (c *counts) comparePart(i int, r *processor.Record, was, is *processor.Decision, cut bool) {
	p, differs := &show.Parts[i], false
	for j := range p.Fields {
		if f := &p.Fields[j]; !(cut && f.Past) && !f.Same(was, is) {
			differs = true
			c.note(f.Name)
		}
	}
	if !differs {
		return
	}
	k := kind{vocabulary: c.vocabularyOf(was, is), part: i, old: p.Text(was), new: p.Text(is)}
	if p.Basis != nil {
		k.oldBasis, k.newBasis = p.Basis(was), p.Basis(is)
	}
	c.addKind(&k, r, is)
}

func (c *counts) compareReasons(r *processor.Record, was, is *processor.Decision) {
	c.reasons = show.ReasonPairs(c.reasons[:0], was, is)
	for i := range c.reasons {
		pair := &c.reasons[i]
		if pair.Old == nil || pair.New == nil {
			c.note("reasons")
		} else {
			for _, f := range show.ReasonFields {
				if !f.Same(pair.Old, pair.New) {
					c.note(f.Name)
				}
			}
		}
		c.addKind(&kind{vocabulary: c.vocabularyOf(was, is), part: partReason, code: show.CodeText(pair.Code()),
			old: show.ReasonText(pair.Old), new: show.ReasonText(pair.New),
			oldBasis: codeBasis(c.old, was, pair.Old), newBasis: codeBasis(c.new, is, pair.New)}, r, is)
	}
}

// codeBasis is the basis of what is said of a code: of its row, or of the range that it is in.
func codeBasis(r *pipeline.Rules, d *processor.Decision, reason *processor.Reason) string {
	if r == nil || reason == nil {
		return ""
	}
	v := r.Catalog.Vocabulary(d.Provider, d.Product)
	if v == nil {
		return ""
	}
	var unlisted rules.Code
	code := v.Code(reason.Code, &unlisted)
	if code.Known {
		return code.Basis
	}
	if g := v.RangeOf(code); g != nil {
		return g.Basis
	}
	return ""
}

func (c *counts) addKind(k *kind, r *processor.Record, d *processor.Decision) {
	f := c.kinds[*k]
	if f == nil {
		if len(c.kinds) >= mostKinds {
			c.leftOut++
			return
		}
		f = &found{}
		c.kinds[k.clone()] = f
	}
	f.add(r, d, c.lines)
}

// clone is the kind in memory of its own: codes may be texts of a record.
func (k *kind) clone() kind {
	own := *k
	own.code, own.old, own.new = strings.Clone(k.code), strings.Clone(k.old), strings.Clone(k.new)
	return own
}

// count counts a decision that differs.
func (c *counts) count(was, is *processor.Decision) {
	c.differ++
	alone := true
	for _, name := range c.changed {
		c.fields[name]++
		alone = alone && strings.HasSuffix(name, "basis")
	}
	if alone {
		c.basisAlone++
	}
	vocabulary := c.vocabularyOf(was, is)
	c.vocabularies[vocabulary]++
	c.statuses[c.statusOf(vocabulary, is)]++
	for i := range is.Reasons {
		c.addCode(vocabulary, is.Reasons[i].Code)
	}
	for i := range was.Reasons {
		if code := was.Reasons[i].Code; show.ReasonOf(is, i, code) == nil {
			c.addCode(vocabulary, code)
		}
	}
}

func (c *counts) addCode(vocabulary, code string) {
	key := codeKey{vocabulary, show.CodeText(code)}
	if _, known := c.codes[key]; !known {
		key.code = strings.Clone(key.code)
	}
	c.codes[key]++
}

func (c *counts) vocabularyOf(was, is *processor.Decision) string {
	if is.Vocabulary != "" {
		return is.Vocabulary
	}
	return was.Vocabulary
}

const notListed = "not listed"

// statusOf is the status of a decision by the name that the new catalog has for it.
func (c *counts) statusOf(vocabulary string, d *processor.Decision) statusKey {
	key := statusKey{vocabulary: vocabulary, status: notListed}
	v := c.new.Catalog.Vocabulary(d.Provider, d.Product)
	if v == nil {
		return key
	}
	if s := v.Status(d.ProviderStatus); s != nil {
		key.status = s.Name
	}
	if d.HasRisk {
		key.risk = notListed
		if known := v.RiskCode(d.Risk.Code); known != nil {
			key.risk = strconv.Itoa(int(known.Code))
		}
	}
	return key
}

// became counts an event of which the sides make something else than two decisions.
func (c *counts) addBecame(r *processor.Record, was, is *said) {
	key := becameKey{was.becomes(), is.becomes()}
	f := c.became[key]
	if f == nil {
		f = &found{}
		c.became[key] = f
	}
	d := is.decision
	if d == nil {
		d = was.decision
	}
	f.add(r, d, c.lines)
}

// fill writes the counts into a report, the largest first.
func (c *counts) fill(report *show.Diff) {
	report.Events, report.Compared, report.Differ = c.events, c.compared, c.differ
	report.BasisAlone, report.RulesLeftOut = c.basisAlone, c.leftOut
	report.Fields, report.Vocabularies = sorted(c.fields), sorted(c.vocabularies)
	report.Neither = sorted(c.neither)
	report.Statuses, report.Codes = []show.DiffStatus{}, []show.DiffCode{}
	for key, n := range c.statuses {
		report.Statuses = append(report.Statuses, show.DiffStatus{Vocabulary: key.vocabulary, Status: key.status,
			RiskCode: key.risk, Count: n})
	}
	slices.SortFunc(report.Statuses, func(a, b show.DiffStatus) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Vocabulary, b.Vocabulary), cmp.Compare(a.Status, b.Status),
			cmp.Compare(a.RiskCode, b.RiskCode))
	})
	for key, n := range c.codes {
		report.Codes = append(report.Codes, show.DiffCode{Vocabulary: key.vocabulary, Code: key.code, Count: n})
	}
	slices.SortFunc(report.Codes, func(a, b show.DiffCode) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Vocabulary, b.Vocabulary), cmp.Compare(len(a.Code), len(b.Code)),
			cmp.Compare(a.Code, b.Code))
	})
	report.Rules = c.rules()
	report.Became = []show.DiffBecame{}
	for key, f := range c.became {
		report.Became = append(report.Became, show.DiffBecame{Old: key.old, New: key.new, Count: f.count,
			Examples: f.examples})
		if key.old == decision || key.new == decision {
			report.OneSided += f.count
		}
	}
	slices.SortFunc(report.Became, func(a, b show.DiffBecame) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New))
	})
}

func (c *counts) rules() []show.DiffRule {
	list := []show.DiffRule{}
	for k, f := range c.kinds {
		rule := show.DiffRule{Vocabulary: k.vocabulary, Part: "reason", Code: k.code, Count: f.count,
			Examples: f.examples,
			Old:      show.DiffValue{Value: k.old, Basis: k.oldBasis, Place: placeOf(c.old, k.oldBasis)},
			New:      show.DiffValue{Value: k.new, Basis: k.newBasis, Place: placeOf(c.new, k.newBasis)}}
		if k.part != partReason {
			rule.Part = show.Parts[k.part].Name
		}
		list = append(list, rule)
	}
	slices.SortFunc(list, func(a, b show.DiffRule) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Vocabulary, b.Vocabulary), cmp.Compare(a.Part, b.Part),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Old.Value+a.Old.Basis, b.Old.Value+b.Old.Basis),
			cmp.Compare(a.New.Value+a.New.Basis, b.New.Value+b.New.Basis))
	})
	return list
}

// placeOf is where a rule stands; "" for what no file of a catalog states.
func placeOf(r *pipeline.Rules, basis string) string {
	if r == nil {
		return ""
	}
	file, line := r.Where(basis)
	if file == "" {
		return ""
	}
	return file + ":" + strconv.Itoa(line)
}

func sorted(counted map[string]int) []show.DiffCount {
	list := []show.DiffCount{}
	for _, name := range slices.Sorted(maps.Keys(counted)) {
		list = append(list, show.DiffCount{Name: name, Count: counted[name]})
	}
	slices.SortStableFunc(list, func(a, b show.DiffCount) int { return b.Count - a.Count })
	return list
}
