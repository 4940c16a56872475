package cases

import (
	"fmt"
	"path/filepath"
	"strings"

	"verdict/processor"
	"verdict/rules"
	"verdict/rules/wording"
)

// Suite is the cases of one directory of rules.
type Suite struct {
	Dir   string // "": that of the built-in catalog
	Cases []*rules.Case
	// Others says that the rules under test lie over this suite's: a case whose answer they change is no failure.
	Others bool
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
	Finished         // it is marked as to do, and passes: a failure, so that the mark goes
	Changed          // it differs, and is that of rules that others lie over
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

// Test runs all cases of the suites on a processor, see Run.
func Test(p *processor.Processor, catalog *rules.Catalog, suites []*Suite) (*Report, error) {
	report, seen := &Report{Suites: suites}, NewCoverage()
	for _, s := range suites {
		answers, err := Run(p, catalog, s.Cases, seen)
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			report.Results = append(report.Results, Result{a, s, s.verdict(&a)})
		}
	}
	report.Unnamed = seen.Unnamed(catalog)
	return report, nil
}

func (s *Suite) verdict(a *Answer) Verdict {
	differs, todo := len(a.Differences) > 0, a.Case.Todo != ""
	switch {
	case differs && todo:
		return Todo
	case differs && s.Others:
		return Changed
	case differs:
		return Failed
	case todo && !s.Others:
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

// Failures is how many cases say that the rules must not be used.
func (r *Report) Failures() int { return r.Count(nil, Failed, Finished) }

// Err is nil if the rules may be used; otherwise it names the cases that fail.
func (r *Report) Err() error {
	failed := r.Failures()
	if failed == 0 {
		return nil
	}
	var b strings.Builder
	for i := range r.Results {
		if one := &r.Results[i]; one.Verdict == Failed || one.Verdict == Finished {
			fmt.Fprintf(&b, "\n%s:%d: %s: %s", one.file(), one.Case.Line, one.Case.Name, one.message())
		}
	}
	return fmt.Errorf("%s failed:%s", wording.Count(failed, "case"), b.String())
}
