package pipeline

import (
	"errors"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/screen"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
	"verdict/rules"
)

// TopicsConfig is KafkaConfig for who makes topics: topics.settings count for them, and what the catalog says of
// overdue notices. The error is a config.Mistakes where a setting cannot be.
func TopicsConfig(c *config.Loaded) (kafka.Config, error) {
	if err := c.CheckTopics(); err != nil {
		return kafka.Config{}, err
	}
	cfg, err := KafkaConfig(c)
	if err != nil {
		return cfg, err
	}
	loaded, err := ReadRules(c)
	if err != nil {
		return cfg, err
	}
	if mistakes := CheckTopicSettings(c, cfg, loaded.Catalog); len(mistakes) > 0 {
		return cfg, mistakes
	}
	withTopicSettings(c, &cfg, loaded.Catalog)
	return cfg, nil
}

// withTopicSettings adds what counts for topics alone. catalog may be nil.
func withTopicSettings(c *config.Loaded, cfg *kafka.Config, catalog *rules.Catalog) {
	cfg.TopicSettings = nil
	for _, s := range c.TopicSettings() {
		cfg.TopicSettings = append(cfg.TopicSettings, admin.Setting(s))
	}
	if catalog != nil {
		cfg.State.OverdueAfter = longestOverdue(c, catalog)
	}
}

// CheckTopicSettings finds topics.settings that cannot be. Without a catalog, what depends on that is left out.
func CheckTopicSettings(c *config.Loaded, cfg kafka.Config, catalog *rules.Catalog) (mistakes config.Mistakes) {
	const key = "topics.settings"
	withTopicSettings(c, &cfg, catalog)
	for i, err := range kafka.CheckTopicSettings(cfg) {
		switch {
		case errors.Is(err, admin.ErrNoSuchTopic):
			var names []string
			for _, topic := range kafka.TopicPlan(cfg) {
				names = append(names, topic.Name)
			}
			topic := cfg.TopicSettings[i].Topic
			mistakes = append(mistakes, c.ItemPlace(key, i)+"there is no topic "+topic+" in these settings"+
				screen.Suggestion(topic, names, "; `verdict topics` lists them, and * stands for all"))
		case err != nil:
			mistakes = append(mistakes, c.ItemPlace(key, i)+err.Error())
		}
	}
	return mistakes
}
