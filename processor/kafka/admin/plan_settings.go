package admin

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// compareSettings plans the settings of a topic that is there and will have this policy. Only those that are planned
// are anybody's business, and a value that is in force for being the brokers' default is as good as one of the topic's
// own.
func (p *Planned) compareSettings(have *Found, policy cleanup) {
	for _, name := range slices.Sorted(maps.Keys(p.spec.Configs)) {
		if name != cleanupPolicy {
			p.compareSetting(name, have, policy)
		}
	}
	slices.SortFunc(p.Settings, func(a, b Change) int { return strings.Compare(a.Name, b.Name) })
}

const unsaid = "the broker does not say what it is"

// compareSetting is about any setting but cleanup.policy, of which policy is what there will be.
func (p *Planned) compareSetting(name string, have *Found, policy cleanup) {
	want := p.spec.Configs[name]
	old, known := have.Settings[name]
	left := Left{Name: name, Old: old, Planned: want}
	switch {
	case known && same(old, want):
		return
	case strings.HasPrefix(name, "remote.") && known:
		left.Why = "tiered storage is begun and ended by hand: what lies there may be deleted with it"
		left.Command = alter(p.Name, name, want)
	case shrinks[name] && !known:
		left.Why = unsaid
	case shrinks[name] && keepsLess(want, old):
		if !policy.delete {
			return // what is not deleted has no age or size to be deleted at
		}
		left.Why = "it keeps more than planned; with less, records are deleted"
		left.Command = alter(p.Name, name, want)
	case name == "min.insync.replicas" && tooFew(want, have.Replicas):
		left.Why = fmt.Sprintf("a partition has %s: nothing could be written to it; add replicas first "+
			"(kafka-reassign-partitions)", count(have.Replicas, "replica"))
	default:
		p.change(Change{Name: name, Old: old, New: want}, have)
		return
	}
	p.Left = append(p.Left, left)
}

// shrinks are the settings of which a smaller value deletes records.
var shrinks = map[string]bool{"retention.ms": true, "retention.bytes": true,
	"local.retention.ms": true, "local.retention.bytes": true}

// cleanup plans cleanup.policy and returns what it will be. Deleting is never begun where nothing is deleted; nor is
// compaction ended there, as the topic would have no policy left but deleting. Compaction is begun in a changelog
// alone, where nobody reads earlier records: a topic that somebody has named by mistake would lose them.
func (p *Planned) cleanup(have *Found) cleanup {
	old, known := have.Settings[cleanupPolicy]
	is, want := policyOf(have.Settings), policyOf(p.spec.Configs)
	if p.spec.Configs[cleanupPolicy] == "" || is == want {
		return is
	}
	if !known {
		p.Left = append(p.Left, Left{Name: cleanupPolicy, Planned: want.String(), Why: unsaid})
		return is
	}
	if want.compact && !is.compact && p.spec.Changelog == nil {
		p.Left = append(p.Left, Left{Name: cleanupPolicy, Old: old, Planned: want.String(),
			Why:     "it is not compacted; with compact, of the records with one key all but the latest go",
			Command: alter(p.Name, cleanupPolicy, "["+want.String()+"]")})
		return is
	}
	_, own := p.spec.Own[cleanupPolicy]
	tolerated := is.compact && !want.compact && p.spec.mayCompact() && !own
	next := cleanup{
		compact: want.compact || is.compact && (tolerated || !is.delete),
		delete:  is.delete && want.delete,
	}
	if next != is {
		p.change(Change{Name: cleanupPolicy, Old: old, New: next.String()}, have)
	}
	if want.delete && !is.delete && !tolerated {
		p.Left = append(p.Left, Left{Name: cleanupPolicy, Old: old, Planned: want.String(),
			Why:     "it deletes nothing for its age; with delete, old records go" + p.loss(is, want),
			Command: alter(p.Name, cleanupPolicy, "["+want.String()+"]"), Harms: is.compact && !want.compact})
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
func alter(topic, name, value string) string {
	return "kafka-configs --alter --entity-type topics --entity-name " + topic + " --add-config " + name + "=" + value
}
