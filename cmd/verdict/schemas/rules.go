package schemas

import (
	"fmt"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
)

// safeRules are those by which the registry refuses what present subscribers could not read.
var safeRules = []string{"FULL_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL", "FORWARD"}

const (
	lets = "the registry takes schemas that present subscribers cannot read"
	cure = "set it to FULL_TRANSITIVE, which Verdict's own schemas keep to (docs/kafka.md has the call)"
)

// rule is the level of a subject, and whose it is; "" if it is not known.
func (s *subject) rule() string {
	if s.RuleForAll {
		return s.Rule + " (the registry's for all)"
	}
	return s.Rule
}

func (s *subject) isSafe() bool { return slices.Contains(safeRules, s.Rule) }

// warnOfRules adds to each subject what the text says once for all that share a rule.
func (r *report) warnOfRules() {
	for i := range r.Subjects {
		if s := &r.Subjects[i]; s.Rule != "" && !s.isSafe() {
			s.Warnings = append(s.Warnings, "rule "+s.rule()+": "+lets)
		}
	}
}

// rules tells the levels once for all subjects that share one, and warns of those that let breaks pass.
func (p printer) rules(subjects []subject) {
	var first []*subject // of each level
	by := map[string][]string{}
	for i := range subjects {
		s := &subjects[i]
		if s.Rule == "" {
			continue
		}
		if by[s.rule()] == nil {
			first = append(first, s)
		}
		by[s.rule()] = append(by[s.rule()], s.Subject)
	}
	for _, s := range first {
		named := by[s.rule()]
		of := screen.Either(len(named) == len(subjects), "all", strings.Join(named, ", "))
		if s.isSafe() {
			fmt.Fprintf(p.out, "%-11s  %s of %s\n", "rule", s.rule(), of)
			continue
		}
		warn := p.paint.As(screen.Yellow, fmt.Sprintf("%-11s", "warn"))
		fmt.Fprintf(p.out, "%s  rule %s of %s: %s\n", warn, s.rule(), of, lets)
		p.lines("cure: ", []string{cure})
	}
}
