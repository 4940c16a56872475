package cases

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"verdict/rules"
	"verdict/rules/wording"
)

// Suite is the cases of one directory of rules.
type Suite struct {
	Dir   string // "": that of the built-in catalog
	Cases []*rules.Case
	// Others says that the rules under test lie over this suite's: a case whose answer they change is no failure.
	Others bool
	// Beside decides by the rules that the cases lie beside, where Others is set: what does not pass there is no change
	// of the rules under test. nil: all pass there.
	Beside *Decider
	// Unread are directories beside the rules whose names look as if they were meant to have cases.
	Unread []string
}

// Where says whose cases they are, for a sentence.
func (s *Suite) Where() string {
	if s.Dir == "" {
		return "of the built-in catalog"
	}
	return "in " + s.Dir
}

// Verdict is what an answer means for whoever asked.
type Verdict uint8

// Verdicts.
const (
	Passed   Verdict = iota
	Failed           // it differs
	Todo             // it differs, and is known to
	Finished         // it is marked as to do, and passes
	Changed          // it differs, and is that of rules that others lie over, by which alone it passes
)

// Result is an answer of a suite's.
type Result struct {
	Answer
	Suite   *Suite
	Verdict Verdict
}

// file is the case's, for a person.
func (r *Result) file() string {
	if r.Suite.Dir == "" {
		return "built-in " + r.Case.File
	}
	return filepath.Join(r.Suite.Dir, filepath.FromSlash(r.Case.File))
}

// Report is what came of suites.
type Report struct {
	Suites  []*Suite
	Results []Result // in the order of the suites, and of their cases
	Unnamed []Unnamed
}

// Test runs all cases of the suites on the rules under test, and on those that they lie beside.
func Test(under *Decider, suites []*Suite) (*Report, error) {
	report, seen := &Report{Suites: suites}, NewCoverage()
	for _, s := range suites {
		answers, err := under.run(s.Cases, seen)
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			report.Results = append(report.Results, Result{a, s, a.verdict(s.Others)})
		}
		if s.Beside == nil {
			continue
		}
		beside, err := s.Beside.run(s.Cases, NewCoverage())
		if err != nil {
			return nil, err
		}
		results := report.Results[len(report.Results)-len(beside):]
		for i, a := range beside {
			if v := a.verdict(false); v != Passed {
				results[i] = Result{a, s, v}
			}
		}
	}
	report.Unnamed = seen.Unnamed(under.Catalog)
	return report, nil
}

// verdict is that of an answer of the rules that its case lies beside, or of others over them.
func (a *Answer) verdict(others bool) Verdict {
	differs, todo := len(a.Differences) > 0, a.Case.Todo != ""
	switch {
	case differs && todo:
		return Todo
	case differs && others:
		return Changed
	case differs:
		return Failed
	case todo && !others:
		return Finished
	}
	return Passed
}

// Count is how many cases of a suite have one of these verdicts; a nil suite is all of them.
func (r *Report) Count(s *Suite, verdicts ...Verdict) (n int) {
	for i := range r.Results {
		for _, v := range verdicts {
			if r.Results[i].Verdict == v && (s == nil || r.Results[i].Suite == s) {
				n++
			}
		}
	}
	return n
}

// Failures is how many cases are to be mended, they or the rules.
func (r *Report) Failures() int { return r.Count(nil, Failed, Finished) }

// maxNamed is how many cases are named where a log has room for one text.
const maxNamed = 20

// Err is nil if the rules may be used: no case fails. Otherwise it names the cases and the fields that differ, without
// their values, as it goes to a log, and a case may have been made of an event that came.
func (r *Report) Err() error {
	failed := r.named(Failed, (*Result).fields)
	if failed == nil {
		return nil
	}
	return fmt.Errorf("%s failed, `verdict test` with the same settings shows their values:\n%s",
		wording.Count(r.Count(nil, Failed), "case"), strings.Join(failed, "\n"))
}

// Finished names the cases that are marked as to do and pass. They are no reason not to use the rules.
func (r *Report) Finished() []string { return r.named(Finished, nil) }

// named are the first cases with a verdict, by file, line and name, each with what there is to say of it.
func (r *Report) named(verdict Verdict, say func(*Result) string) (names []string) {
	for i := range r.Results {
		one := &r.Results[i]
		if one.Verdict != verdict {
			continue
		}
		if len(names) == maxNamed {
			return append(names, fmt.Sprintf("and %d more", r.Count(nil, verdict)-maxNamed))
		}
		name := fmt.Sprintf("%s:%d: %s", one.file(), one.Case.Line, one.Case.Name)
		if say != nil {
			name += ": " + say(one)
		}
		names = append(names, name)
	}
	return names
}

// fields names what differs.
func (r *Result) fields() string {
	paths := make([]string, len(r.Differences))
	for i := range r.Differences {
		paths[i] = r.Differences[i].Path
	}
	return strings.Join(slices.Compact(paths), ", ")
}
