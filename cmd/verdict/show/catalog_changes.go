package show

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// Changes says in short lines what an operator's catalog decides otherwise than the built-in one; none if nothing. It
// is there to be read before a start: a code or a status that is missing is easy to overlook.
func Changes(own, builtIn *rules.Catalog) []string {
	var lines []string
	for _, b := range builtIn.Vocabularies() {
		o := own.Vocabulary(b.Provider, b.Product)
		if o == nil {
			lines = append(lines, fmt.Sprintf("%s: missing, events of %s %s become dead letters (unknown_vocabulary)",
				b.Name, b.Provider, b.Product))
			continue
		}
		for _, change := range vocabularyChanges(o, b) {
			lines = append(lines, o.Name+": "+change)
		}
	}
	for _, o := range own.Vocabularies() {
		if builtIn.Vocabulary(o.Provider, o.Product) == nil {
			lines = append(lines, fmt.Sprintf("%s: added, for %s %s", o.Name, o.Provider, o.Product))
		}
	}
	return append(lines, envelopeChanges(own, builtIn)...)
}

// ChangesOver is Changes for an overlay over an operator's own catalog.
func ChangesOver(own, base *rules.Catalog) []string {
	lines := Changes(own, base)
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], "(built in: ", "(without the overlay: ")
	}
	return lines
}

func vocabularyChanges(own, builtIn *rules.Vocabulary) []string {
	var lines []string
	if own.AcceptUnlisted != builtIn.AcceptUnlisted {
		lines = append(lines, otherwise([]difference{
			{"unlisted_code_on_approval", unlistedText(own), unlistedText(builtIn)}}))
	}
	for _, b := range builtIn.Statuses {
		lines = append(lines, statusChanges(own, builtIn, b)...)
	}
	lines = append(lines, named("status", "statuses", "added", without(statusNames(own), spellings(builtIn)))...)
	lines = append(lines, flowChanges(own, builtIn)...)
	for _, b := range builtIn.RiskCodes {
		if o := own.RiskCode(b.Code); o != nil && o.Level != b.Level {
			lines = append(lines, fmt.Sprintf("risk code %d: ", b.Code)+otherwise([]difference{
				{"level", o.Level.String(), b.Level.String()}}))
		}
	}
	for _, list := range []struct {
		one, many    string
		ours, theirs []string
	}{
		{"code prefix", "code prefixes", own.CodePrefixes, builtIn.CodePrefixes},
		{"risk code", "risk codes", riskNames(own), riskNames(builtIn)},
		{"series", "series", seriesNames(own), seriesNames(builtIn)},
		{"range", "ranges", rangeNames(own), rangeNames(builtIn)},
		{"code", "codes", codeNames(own), codeNames(builtIn)},
	} {
		lines = append(lines, named(list.one, list.many, "missing", without(list.theirs, list.ours))...)
		lines = append(lines, named(list.one, list.many, "added", without(list.ours, list.theirs))...)
	}
	return append(append(lines, rangeChanges(own, builtIn)...), codeChanges(own, builtIn)...)
}

// statusChanges compares what a built-in status says with what an event that has it gets by the operator's catalog.
func statusChanges(own, builtIn *rules.Vocabulary, b *rules.Status) []string {
	var lines []string
	for _, spelling := range append([]string{b.Name}, b.Aliases...) {
		if own.Status(spelling) == nil {
			lines = append(lines, fmt.Sprintf("status %s missing, its events are UNRECOGNIZED", spelling))
		}
	}
	o := own.Status(b.Name)
	if o == nil {
		return lines
	}
	if change := otherwise([]difference{{"overdue_after", overdueText(o), overdueText(b)}}); change != "" {
		lines = append(lines, "status "+b.Name+": "+change)
	}
	ours, theirs := placesOf(b.Name, o), placesOf(b.Name, b)
	for _, place := range slices.Sorted(maps.Keys(theirs)) {
		if ours[place] == nil {
			lines = append(lines, place+" missing")
		} else if changes := ruleChanges(own, builtIn, o, b, ours[place], theirs[place]); changes != "" {
			lines = append(lines, place+": "+changes)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(ours)) {
		if theirs[place] == nil {
			lines = append(lines, fmt.Sprintf("%s added: %s, billing %s", place, ours[place].Outcome,
				chargeTextOf(ours[place], firstThree)))
		}
	}
	return lines
}

// placesOf names the rules of a status.
func placesOf(name string, s *rules.Status) map[string]*rules.Rule {
	name = "status " + name
	if s.Rule != nil {
		return map[string]*rules.Rule{name: s.Rule}
	}
	places := map[string]*rules.Rule{name + " without a risk code": s.RiskMissing,
		name + " with an unknown risk code": s.RiskUnknown}
	for code, rule := range s.ByRisk {
		places[name+" with risk code "+strconv.Itoa(int(code))] = rule
	}
	return places
}

// difference is one thing that an operator's catalog and the built-in one may say otherwise.
type difference struct{ what, own, builtIn string }

// otherwise names what differs; "" if nothing does.
func otherwise(parts []difference) string {
	var texts []string
	for _, part := range parts {
		if part.own != part.builtIn {
			texts = append(texts, fmt.Sprintf("%s %s (built in: %s)", part.what, part.own, part.builtIn))
		}
	}
	return strings.Join(texts, ", ")
}

// named counts and names what there is; nothing if there is none.
func named(one, many, what string, names []string) []string {
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d %s %s: %s", len(names), screen.Either(len(names) == 1, one, many), what,
		firstOf(names))}
}

// without lists the names that others lack.
func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}

// firstOf names the first few.
func firstOf(names []string) string {
	const most = 8
	if rest := len(names) - most; rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), rest)
	}
	return strings.Join(names, ", ")
}

func statusNames(v *rules.Vocabulary) (names []string) {
	for _, s := range v.Statuses {
		names = append(names, s.Name)
	}
	return names
}

func spellings(v *rules.Vocabulary) (names []string) {
	for _, s := range v.Statuses {
		names = append(append(names, s.Name), s.Aliases...)
	}
	return names
}

func seriesNames(v *rules.Vocabulary) (names []string) {
	for _, s := range v.Series {
		names = append(names, s.Name)
	}
	return names
}

func riskNames(v *rules.Vocabulary) (names []string) {
	for _, r := range v.RiskCodes {
		names = append(names, strconv.Itoa(int(r.Code)))
	}
	return names
}

func rangeNames(v *rules.Vocabulary) (names []string) {
	for _, r := range v.Ranges {
		names = append(names, rangeText(r))
	}
	return names
}

func codeNames(v *rules.Vocabulary) (names []string) {
	for _, c := range v.Codes {
		names = append(names, c.Text)
	}
	return names
}

func unlistedText(v *rules.Vocabulary) string {
	return screen.Either(v.AcceptUnlisted, "accept", "review")
}
