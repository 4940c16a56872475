package config

import (
	"fmt"
	"strings"

	"verdict/processor"
)

// CheckPublish finds what is wrong between settings for publishing the catalog on a topic, and with that topic: it must
// be none that a run reads or writes. The error is a Mistakes.
func (c *Loaded) CheckPublish(topic string) error {
	return c.check((*relations).login, (*relations).registry, func(r *relations) { r.apart(topic) })
}

// apart reports a topic that is another one's already, or that Kafka would take for it: it has only one of two that
// differ in . and _.
func (r *relations) apart(topic string) {
	mistake := func(format string, args ...any) {
		r.mistakes = append(r.mistakes, "--publish: "+fmt.Sprintf(format, args...))
	}
	if err := checkTopic(topic); err != nil {
		mistake("%v", err)
		return
	}
	alike := func(a, b string) bool { return strings.ReplaceAll(a, ".", "_") == strings.ReplaceAll(b, ".", "_") }
	for _, raw := range r.Topics.Raw {
		if alike(topic, raw.Name) {
			mistake("%s is the raw topic %s (topics.raw): the catalog needs a topic of its own", topic, raw.Name)
		}
	}
	outputs := r.Outputs()
	for _, route := range processor.Routes() {
		if name := outputs[route]; name != "" && alike(topic, name) {
			mistake("%s is the topic of the %ss (topics.%s): the catalog needs a topic of its own", topic,
				route.Spec().Noun, route.Spec().Setting)
		}
	}
	for _, changelog := range r.changelogs() {
		if alike(topic, changelog) {
			mistake("%s keeps the state of the group %s: the catalog needs a topic of its own", topic, r.Kafka.Group)
		}
	}
}
