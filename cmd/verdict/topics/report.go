package topics

import (
	"verdict/processor/kafka/admin"
)

// report is what is shown, as --format json writes it.
type report struct {
	Action  string      `json:"action"`  // plan, apply or create
	Outcome string      `json:"outcome"` // nothing to do, changes, done or failed
	Topics  []topicView `json:"topics"`
}

// topicView is what is to be done about a topic or, after --apply and --create, what is done.
type topicView struct {
	Topic string `json:"topic"`
	// Result is, of a plan, create, change, unchanged, unknown or refused; then created, changed, unchanged or failed.
	Result            string        `json:"result"`
	Partitions        *numbers      `json:"partitions"`         // null: they stay
	ReplicationFactor *int          `json:"replication_factor"` // of a new topic; null: the brokers' default
	Settings          []settingView `json:"settings"`
	Left              []leftView    `json:"left"` // what it has otherwise than planned, and keeps
	Error             string        `json:"error"`
	Cure              string        `json:"cure"`
}

// numbers of partitions; of a new topic the old one is 0.
type numbers struct {
	Old int `json:"old"`
	New int `json:"new"`
}

type settingView struct {
	Name string  `json:"name"`
	Old  *string `json:"old"` // the value in force; null: there is none
	New  string  `json:"new"`
}

type leftView struct {
	Name    string `json:"name"` // of a setting; partitions or replicas
	Old     string `json:"old"`
	Planned string `json:"planned"`
	Why     string `json:"why"`
	Command string `json:"command"` // by which a person may do it; "": none
	Harms   bool   `json:"harms"`   // partitions are held by it, or records lost
}

// Results of a topic.
const (
	toCreate  = "create"
	toChange  = "change"
	unknown   = "unknown"
	refused   = "refused" // some of it
	created   = "created"
	changed   = "changed"
	unchanged = "unchanged"
	failed    = "failed"
)

func planned(p *admin.Plan) *report {
	r := &report{Action: Plan.String(), Topics: []topicView{}}
	for i := range p.Topics {
		t := &p.Topics[i]
		v := view(t)
		switch {
		case t.Refused:
			v.Result = refused
		case t.Err != nil:
			v.Result = unknown
		case t.Create != nil:
			v.Result = toCreate
		case t.Changes():
			v.Result = toChange
		}
		r.Topics = append(r.Topics, v)
	}
	r.Outcome = [...]string{Fine: "nothing to do", Changes: "changes", Failed: "failed"}[r.outcome()]
	return r
}

// applied is of the topics that there are results of.
func applied(a Action, p *admin.Plan, results []admin.TopicResult) *report {
	r := &report{Action: a.String(), Topics: []topicView{}}
	for i, result := range results {
		t := p.Topics[i]
		if !result.Created {
			t.Create = nil
		}
		if !result.Set {
			t.Settings = nil
		}
		if !result.Grown {
			t.Grow = nil
		}
		t.Err, t.Cure = result.Err, result.Cure
		v := view(&t)
		switch {
		case t.Err != nil:
			v.Result = failed
		case result.Created:
			v.Result = created
		case t.Changes():
			v.Result = changed
		}
		if a == Create {
			v.Left = []leftView{} // nothing is changed about a topic that is there
		}
		r.Topics = append(r.Topics, v)
	}
	r.Outcome = "done"
	if r.failed() > 0 || len(results) < len(p.Topics) {
		r.Outcome = "failed"
	}
	return r
}

func view(t *admin.Planned) topicView {
	v := topicView{Topic: t.Name, Result: unchanged, Settings: []settingView{}, Left: []leftView{}, Cure: t.Cure}
	if t.Err != nil {
		v.Error = t.Err.Error()
	}
	if t.Create != nil {
		v.Partitions = &numbers{New: t.Create.Partitions}
		if n := t.Create.ReplicationFactor; n > 0 {
			v.ReplicationFactor = &n
		}
		for _, name := range sortedNames(t.Create.Configs) {
			v.Settings = append(v.Settings, settingView{Name: name, New: t.Create.Configs[name]})
		}
	}
	if t.Grow != nil {
		v.Partitions = &numbers{t.Grow.Old, t.Grow.New}
	}
	for _, c := range t.Settings {
		s := settingView{Name: c.Name, New: c.New}
		if c.Old != "" {
			s.Old = &c.Old
		}
		v.Settings = append(v.Settings, s)
	}
	for _, l := range t.Left {
		v.Left = append(v.Left, leftView(l))
	}
	return v
}

// outcome of a plan is what its topics come to; of what was applied it is Fine or Failed.
func (r *report) outcome() Outcome {
	all := Fine
	for _, t := range r.Topics {
		switch t.Result {
		case unknown, refused, failed:
			return Failed
		case toCreate, toChange:
			all = Changes
		}
	}
	return all
}

func (r *report) failed() int { return r.count(failed) + r.count(unknown) + r.count(refused) }

func (r *report) count(result string) (n int) {
	for _, t := range r.Topics {
		if t.Result == result {
			n++
		}
	}
	return n
}
