package config

import (
	"fmt"
	"strings"
)

// TopicSetting is an item of topics.settings.
type TopicSetting struct {
	Topic       string // * stands for all
	Name, Value string // as Kafka has them
}

// parseTopicSetting splits TOPIC:key=value.
func parseTopicSetting(item string) (s TopicSetting, ok bool) {
	topic, rest, _ := strings.Cut(item, ":")
	name, value, equals := strings.Cut(rest, "=")
	s = TopicSetting{topic, strings.TrimSpace(name), strings.TrimSpace(value)}
	return s, equals && s.Topic != "" && s.Name != "" && s.Value != "" && !strings.ContainsAny(s.Name, " :")
}

func checkTopicSetting(item string) error {
	if _, ok := parseTopicSetting(item); !ok {
		return fmt.Errorf("%q is no TOPIC:key=value, such as *:min.insync.replicas=2; a value has no comma", item)
	}
	return nil
}

// TopicSettings are the items of topics.settings, in their order. Who knows the topics judges them (pipeline).
func (c *Config) TopicSettings() (all []TopicSetting) {
	for _, item := range c.Topics.Settings {
		s, _ := parseTopicSetting(item) // the table of keys allows no others
		all = append(all, s)
	}
	return all
}
