package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxStatuses is how many statuses fit into a mask: one bit each.
const maxStatuses = 64

func (r *vocabularyReader) statuses(f *fields) {
	if f.need("statuses") == nil {
		return
	}
	rows := f.list("statuses")
	if len(rows) > maxStatuses {
		r.report(rows[maxStatuses], "a vocabulary has at most %d statuses, this one has %d; split it",
			maxStatuses, len(rows))
	}
	for i, n := range rows {
		if s := r.status(n, i); s != nil {
			r.v.Statuses = append(r.v.Statuses, s)
		}
	}
	r.unmappedRiskCodes()
}

func (r *vocabularyReader) status(n *yaml.Node, index int) *Status {
	kind, byRisk := statusKeys, hasKey(n, byRiskKey.name)
	if byRisk {
		kind = statusByRiskKeys
	}
	f, ok := r.fields(n, kind)
	if !ok {
		return nil
	}
	s := &Status{
		Name: f.text("name"), Meaning: f.text("meaning"), Action: f.optionalText("action"),
		Mask: 1 << index,
	}
	if s.Name != "" {
		r.spelling(s.Name, f.values["name"], s)
	}
	for _, n := range f.textNodes("aliases") {
		s.Aliases = append(s.Aliases, n.Value)
		r.spelling(n.Value, n, s)
	}
	r.hash(s, f.values["name"])
	path := r.v.Name + "/status/" + s.Name
	if byRisk {
		r.byRisk(f.values["by_risk"], s, path)
	} else {
		s.Rule = r.rule(f, path)
		r.agrees(f, s.Rule)
		r.places = append(r.places, place{status: s, rule: s.Rule, expected: f.values["code_expected"]})
	}
	r.staysInconclusive(s)
	r.overdue(f, s, path)
	return s
}

// hash gives the status the number that it is remembered by, which no other of the catalog may have.
func (r *vocabularyReader) hash(s *Status, n *yaml.Node) {
	if r.v.Name == "" || s.Name == "" {
		return
	}
	s.Hash = StatusHash(r.v.Name, s.Name)
	name := r.v.Name + "/" + s.Name
	switch other, taken := r.hashes[s.Hash]; {
	case !taken:
		r.hashes[s.Hash] = name
	case other != name:
		r.report(n, "status %s cannot be told from status %s, as both names have the same hash; "+
			"give a vocabulary of the two another name", quoted(name), quoted(other))
	}
}

// overdue reads how long the next word may take after the status.
func (r *vocabularyReader) overdue(f *fields, s *Status, path string) {
	n := f.values["overdue_after"]
	if n == nil {
		return
	}
	o, ok := r.fields(n, overdueKeys)
	if !ok {
		return
	}
	s.OverdueBasis = o.basis(enum[Origin](o, "origin", originNames), path+"/overdue_after")
	s.OverdueAfter = r.after(o)
	if can := r.answersOf(s); can.beFinalByRule && !can.stayOpen {
		r.inOverlay(removesNothing).report(n,
			"each answer of status %s is final, so nothing is overdue after it; remove overdue_after", quoted(s.Name))
	}
}

func hasKey(n *yaml.Node, key string) bool { return valueOf(n, key) != nil }

// valueOf finds the value of a key in a mapping, the first if there are several; nil if it has none.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// spelling registers a name or alias of a status.
func (r *vocabularyReader) spelling(text string, n *yaml.Node, s *Status) {
	if strings.TrimSpace(text) != text {
		r.report(n, "status %s has white space around it, which no event keeps; remove it", quoted(text))
	}
	if other := r.v.statuses[text]; other != nil {
		r.report(n, "status %s is there already, as a name or alias of %s%s; keep one",
			quoted(text), quoted(other.Name), r.elsewhere(n, r.spellings[text]))
		return
	}
	r.v.statuses[text] = s
	r.spellings[text] = n
}

// byRisk reads the rules of a status whose result is in the risk code. What holds without one, and with one that nobody
// knows yet, must be said too.
func (r *vocabularyReader) byRisk(n *yaml.Node, s *Status, path string) {
	s.ByRisk = map[int32]*Rule{}
	if n.Kind != yaml.MappingNode {
		r.report(n, "by_risk is %s; write a mapping from each risk code, missing and unknown to a rule", kindOf(n))
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		r.riskRule(n.Content[i], n.Content[i+1], s, path)
	}
	for _, key := range []string{"missing", "unknown"} {
		if !hasKey(n, key) {
			r.report(n, "by_risk needs the key %s: what the status means with a risk code that is %s", key, key)
		}
	}
}

func (r *vocabularyReader) riskRule(key, value *yaml.Node, s *Status, path string) {
	f, ok := r.fields(value, riskRuleKeys)
	if !ok {
		return
	}
	rule := r.rule(f, path+"/risk/"+key.Value)
	at := place{status: s, rule: rule, expected: f.values["code_expected"]}
	var twice bool
	switch key.Value {
	case "missing":
		twice, s.RiskMissing = s.RiskMissing != nil, rule
		r.withoutRisk(f, rule)
	case "unknown":
		twice, s.RiskUnknown = s.RiskUnknown != nil, rule
		r.withoutRisk(f, rule)
	default:
		code, ok := r.number(key, "a key of by_risk, if not missing or unknown,", math.MaxInt32)
		if !ok {
			return
		}
		at.risk, at.hasRisk = int32(code), true
		if r.v.risks[at.risk] == nil {
			r.report(key, "the vocabulary has no risk code %d%s", code, r.riskCodesToWrite())
		}
		twice, s.ByRisk[at.risk] = s.ByRisk[at.risk] != nil, rule
		r.agrees(f, rule)
	}
	if twice {
		r.report(key, "by_risk has the key %s twice; keep one", key.Value)
	}
	r.places = append(r.places, at)
}

// withoutRisk holds that where the risk code is missing or unknown, nobody is approved and nothing is final.
func (r *vocabularyReader) withoutRisk(f *fields, rule *Rule) {
	if rule.Outcome == OutcomeApproved {
		r.report(f.values["outcome"], "without a known risk code nothing is APPROVED; write REVIEW")
	} else {
		r.agrees(f, rule)
	}
	if rule.Final || rule.FinalOnNewCase {
		r.report(f.values["final"], "without a known risk code nothing is final; write false")
	}
}

// unmappedRiskCodes reports the risk codes that are listed and that no status says the meaning of.
func (r *vocabularyReader) unmappedRiskCodes() {
	for _, risk := range r.v.RiskCodes {
		if !slices.ContainsFunc(r.v.Statuses, func(s *Status) bool { return s.ByRisk[risk.Code] != nil }) {
			r.report(r.riskNodes[risk.Code], "no status says what risk code %d means; add it to by_risk of a status",
				risk.Code)
		}
	}
}

// rule reads what a status, or a status with a risk code, says.
func (r *vocabularyReader) rule(f *fields, path string) *Rule {
	rule := &Rule{
		Outcome:         enum[Outcome](f, "outcome", outcomeNames[:OutcomeUnrecognized]),
		ReportAvailable: f.flag("report_available"),
		Expects:         r.expects(f),
	}
	r.outcomes[rule] = f.values["outcome"]
	rule.OutcomeBasis = f.basis(enum[Origin](f, "origin", originNames), path)
	r.final(f, rule)
	r.ended(f, rule)
	if rule.Expects != 0 && (rule.Outcome == OutcomeApproved || rule.Outcome == OutcomePending) {
		r.inOverlay(removesNothing).report(f.values["code_expected"],
			"outcome %s needs no code that explains it; remove code_expected", rule.Outcome)
	}
	if n := f.need("retry"); n != nil {
		rule.Retry = r.retries(n, path)
	}
	if rule.FinalOnNewCase && slices.ContainsFunc(rule.Retry[:], func(t Retry) bool { return !t.TriesAgain() }) {
		r.report(f.values["final"],
			"on_new_case goes with retry.advice RETRY, where codes may ask for a new case; write true or false")
	}
	return rule
}

func (r *vocabularyReader) final(f *fields, rule *Rule) {
	n := f.need("final")
	switch {
	case n == nil:
		return
	case n.Kind == yaml.ScalarNode && n.Value == strconv.FormatBool(true):
		rule.Final = true
	case n.Kind == yaml.ScalarNode && n.Value == strconv.FormatBool(false):
	case n.Kind == yaml.ScalarNode && n.Value == "on_new_case":
		rule.FinalOnNewCase = true
	default:
		r.report(n, "final is %s; write true, false or on_new_case", kindOf(n))
	}
	if rule.Outcome == OutcomePending && (rule.Final || rule.FinalOnNewCase) {
		r.inOverlay("beside this, write final: false").report(n, "outcome PENDING is not final; write false")
	}
}

// ended reads whether the provider's work is over: what billing goes by. Unless a rule says otherwise, it is over where
// its answer is final.
func (r *vocabularyReader) ended(f *fields, rule *Rule) {
	n := f.values["ended"]
	if n == nil {
		rule.Ended = rule.Final
		return
	}
	rule.Ended = f.flag("ended")
	switch {
	case rule.Final && n.Value == strconv.FormatBool(false):
		r.inOverlay("beside this, write ended: true").report(n, "what is final has ended; write true, or final: false")
	case rule.Ended && rule.Outcome == OutcomePending:
		r.inOverlay("beside this, write ended: false").report(n, "outcome PENDING has not ended; write false")
	}
}

// statusRefs reads an optional list of statuses that the vocabulary has.
func (r *vocabularyReader) statusRefs(f *fields, key string) []*Status {
	var found []*Status
	for _, n := range f.list(key) {
		text := r.text(n, "an entry of "+key)
		if text == "" {
			continue
		}
		s := r.v.statuses[text]
		switch {
		case s == nil:
			names := r.statusNames()
			r.report(n, "the vocabulary has no status %s%s; write one of: %s",
				quoted(text), suggestion(text, names), listed(names))
		case s.Name != text:
			r.report(n, "%s is another spelling of a status; write %s", quoted(text), s.Name)
		case slices.Contains(found, s):
			r.report(n, "%s has %s twice; keep one", key, quoted(text))
		default:
			found = append(found, s)
		}
	}
	return found
}

func (r *vocabularyReader) statusNames() []string {
	var names []string
	for _, s := range r.v.Statuses {
		if r.v.statuses[s.Name] == s {
			names = append(names, s.Name)
		}
	}
	return names
}

func maskOf(statuses []*Status) uint64 {
	var mask uint64
	for _, s := range statuses {
		mask |= s.Mask
	}
	return mask
}
