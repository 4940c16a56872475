package schemas

import "verdict/processor/codec"

// directory is where the schemas are in the project.
const directory = "schemas/"

// report is what --format json prints; its shape is in docs/kafka.md.
type report struct {
	Needed   bool      `json:"needed"` // false: the outputs are JSON
	Breaks   bool      `json:"breaks"`
	Subjects []subject `json:"subjects"`

	refused bool // by the registry, while registering
}

type subject struct {
	Subject       string            `json:"subject"`
	Schema        string            `json:"schema"`
	State         codec.SchemaState `json:"state"`
	RegisteredNow bool              `json:"registered_now"`
	Version       int               `json:"version"`
	ID            int               `json:"id"`
	Newer         []int             `json:"newer"`
	Deleted       []int             `json:"deleted"`
	Rule          string            `json:"rule"`
	RuleForAll    bool              `json:"rule_for_all"`
	Differences   []string          `json:"differences"`
	Breaks        []string          `json:"breaks"`
	Warnings      []string          `json:"warnings"`
	Unknown       string            `json:"unknown"`
}

func newReport(compared []codec.Comparison) *report {
	r := &report{Needed: true}
	for i := range compared {
		c := &compared[i]
		r.Breaks = r.Breaks || c.Breaks != nil
		r.Subjects = append(r.Subjects, subject{Subject: c.Subject, Schema: directory + c.File, State: c.State,
			RegisteredNow: c.RegisteredNow, Version: c.Version, ID: c.ID, Newer: listed(c.Newer),
			Deleted: listed(c.Deleted), Rule: c.Rule, RuleForAll: c.RuleForAll, Differences: listed(c.Differences),
			Breaks: listed(c.Breaks), Warnings: listed(c.Warnings), Unknown: c.Unknown})
	}
	return r
}

// listed makes none an empty list for JSON.
func listed[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func (r *report) outcome() Outcome {
	if r.Breaks {
		return Breaks
	}
	if r.count(isUnknown) > 0 {
		return Unknown
	}
	return Fine
}

func isUnknown(s *subject) bool { return s.Unknown != "" }

// count is how many are in this state.
func (r *report) count(in func(*subject) bool) (n int) {
	for i := range r.Subjects {
		if in(&r.Subjects[i]) {
			n++
		}
	}
	return n
}
