package state

import (
	"cmp"
	"slices"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/upkeep"
	"verdict/processor/state"
	"verdict/rules"
)

// found is what show has found, as its JSON has it.
type found struct {
	VerificationID string      `json:"verification_id"`
	Group          string      `json:"group"`
	Known          []storyView `json:"known"`
	Looked         []lookView  `json:"looked"`
}

// lookView is a partition that was looked into.
type lookView struct {
	RawTopic  string  `json:"raw_topic"`
	Partition int32   `json:"partition"`
	Changelog string  `json:"changelog"`
	DecidedTo *int64  `json:"decided_to"` // the raw offset that the state stands at; null: no position record
	Clock     *string `json:"clock"`
}

// clockOf is the clock of a partition; nil: no record has set it yet.
func clockOf(at *state.Position) *string {
	if at.Clock == 0 {
		return nil
	}
	text := stamp(time.UnixMilli(at.Clock))
	return &text
}

type storyView struct {
	Provider  string       `json:"provider"`
	Product   string       `json:"product"`
	RawTopic  string       `json:"raw_topic"`
	Partition int32        `json:"partition"`
	Word      *wordView    `json:"word"` // null: all that came was too old to conclude anything from
	Decisions uint32       `json:"sequence"`
	FirstSeen string       `json:"first_seen"`
	LastSeen  string       `json:"last_seen"`
	LastRaw   int64        `json:"last_offset"`
	LastMoved bool         `json:"last_moved"` // last_offset is that of another partition, from before some were added
	Seen      uint8        `json:"events_recognized"`
	Until     string       `json:"remembered_until"`
	Forgotten bool         `json:"forgotten"` // the partition's clock is past that
	Charges   []chargeView `json:"charges"`
}

type wordView struct {
	Outcome    string  `json:"outcome"`
	Status     *string `json:"provider_status"` // null: one that the catalog does not have
	Final      bool    `json:"final"`
	Ended      bool    `json:"ended"`
	Attempt    int32   `json:"attempt"`
	RiskCode   *int32  `json:"risk_code"`
	Signature  string  `json:"signature"`
	OccurredAt string  `json:"occurred_at"`
	Source     string  `json:"occurred_at_source"`
	DecisionID string  `json:"decision_id"`
	Offset     int64   `json:"offset"`
	Moved      bool    `json:"moved"` // offset is that of another partition, from before some were added
	Since      string  `json:"since"`
	Same       uint8   `json:"same"` // how often it has come, up to 255
	Deadline   *string `json:"deadline"`
	Overdue    bool    `json:"overdue"`
	Notified   bool    `json:"overdue_notice"` // it went out, or could not be made
}

type chargeView struct {
	Attempt   int32  `json:"attempt"`
	Flag      string `json:"billing_flag"`
	FlagSince string `json:"flag_since"`
	Outcome   string `json:"outcome"`
	Ended     bool   `json:"ended"`
}

func (o *ShowOptions) view(parts []*upkeep.Part, list []remembered, keys map[processor.Key]*rules.Vocabulary) found {
	f := found{VerificationID: o.VerificationID, Group: o.Config.Kafka.Group, Known: []storyView{},
		Looked: []lookView{}}
	for _, p := range parts {
		look := lookView{RawTopic: p.Raw, Partition: p.ID, Changelog: p.Log()}
		if p.Known() {
			look.DecidedTo, look.Clock = &p.Position.Offset, clockOf(&p.Position)
		}
		f.Looked = append(f.Looked, look)
	}
	for i := range list {
		f.Known = append(f.Known, o.story(&list[i], keys[list[i].key]))
	}
	slices.SortStableFunc(f.Known, func(a, b storyView) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Product, b.Product))
	})
	return f
}

func (o *ShowOptions) story(r *remembered, v *rules.Vocabulary) storyView {
	m := &r.memory
	until := time.Unix(m.LastSeen, 0).Add(o.Config.State.Retention)
	s := storyView{Provider: v.Provider, Product: v.Product, RawTopic: r.part.Raw, Partition: r.part.ID,
		Decisions: m.Sequence, FirstSeen: stamp(time.Unix(m.FirstSeen, 0)), LastSeen: stamp(time.Unix(m.LastSeen, 0)),
		Seen: m.NumSeen, Until: stamp(until),
		Forgotten: until.UnixMilli() < r.part.Position.Clock, Charges: []chargeView{}}
	s.LastRaw, s.LastMoved = processor.PlaceOf(m.LastOffset)
	if m.Word.There {
		s.Word = o.word(m, v)
	}
	for i := range m.Charges[:m.NumCharges] {
		c := &m.Charges[i]
		s.Charges = append(s.Charges, chargeView{Attempt: c.Attempt, Flag: c.Flag.String(),
			FlagSince: stamp(time.UnixMicro(c.FlagSince)), Outcome: c.Outcome.String(), Ended: c.Ended})
	}
	return s
}

func (o *ShowOptions) word(m *processor.Memory, v *rules.Vocabulary) *wordView {
	w := &m.Word
	source := processor.OccurredAtSourceRecord
	if w.Timed {
		source = processor.OccurredAtSourceProvider
	}
	view := &wordView{Outcome: w.Outcome.String(), Final: w.Final, Ended: w.Ended, Attempt: w.Attempt,
		Signature: w.Signature.String(), OccurredAt: stamp(time.UnixMicro(w.OccurredAt)), Source: source.String(),
		DecisionID: w.DecisionID.String(), Since: stamp(time.UnixMilli(w.Since)), Same: w.Same,
		Notified: w.Overdue}
	view.Offset, view.Moved = processor.PlaceOf(w.Offset)
	if s := v.StatusByHash(w.Status); s != nil {
		view.Status = &s.Name
	}
	if w.HasRisk {
		view.RiskCode = &w.RiskCode
	}
	if until := deadline(v, m); !until.IsZero() {
		text := stamp(until)
		view.Deadline, view.Overdue = &text, until.Before(o.Now)
	}
	return view
}
