package cases

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The elements of a JUnit report, as CI systems read it: a suite for each file of cases, and no times, so that the same
// rules give the same file.
type (
	junitReport struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Errors   int           `xml:"errors,attr"`
		Skipped  int           `xml:"skipped,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitFailure `xml:"failure"`
		Error   *junitFailure `xml:"error"`
		Skipped *junitSkipped `xml:"skipped"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// WriteJUnit writes all results. A case to do is skipped; one that is changed passes, with what has changed as its
// output.
func (r *Report) WriteJUnit(to io.Writer) error {
	report := junitReport{Tests: len(r.Results), Failures: r.Failures(), Skipped: r.Count(nil, Todo)}
	var suite *junitSuite
	for i := range r.Results {
		one := &r.Results[i]
		if suite == nil || suite.Name != one.file() {
			suite = &junitSuite{Name: one.file()}
			report.Suites = append(report.Suites, suite)
		}
		suite.add(one)
	}
	return report.write(to)
}

// WriteJUnitError writes that nothing was run, and why: whoever reads the file must not take an older one for the
// result.
func WriteJUnitError(to io.Writer, problem error) error {
	text := problem.Error()
	first, _, _ := strings.Cut(text, "\n")
	failed := junitCase{Name: "rules and cases can be read", Class: "verdict test",
		Error: &junitFailure{Message: first, Text: "\n" + text + "\n"}}
	suite := &junitSuite{Name: failed.Class, Tests: 1, Errors: 1, Cases: []junitCase{failed}}
	return (&junitReport{Tests: 1, Errors: 1, Suites: []*junitSuite{suite}}).write(to)
}

func (r *junitReport) write(to io.Writer) error {
	if _, err := io.WriteString(to, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(to)
	encoder.Indent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return err
	}
	_, err := io.WriteString(to, "\n")
	return err
}

func (s *junitSuite) add(r *Result) {
	c := junitCase{Name: r.Case.Name, Class: s.Name, File: s.Name, Line: r.Case.Line}
	s.Tests++
	switch r.Verdict {
	case Passed:
	case Failed, Finished:
		s.Failures++
		c.Failure = &junitFailure{Message: r.message(), Text: "\n" + r.explained()}
	case Todo:
		s.Skipped++
		c.Skipped = &junitSkipped{"to do: " + r.Case.Todo}
	case Changed:
		c.Output = "changed:\n" + r.explained()
	}
	s.Cases = append(s.Cases, c)
}

// message is what a failure is in one line.
func (r *Result) message() string {
	if r.Verdict == Finished {
		return "it passes, though it is marked as to do"
	}
	d := r.Differences[0]
	text := fmt.Sprintf("%s: wanted %s, got %s", d.Path, d.Wanted, d.Got)
	if more := len(r.Differences) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}
