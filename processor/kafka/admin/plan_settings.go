package admin

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// compareSettings plans the settings of a topic that is there. Only those that are planned are anybody's business, and
// a value that is in force for being the brokers' default is as good as one of the topic's own.
func (p *Planned) compareSettings(have *Found) {
	policy := p.cleanup(have)
	for _, name := range slices.Sorted(maps.Keys(p.spec.Configs)) {
		if name != cleanupPolicy {
			p.compareSetting(name, have, policy)
		}
	}
	slices.SortFunc(p.Settings, func(a, b Change) int { return strings.Compare(a.Name, b.Name) })
}

const (
	cleanupPolicy = "cleanup.policy"
	unsaid        = "the broker does not say what it is"
)

// compareSetting is about any setting but cleanup.policy, of which policy is what there will be.
func (p *Planned) compareSetting(name string, have *Found, policy cleanup) {
	want := p.spec.Configs[name]
	old, known := have.Settings[name]
	left := Left{Name: name, Old: old, Planned: want}
	switch {
	case known && same(old, want):
		return
	case shrinks[name] && !known:
		left.Why = unsaid
	case shrinks[name] && keepsLess(want, old):
		if !policy.delete {
			return // what is not deleted has no age or size to be deleted at
		}
		left.Why = "it keeps more than planned; with less, records are deleted"
		left.Command = p.alter(name, want)
	case name == "min.insync.replicas" && tooFew(want, have.Replicas):
		left.Why = fmt.Sprintf("a partition has %s: nothing could be written to it; add replicas first "+
			"(kafka-reassign-partitions)", count(have.Replicas, "replica"))
	default:
		p.Settings = append(p.Settings, Change{Name: name, Old: old, New: want})
		return
	}
	p.Left = append(p.Left, left)
}

// shrinks are the settings of which a smaller value deletes records.
var shrinks = map[string]bool{"retention.ms": true, "retention.bytes": true}

// keepsLess says whether a retention deletes what the other one does not.
func keepsLess(a, b string) bool { return kept(a) < kept(b) }

// kept is a retention as a number; one below 0 has no limit, nor has one that is no number.
func kept(value string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	if err != nil || n < 0 {
		return math.MaxInt64
	}
	return n
}

// tooFew says whether fewer replicas than have to be in sync leave nothing that can be written to.
func tooFew(insync string, replicas int) bool {
	n, err := strconv.Atoi(insync)
	return err == nil && n > replicas
}

// same compares values: numbers as numbers.
func same(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}

// cleanup is a cleanup.policy.
type cleanup struct{ compact, delete bool }

func cleanupOf(value string) (c cleanup) {
	for part := range strings.SplitSeq(value, ",") {
		switch strings.TrimSpace(part) {
		case "compact":
			c.compact = true
		case "delete":
			c.delete = true
		}
	}
	return c
}

func (c cleanup) String() string {
	switch {
	case c.compact && c.delete:
		return "compact,delete"
	case c.compact:
		return "compact"
	case c.delete:
		return "delete"
	}
	return ""
}

// cleanup plans cleanup.policy and returns what it will be. Deleting is never begun where nothing is deleted; nor is
// compaction ended there, as the topic would have no policy left but deleting.
func (p *Planned) cleanup(have *Found) cleanup {
	old, known := have.Settings[cleanupPolicy]
	is, want := cleanupOf(old), cleanupOf(p.spec.Configs[cleanupPolicy])
	if p.spec.Configs[cleanupPolicy] == "" || is == want {
		return is
	}
	if !known {
		p.Left = append(p.Left, Left{Name: cleanupPolicy, Planned: want.String(), Why: unsaid})
		return is
	}
	_, own := p.spec.Own[cleanupPolicy]
	tolerated := is.compact && !want.compact && p.spec.mayCompact() && !own
	next := cleanup{
		compact: want.compact || is.compact && (tolerated || !is.delete),
		delete:  is.delete && want.delete,
	}
	if next != is {
		p.Settings = append(p.Settings, Change{Name: cleanupPolicy, Old: old, New: next.String()})
	}
	if want.delete && !is.delete && !tolerated {
		p.Left = append(p.Left, Left{Name: cleanupPolicy, Old: old, Planned: want.String(),
			Why:     "it deletes nothing for its age; with delete, old records go" + p.loss(is, want),
			Command: p.alter(cleanupPolicy, "["+want.String()+"]")})
	}
	return next
}

// loss says what a topic that should not be compacted loses as long as it is.
func (p *Planned) loss(is, want cleanup) string {
	if !is.compact || want.compact {
		return ""
	}
	return ". But it is compacted: " + p.spec.loss()
}

// alter is the command by which a person changes a setting.
func (p *Planned) alter(name, value string) string {
	return "kafka-configs --alter --entity-type topics --entity-name " + p.Name + " --add-config " + name + "=" + value
}
