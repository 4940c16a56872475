package kafka

import "time"

// Status is what an instance says of itself at GET /status, and what `verdict status` reads there. It holds no payload
// and no secret.
type Status struct {
	Ready        bool              `json:"ready"`
	Reason       string            `json:"reason"` // why it is not ready; empty: it is
	Since        time.Time         `json:"since"`  // when it last changed between ready and not
	Version      string            `json:"version"`
	RulesVersion string            `json:"rules_version"`
	Group        string            `json:"group"`
	InstanceID   string            `json:"instance_id"`
	Generation   int32             `json:"generation"` // of the consumer group; 0: in none
	Units        int               `json:"units"`
	LastCommit   *time.Time        `json:"last_commit"` // of this instance, that moved a partition on; null: none yet
	Partitions   []PartitionStatus `json:"partitions"`  // those assigned to it, by topic and partition
}

// PartitionStatus is one partition of a raw topic, as the instance that has it sees it.
type PartitionStatus struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	State     string `json:"state"`  // one of the States
	Reason    string `json:"reason"` // why it is not deciding, or cannot read what is there; else empty

	Since     time.Time `json:"since"`     // when the state began
	Committed int64     `json:"committed"` // the next offset to decide; -1: not known yet
	End       int64     `json:"end"`       // the high watermark, as last seen; -1: not known yet

	OldestUndecided *time.Time `json:"oldest_undecided"` // time of the oldest record not committed; null: none waits
	LastCommit      *time.Time `json:"last_commit"`      // of this instance, that moved it on; null: none yet
}

// States of a partition.
const (
	StateDeciding  = "deciding"  // its records are decided as they come
	StateStarting  = "starting"  // its offset is being looked up
	StateRestoring = "restoring" // its state is being read from the changelog
	StateHeld      = "held"      // its records wait: the first of them cannot be processed or fetched at the moment
)
