package admin

import (
	"maps"
	"time"
)

// TopicSpec is a topic that the runner needs.
type TopicSpec struct {
	Name       string
	Purpose    string // in a few words
	Partitions int    // to start with; of a changelog those of its raw topic count
	// ReplicationFactor; -1 leaves it to the brokers' default.replication.factor.
	ReplicationFactor int
	Configs           map[string]string
	// Own are those of Configs that the operator asks for.
	Own map[string]string
	// Asked says that somebody has asked for so many partitions: those of a topic that is there are compared.
	Asked bool

	// Output and Changelog say what it is; a raw topic is neither.
	Output *OutputTopic
	// Changelog of a raw topic: it gets the partitions that the raw topic has, and settings by its.
	Changelog *Changelog
}

// rawPartitions of a raw topic, to start with.
const rawPartitions = 8

// Specs lists the topics that are needed, with settings to start from: raw topics first, then the outputs, then the
// changelogs. All that looks at topics, creates or changes them goes by this list.
func (n *Needs) Specs() []TopicSpec {
	var specs []TopicSpec
	add := func(s TopicSpec) {
		s.ReplicationFactor = -1
		s.Own = n.own(&s)
		maps.Copy(s.Configs, s.Own)
		specs = append(specs, s)
	}
	raw := map[string]time.Duration{}
	for _, topic := range n.Raw {
		add(TopicSpec{Name: topic, Purpose: "raw events", Partitions: rawPartitions, Configs: Keep(n.keepRaw(topic))})
		raw[topic], _ = retention(specs[len(specs)-1].Configs)
	}
	for i := range n.Outputs {
		out := &n.Outputs[i]
		add(TopicSpec{Name: out.Name, Purpose: out.Purpose, Partitions: out.Partitions,
			Configs: maps.Clone(out.Configs), Output: out})
	}
	for i := range n.Changelogs {
		c := &n.Changelogs[i]
		add(TopicSpec{Name: c.Name, Purpose: "state of " + c.Raw + ", for Verdict alone", Partitions: rawPartitions,
			Configs: c.configs(raw[c.Raw]), Changelog: c})
		specs[len(specs)-1].follow(raw[c.Raw])
	}
	return specs
}

// keepRaw is how long a raw topic keeps its records: until an overdue notice has been made of them, at least.
func (n *Needs) keepRaw(topic string) time.Duration {
	keep := rawRetention
	for _, c := range n.Changelogs {
		if c.Raw == topic && c.OverdueAfter > 0 {
			keep = max(keep, c.OverdueAfter+day)
		}
	}
	return keep
}

// follow gives a changelog the settings that it needs beside a raw topic that keeps its records for so long. short says
// that the operator has asked for a retention that is too short, which it does not get.
func (s *TopicSpec) follow(raw time.Duration) (short bool) {
	s.Configs = s.Changelog.configs(raw)
	needed, limited := s.Configs["retention.ms"]
	asked, own := s.Own["retention.ms"]
	maps.Copy(s.Configs, s.Own)
	if !own || !keepsLess(asked, needed) {
		return false
	}
	if limited {
		s.Configs["retention.ms"] = needed
	} else {
		delete(s.Configs, "retention.ms")
	}
	return true
}
