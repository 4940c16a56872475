package cases

import (
	"encoding/xml"
	"fmt"
	"io"
)

// The elements of a JUnit report, as CI systems read it: a suite for each file of cases, and no times, so that the same
// rules give the same file.
type (
	junitReport struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
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
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Failure *junitFailure `xml:"failure"`
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
	if _, err := io.WriteString(to, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(to)
	encoder.Indent("", "  ")
	if err := encoder.Encode(report); err != nil {
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
