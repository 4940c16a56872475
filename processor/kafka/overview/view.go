package overview

import (
	"errors"
	"time"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/transact"
)

// View is a group at one moment.
type View struct {
	At         time.Time
	State      string // as the coordinator calls it; "": there is no such group yet
	Members    []Member
	Partitions []Partition // of the raw topics that are there, by topic and partition
	Missing    []string    // needed topics that are not there, in the order of the options
	// Others are topics that members read and the options do not name, by name.
	Others []string
}

// Member is an instance in the group.
type Member struct {
	ClientID string
	Host     string
	Has      int // partitions of the raw topics
}

// Partition is where the group is in one.
type Partition struct {
	cluster.Place
	Owner *Member // nil: no member has it

	Offset int64 // the next to decide; -1: the group has none
	Mark   transact.Mark
	Start  int64 // what waits begins here; behind Offset where retention was faster; -1: not known
	End    int64 // of what is committed; -1: not known
	Lag    int64 // offsets from Start to End; 0 where no record is among them; -1: not known

	// Oldest is the time of the first record that waits; zero: none does, or it is not known (Err).
	Oldest time.Time
	Err    error // why its first record could not be read
}

// Marked says whether an instance of this program has committed the offset.
func (p *Partition) Marked() bool { return p.Mark.Time > 0 }

// Committed is when the offset was committed; zero: not known.
func (p *Partition) Committed() time.Time {
	if !p.Marked() {
		return time.Time{}
	}
	return time.UnixMilli(p.Mark.Time)
}

// Lost is how many offsets that were to be decided the topic no longer has.
func (p *Partition) Lost() int64 {
	if p.Offset < 0 || p.Start <= p.Offset {
		return 0
	}
	return p.Start - p.Offset
}

// take notes what a scan has found of the partition. A scan that ended before has not found where it begins.
func (p *Partition) take(at *scan.Partition, ended error) {
	p.Err = at.Err
	if at.Err == nil && !at.Complete() && at.Records == 0 {
		p.Err = errors.Join(ended, at.Waits)
	}
	if at.Start < 0 {
		return
	}
	p.Start, p.End, p.Lag = at.Start, at.End, at.End-at.Start
	if at.Complete() && at.Records == 0 {
		p.Lag = 0 // ends of transactions, and what was aborted
	}
}
