package status

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/overview"
)

// report is what is shown, as --format json writes it.
type report struct {
	At         time.Time    `json:"at"`
	Group      string       `json:"group"`
	GroupState string       `json:"group_state"` // as Kafka calls it; "": there is no such group yet
	Outcome    Outcome      `json:"outcome"`
	Problems   []problem    `json:"problems"` // the worst first
	Lag        int64        `json:"lag"`
	Oldest     *time.Time   `json:"oldest_undecided"`
	Missing    []string     `json:"missing_topics"`
	Members    []memberView `json:"members"`
	Partitions []partView   `json:"partitions"`
	NotAsked   []notAsked   `json:"not_asked"`
}

// memberView is an instance.
type memberView struct {
	ClientID     string     `json:"client_id"`
	Host         string     `json:"host"`
	Partitions   int        `json:"partitions"`
	LastCommit   *time.Time `json:"last_commit"` // the latest of its partitions; null: none is known
	URL          string     `json:"url"`         // where it has answered; "": it has not
	Ready        *bool      `json:"ready"`       // null: it was not asked
	Reason       string     `json:"reason"`
	Since        *time.Time `json:"since"`
	Version      string     `json:"version"`
	RulesVersion string     `json:"rules_version"`

	marked string // the version beside its last commit
}

// partView is a partition.
type partView struct {
	Topic        string     `json:"topic"`
	Partition    int32      `json:"partition"`
	Owner        string     `json:"owner"`     // its client id; "": no member has it
	Committed    *int64     `json:"committed"` // null: the group has no offset
	End          *int64     `json:"end"`       // null: not known, nor the lag
	Lag          *int64     `json:"lag"`
	Oldest       *time.Time `json:"oldest_undecided"` // null: none waits, or it is not known
	LastCommit   *time.Time `json:"last_commit"`      // null: none, or by another program
	RulesVersion string     `json:"rules_version"`
	State        string     `json:"state"` // as its instance says; "": it was not asked, or there is none
	Reason       string     `json:"reason"`
	Since        *time.Time `json:"since"`
	Error        string     `json:"error"` // why its records could not be read

	lost int64 // offsets
	bad  kind  // the worst that is said of it; "": nothing
}

// blocked says whether the instance is at work, and cannot get further.
func (p *partView) blocked() bool { return p.State == kafka.StateDeciding && p.Reason != "" }

func (p *partView) String() string {
	return cluster.Place{Topic: p.Topic, Partition: p.Partition}.String()
}

// notAsked is an instance that has not said what it does.
type notAsked struct {
	ClientID   string     `json:"client_id"` // "": it is no member
	Host       string     `json:"host"`
	URL        string     `json:"url"`
	Reason     string     `json:"reason"`
	LastCommit *time.Time `json:"last_commit"`
}

// report puts together what Kafka and the instances say.
func (l *looker) report(v *overview.View, answers []answer) *report {
	r := &report{At: v.At, Group: l.cfg.Group, GroupState: v.State, Problems: []problem{},
		Missing: append([]string{}, v.Missing...), Members: []memberView{}, Partitions: []partView{},
		NotAsked: []notAsked{}}
	said := map[cluster.Place]*kafka.PartitionStatus{}
	for i := range answers {
		for j := range answers[i].status.Partitions {
			p := &answers[i].status.Partitions[j]
			at := cluster.Place{Topic: p.Topic, Partition: int32(p.Partition)}
			if owner := ownerOf(v, at); owner != nil && l.isOf(&answers[i], owner) {
				said[at] = p
			}
		}
	}
	for i := range v.Partitions {
		p := &v.Partitions[i]
		r.Partitions = append(r.Partitions, part(p, said[p.Place]))
		r.Lag += max(p.Lag, 0)
		if !p.Oldest.IsZero() && (r.Oldest == nil || p.Oldest.Before(*r.Oldest)) {
			r.Oldest = &p.Oldest
		}
	}
	for i := range v.Members {
		l.member(r, &v.Members[i], answers)
	}
	l.strangers(r, v, answers)
	l.judge(r, v)
	if silent := func(a answer) bool { return a.err != nil }; r.Outcome == Fine && l.o.Instances != nil &&
		slices.ContainsFunc(answers, silent) {
		r.Outcome = Unknown // who names an instance wants to know
	}
	return r
}

func ownerOf(v *overview.View, at cluster.Place) *overview.Member {
	i := slices.IndexFunc(v.Partitions, func(p overview.Partition) bool { return p.Place == at })
	if i < 0 {
		return nil
	}
	return v.Partitions[i].Owner
}

func part(p *overview.Partition, said *kafka.PartitionStatus) partView {
	w := partView{Topic: p.Topic, Partition: p.Partition, LastCommit: timeOf(p.Committed()), Oldest: timeOf(p.Oldest),
		RulesVersion: p.Mark.Rules, lost: p.Lost()}
	if p.Owner != nil {
		w.Owner = p.Owner.ClientID
	}
	if p.Offset >= 0 {
		w.Committed = &p.Offset
	}
	if p.End >= 0 {
		w.End, w.Lag = &p.End, &p.Lag
	}
	if p.Err != nil {
		w.Error = plain(p.Err.Error())
	}
	if said != nil {
		w.State, w.Reason, w.Since = said.State, plain(said.Reason), timeOf(said.Since)
		if w.blocked() && w.Oldest == nil {
			w.Oldest = said.OldestUndecided // Kafka shows no record behind a transaction that is open
		}
	}
	return w
}

// member notes a member, and what it answers or why it does not.
func (l *looker) member(r *report, m *overview.Member, answers []answer) {
	w := memberView{ClientID: m.ClientID, Host: m.Host, Partitions: m.Has}
	for i := range r.Partitions {
		p := &r.Partitions[i]
		if p.Owner == m.ClientID && p.LastCommit != nil && (w.LastCommit == nil || p.LastCommit.After(*w.LastCommit)) {
			w.LastCommit, w.marked = p.LastCommit, p.RulesVersion
		}
	}
	i := slices.IndexFunc(answers, func(a answer) bool { return l.isOf(&a, m) })
	if i < 0 {
		url, reason := l.whyNot(m, answers)
		r.NotAsked = append(r.NotAsked, notAsked{m.ClientID, m.Host, url, reason, w.LastCommit})
		r.Members = append(r.Members, w)
		return
	}
	s := &answers[i].status
	w.URL, w.Ready, w.Reason, w.Since = answers[i].url, &s.Ready, plain(s.Reason), timeOf(s.Since)
	w.Version, w.RulesVersion = s.Version, s.RulesVersion
	r.Members = append(r.Members, w)
}

// whyNot says why a member has not answered.
func (l *looker) whyNot(m *overview.Member, answers []answer) (url, reason string) {
	if l.o.Instances != nil {
		return "", "it was not named by --instance, or does not answer there"
	}
	url = l.guess(m)
	if url == "" {
		return "", "http.address does not say at which port instances listen: name it by --instance"
	}
	i := slices.IndexFunc(answers, func(a answer) bool { return a.url == url })
	if err := answers[i].err; err != nil {
		return url, err.Error()
	}
	return url, fmt.Sprintf("the instance %s answers there", screen.Printable(answers[i].status.InstanceID))
}

// strangers are instances that were asked by name and are no members: one that is about to join, or of another group.
func (l *looker) strangers(r *report, v *overview.View, answers []answer) {
	if l.o.Instances == nil {
		return // what answers at a member's host, and is another, is told with that member
	}
	for i := range answers {
		a := &answers[i]
		s := &a.status
		switch {
		case slices.ContainsFunc(v.Members, func(m overview.Member) bool { return l.isOf(a, &m) }):
		case a.err != nil:
			r.NotAsked = append(r.NotAsked, notAsked{URL: a.url, Reason: a.err.Error()})
		case s.Group != l.cfg.Group:
			r.NotAsked = append(r.NotAsked, notAsked{URL: a.url, Reason: "it is of the group " + plain(s.Group)})
		default:
			reason := "the instance " + plain(s.InstanceID) + " is not in the group"
			if s.Reason != "" {
				reason += ": " + plain(s.Reason)
			}
			r.NotAsked = append(r.NotAsked, notAsked{URL: a.url, Reason: reason})
		}
	}
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// plain makes one line of a text from elsewhere, with nothing that a terminal would obey.
func plain(text string) string { return screen.Printable(strings.Join(strings.Fields(text), " ")) }
