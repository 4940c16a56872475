package state

import (
	"fmt"

	"verdict/processor/kafka/upkeep"
)

type statsView struct {
	Group  string       `json:"group"`
	Topics []topicStats `json:"topics"`
	Total  totalStats   `json:"total"`
}

type topicStats struct {
	RawTopic   string      `json:"raw_topic"`
	Changelog  string      `json:"changelog"`
	Partitions []partStats `json:"partitions"`
}

// partStats is what is remembered of one raw partition.
type partStats struct {
	Partition int32          `json:"partition"`
	Offset    *int64         `json:"group_offset"` // null: the group has none
	Position  *positionView  `json:"position"`     // null: the changelog has no position record
	Keys      int            `json:"verifications"`
	Expired   int            `json:"expired"` // those that are forgotten, and not compacted away yet
	Bytes     int64          `json:"bytes"`   // of their keys and values
	Log       int64          `json:"log_offsets"`
	Words     map[string]int `json:"words"` // current words, by outcome
	Overdue   int            `json:"overdue"`
	Problem   *problemView   `json:"problem"`
}

type positionView struct {
	Offset     int64   `json:"offset"`
	Number     int64   `json:"transaction"`
	Partitions int32   `json:"partitions"`
	Writer     string  `json:"writer"`
	Clock      *string `json:"clock"` // null: no record has set it yet
	Since      string  `json:"since"`
}

type problemView struct {
	What string `json:"what"`
	Cure string `json:"cure"`
}

type totalStats struct {
	Keys    int            `json:"verifications"`
	Bytes   int64          `json:"bytes"`
	Log     int64          `json:"log_offsets"`
	Words   map[string]int `json:"words"`
	Overdue int            `json:"overdue"`
}

func (v *statsView) total() {
	v.Total.Words = map[string]int{}
	for i := range v.Topics {
		for j := range v.Topics[i].Partitions {
			p := &v.Topics[i].Partitions[j]
			v.Total.Keys += p.Keys
			v.Total.Bytes += p.Bytes
			v.Total.Log += p.Log
			v.Total.Overdue += p.Overdue
			for outcome, n := range p.Words {
				v.Total.Words[outcome] += n
			}
		}
	}
}

// problem says where state and offset are not one, as a runner finds it.
func problem(p *upkeep.Part, l *live) *problemView {
	const seeStatus = "see `verdict status` once a runner runs: one that goes on needs none; one that is held, or of " +
		"which you know that raw was created anew, needs `verdict state reset --yes`, with the group stopped"
	const beginOrReset = "stop the group, and `verdict state begin%s` goes on without what is not known then, or " +
		"`verdict state reset` decides all that the raw topic still has anew"
	at, loss := &p.Position, p.LossAt(l.group)
	switch {
	case p.Unreadable != nil:
		return &problemView{p.Unreadable.Error(), p.UnreadableCure()}
	case !p.HasLog && p.Offset >= 0:
		return &problemView{"the changelog lacks this partition", "stop the group, and run `verdict state rekey`"}
	case !p.HasLog:
		return &problemView{"it was added, and the changelog lacks it", "stop the group, and run `verdict state rekey`"}
	case !p.Known() && l.group.Offset >= 0:
		return &problemView{fmt.Sprintf("the group is at offset %d, and there is no position record: a runner holds it",
			p.Offset), fmt.Sprintf(beginOrReset, "")}
	case !p.Known():
		return nil
	case at.RawTopic != p.Raw:
		return &problemView{"the changelog is that of " + at.RawTopic, "give each raw topic and group one of its own"}
	case loss != "":
		return &problemView{loss + "; a runner holds it", fmt.Sprintf(beginOrReset, " --again")}
	case p.Offset >= 0 && at.Offset > p.Offset:
		return &problemView{fmt.Sprintf("the group is at offset %d, and decided up to %d: a runner goes on at %d, and "+
			"decides nothing again, or holds it as a topic that was created anew", p.Offset, at.Offset, at.Offset),
			seeStatus}
	case p.Offset < 0:
		return &problemView{fmt.Sprintf("the group has no offset, and decided up to %d: a runner goes on there, or "+
			"holds it as a topic that was created anew", at.Offset), seeStatus}
	case at.Partitions < p.Count:
		return &problemView{fmt.Sprintf("the raw topic had %d partitions and has %d: most keys are elsewhere now",
			at.Partitions, p.Count), "stop the group, and run `verdict state rekey`"}
	}
	return nil
}
