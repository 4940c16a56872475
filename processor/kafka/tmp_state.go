package kafka

import (
	"time"

	"verdict/processor"
	"verdict/processor/state"
)

type State struct {
	Enabled   bool
	Retention time.Duration
}

func (c Config) changelog(rawTopic string) string { return c.Group + "-state." + rawTopic }

func (c Config) changelogs() []string {
	if !c.State.Enabled {
		return nil
	}
	var topics []string
	for _, raw := range c.RawTopics {
		topics = append(topics, c.changelog(raw))
	}
	return topics
}

func (c Config) stateOptions(p *processor.Processor) state.Options {
	return state.Options{Retention: c.State.Retention}
}
