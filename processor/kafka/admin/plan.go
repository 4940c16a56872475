package admin

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Plan is what would have to be done for the topics to be as they are needed: a topic for each that was asked for, in
// their order. Apply does it, and nothing else; but for a topic that somebody else has made meanwhile, which is planned
// anew. What would delete records or move keys of the state is no part of it: it is left as it is, and told.
type Plan struct {
	Topics []Planned
}

// Planned is what is to be done about one topic. All empty: nothing.
type Planned struct {
	Name     string
	Create   *TopicSpec // it is not there, and will be made so
	Settings []Change   // of a topic that is there, by name
	Grow     *Growth
	Left     []Left
	// Err: it could not be looked at, and nothing is planned for it; or, if Refused, the brokers would not do some of
	// it, which is no part of the plan.
	Err     error
	Cure    string // what to do about Err; "" where Err says it
	Refused bool

	spec     TopicSpec // as it is needed beside the others
	there    bool      // it exists
	hidden   bool      // whether it exists, or its raw topic does, may not be seen
	rawThere bool      // of a changelog: its raw topic exists
}

// Change is of one setting.
type Change struct {
	Name string
	Old  string // the one in force; "": the broker names none
	New  string
}

// Growth is of an output topic's partitions. Keys may move to others then.
type Growth struct{ Old, New int }

// Left is what a topic has otherwise than planned, and keeps.
type Left struct {
	Name    string // of the setting; "partitions" or "replicas"
	Old     string // what there is
	Planned string
	Why     string
	Command string // by which a person may do it; "": nothing is to be done
	Harms   bool   // as long as it is so, partitions are held or records are lost
}

// Changes says whether anything is to be done.
func (p *Planned) Changes() bool { return p.Create != nil || len(p.Settings) > 0 || p.Grow != nil }

// Changes says whether anything is to be done about any topic.
func (p *Plan) Changes() bool {
	return slices.ContainsFunc(p.Topics, func(t Planned) bool { return t.Changes() })
}

// draw makes the plan. specs has raw topics before their changelogs, which have to be as these will be.
func draw(specs []TopicSpec, found map[string]Found) *Plan {
	plan := &Plan{}
	after := maps.Clone(found)
	for _, spec := range specs {
		have := found[spec.Name]
		p := Planned{Name: spec.Name, Err: have.Err, Cure: have.Cure, spec: spec, there: have.Partitions > 0,
			hidden: have.Partitions == 0 && have.Err != nil}
		if spec.Changelog != nil && (p.Err == nil || p.hidden) {
			p.rawThere = found[spec.Changelog.Raw].Partitions > 0
			p.beside(after[spec.Changelog.Raw], &have)
		}
		switch {
		case p.Err != nil:
		case have.Partitions == 0:
			p.create(&have)
		default:
			policy := p.cleanup(&have)
			p.comparePartitions(&have, policy)
			p.compareSettings(&have, policy)
		}
		plan.Topics = append(plan.Topics, p)
		after[p.Name] = p.after(have)
	}
	return plan
}

var errNoRaw = errors.New("its partitions are to be those of its raw topic, which cannot be seen")

// beside makes a changelog one of the raw topic as it will be. A raw topic whose settings could not be seen may keep
// its records for ever, and a new changelog will, too.
func (p *Planned) beside(raw Found, have *Found) {
	c := p.spec.Changelog
	switch {
	case raw.blocked:
		p.refuse(fmt.Errorf("it goes by its raw topic %s, which cannot be created: see there", c.Raw))
		return
	case raw.Partitions == 0:
		p.Err = &curable{errNoRaw, "create " + c.Raw + ", or grant DESCRIBE on it"}
		p.Cure = cureOf(p.Err)
		p.hidden = raw.Err != nil && have.Partitions == 0
		return
	case raw.Err != nil && have.Partitions > 0:
		p.Err = fmt.Errorf("what it needs follows from the settings of %s, which could not be seen", c.Raw)
		return
	}
	p.spec.Partitions = raw.Partitions
	if raw.Settings == nil && raw.Err == nil {
		return // made by settings that are not planned here
	}
	kept, _ := retention(raw.Settings)
	if p.spec.follow(kept) {
		p.Left = append(p.Left, p.tooShort(have))
	}
}

// tooShort tells that the operator has asked for a retention that a changelog does not get.
func (p *Planned) tooShort(have *Found) Left {
	return Left{Name: "retention.ms", Old: have.Settings["retention.ms"], Planned: p.spec.Own["retention.ms"],
		Why: "topics.settings asks for less than what is to be remembered needs: state.retention and the retention " +
			"of " + p.spec.Changelog.Raw + " together; correct it, or leave it out"}
}

// create plans a topic that is not there.
func (p *Planned) create(have *Found) {
	err := have.refused[""]
	if err == nil {
		err = unwritable(&p.spec, p.spec.ReplicationFactor)
	}
	if err != nil {
		p.refuse(err)
		return
	}
	spec := p.spec
	p.Create = &spec
}

// change plans a setting, unless the brokers would refuse it.
func (p *Planned) change(c Change, have *Found) {
	if err := have.refused[c.Name]; err != nil {
		p.refuse(fmt.Errorf("%s=%s: %w", c.Name, c.New, err))
		return
	}
	p.Settings = append(p.Settings, c)
}

// refuse tells what would not be done.
func (p *Planned) refuse(err error) {
	p.Refused = true
	p.Cure, p.Err = addTo(p.Err, p.Cure, err)
}

// addTo adds an error and its cure to what there is.
func addTo(err error, cure string, more error) (string, error) {
	also := cureOf(more)
	if cure != "" && also != "" && cure != also {
		also = cure + "; " + also
	}
	if err != nil {
		more = fmt.Errorf("%w; %w", err, more)
	}
	return cmp.Or(also, cure), more
}

// after is the topic as it will be.
func (p *Planned) after(have Found) Found {
	if p.Create != nil {
		return Found{Partitions: p.Create.Partitions, Settings: p.Create.Configs}
	}
	have.blocked = p.Refused && !p.there
	have.Settings = maps.Clone(have.Settings)
	for _, c := range p.Settings {
		have.Settings[c.Name] = c.New
	}
	if p.Grow != nil {
		have.Partitions = p.Grow.New
	}
	return have
}
