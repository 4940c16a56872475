// Package state shows what is remembered of verifications, and moves it for a group that is stopped.
package state

import (
	"context"
	"errors"
	"io"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor/kafka"
	"verdict/processor/kafka/upkeep"
	"verdict/rules"
)

// Options are what all of these commands need.
type Options struct {
	Config  *config.Loaded
	Catalog *rules.Catalog
	JSON    bool // show and stats; otherwise lines for a person
	Out     io.Writer
	Now     time.Time
}

// open connects to the group's Kafka.
func (o *Options) open() (*upkeep.Group, []upkeep.Topics, error) {
	if err := o.Config.CheckTopics(); err != nil {
		return nil, nil, err
	}
	cfg, err := pipeline.KafkaConfig(o.Config)
	if err != nil {
		return nil, nil, err
	}
	if !cfg.State.Enabled {
		return nil, nil, errors.New("these settings keep no state (state.enabled, delivery): give the ones that the " +
			"group runs with, by --config, the environment or --set state.enabled=true")
	}
	cfg = cfg.WithDefaults()
	var topics []upkeep.Topics
	for _, raw := range cfg.RawTopics {
		topics = append(topics, upkeep.Topics{Raw: raw, Changelog: kafka.Changelog(cfg.Group, raw)})
	}
	group, err := upkeep.Connect(upkeep.Options{Connection: cfg.Connection, Group: cfg.Group,
		Retention: cfg.State.Retention, Topics: topics, Compression: cfg.Compression})
	return group, topics, err
}

// partitions lists those of all raw topics.
func partitions(ctx context.Context, group *upkeep.Group, topics []upkeep.Topics) ([]*upkeep.Part, error) {
	var all []*upkeep.Part
	for _, t := range topics {
		parts, err := group.Parts(ctx, t)
		if err != nil {
			return nil, err
		}
		all = append(all, parts...)
	}
	return all, nil
}

// stamp is a time as all of these commands write it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }
