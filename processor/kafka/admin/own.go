package admin

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Setting is one that the operator wants a topic to have, instead of what is planned.
type Setting struct {
	Topic string // AllTopics: of each, where none is named
	Name  string // as Kafka calls it
	Value string
}

// AllTopics stands for the name of each topic.
const AllTopics = "*"

// changelogsOwn are settings of a changelog without which it would forget, or take no more: what is asked of all topics
// leaves them.
var changelogsOwn = map[string]bool{
	"cleanup.policy": true, "retention.ms": true, "retention.bytes": true, "message.timestamp.type": true,
	"max.message.bytes": true, // a record that is too large for it ends Verdict
}

// own are the settings that the operator asks for of a topic.
func (n *Needs) own(spec *TopicSpec) map[string]string {
	own := map[string]string{}
	for _, s := range n.Settings {
		if s.Topic == AllTopics && !(spec.Changelog != nil && changelogsOwn[s.Name]) {
			own[s.Name] = s.Value
		}
	}
	for _, s := range n.Settings {
		if s.Topic == spec.Name {
			own[s.Name] = s.Value
		}
	}
	return own
}

// ErrNoSuchTopic says that a setting is of a topic that nobody needs.
var ErrNoSuchTopic = errors.New("there is no such topic in these settings")

// CheckSettings has an error for each of Settings that cannot be, nil for the others: there is no such topic, it is
// there twice, or something would be lost by it. Kafka judges names and values itself.
func (n *Needs) CheckSettings() []error {
	specs := map[string]TopicSpec{}
	for _, s := range n.Specs() {
		specs[s.Name] = s
	}
	errs := make([]error, len(n.Settings))
	seen := map[Setting]bool{}
	for i, s := range n.Settings {
		spec, there := specs[s.Topic]
		key := Setting{Topic: s.Topic, Name: s.Name}
		switch {
		case seen[key]:
			errs[i] = fmt.Errorf("%s of %s is there twice: keep one", s.Name, s.Topic)
		case s.Topic == AllTopics && s.Name == cleanupPolicy:
			errs[i] = errors.New("not all topics can have one cleanup.policy: name the topic")
		case s.Topic != AllTopics && !there:
			errs[i] = ErrNoSuchTopic
		case s.Topic != AllTopics && spec.Changelog != nil:
			errs[i] = spec.Changelog.refuses(s)
		case s.Topic != AllTopics && s.Name == cleanupPolicy:
			errs[i] = spec.refusesPolicy(s.Value)
		case s.Name == "retention.ms":
			errs[i] = n.refusesRetention(s)
		}
		seen[key] = true
	}
	return errs
}

// refuses says why a changelog cannot have a setting.
func (c *Changelog) refuses(s Setting) error {
	switch s.Name {
	case cleanupPolicy, "message.timestamp.type":
		return fmt.Errorf("Verdict needs its own %s of %s, which holds what it remembers: leave it out", s.Name,
			s.Topic)
	case "retention.bytes":
		if !strings.HasPrefix(s.Value, "-") {
			return fmt.Errorf("%s holds what Verdict remembers, which a retention.bytes would delete: leave it out",
				s.Topic)
		}
	case "retention.ms":
		if needed := c.Retention.Milliseconds(); keepsLess(s.Value, strconv.FormatInt(needed, 10)) {
			return fmt.Errorf("retention.ms of %s is less than state.retention (%d ms) and would delete what is to be "+
				"remembered: leave it out, or raise it", s.Topic, needed)
		}
	}
	return nil
}

// refusesPolicy says why a topic that is no changelog cannot have a cleanup.policy.
func (s *TopicSpec) refusesPolicy(value string) error {
	switch policy, ok := cleanupOf(value); {
	case !ok:
		return fmt.Errorf("%s has no cleanup.policy %q: write compact or delete, or leave it out",
			s.Name, value)
	case policy.compact && !s.mayCompact():
		return fmt.Errorf("%s must not be compacted: %s; leave it out", s.Name, s.loss())
	case !policy.compact && s.Output != nil && s.Output.Table:
		return fmt.Errorf("%s has to be compacted, as it is a table: write compact, or leave it out", s.Name)
	}
	return nil
}

// refusesRetention says which raw topic would not have the record any more that an overdue notice is made of.
func (n *Needs) refusesRetention(s Setting) error {
	for _, c := range n.Changelogs {
		needed := c.OverdueAfter + day
		if c.OverdueAfter > 0 && (s.Topic == c.Raw || s.Topic == AllTopics && !n.named(c.Raw, s.Name)) &&
			keepsLess(s.Value, millis(needed)) {
			return fmt.Errorf("retention.ms of %s is less than overdue notices need, which the catalog has after %s "+
				"(overdue_after): write %s or more, or lower overdue_after", c.Raw, inDays(c.OverdueAfter),
				millis(needed))
		}
	}
	return nil
}

// named says whether a setting is asked for of this topic itself.
func (n *Needs) named(topic, name string) bool {
	return slices.ContainsFunc(n.Settings, func(s Setting) bool { return s.Topic == topic && s.Name == name })
}

// mayCompact says whether a compacted topic loses nothing that is needed.
func (s *TopicSpec) mayCompact() bool {
	return s.Changelog != nil || s.Output != nil && s.Output.LossIfCompacted == ""
}

// loss says what a compacted topic loses.
func (s *TopicSpec) loss() string {
	if s.Output != nil {
		return s.Output.LossIfCompacted
	}
	return "the brokers remove earlier events of a verification, perhaps undecided"
}
