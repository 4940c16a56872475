// Package publish writes the catalog to a compacted topic, for readers who join decisions with what codes and statuses
// mean.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
	"verdict/processor/kafka/table"
	"verdict/rules"
)

// Options say what is published, and where.
type Options struct {
	Config  *config.Loaded
	Catalog *rules.Catalog
	Topic   string
	Create  bool // make the topic if it is not there
	DryRun  bool // say what would be written, and write nothing
	JSON    bool // otherwise lines for a person
	Out     io.Writer
	Now     time.Time
}

// Run makes the topic hold the catalog, and tells what was written. The error is a config.Mistakes where settings do
// not fit together.
func Run(ctx context.Context, o Options) error {
	if err := o.Config.CheckPublish(o.Topic); err != nil {
		return err
	}
	cfg, err := pipeline.KafkaConfig(o.Config)
	if err != nil {
		return err
	}
	cfg = cfg.WithDefaults()
	if o.Create {
		if err := create(ctx, cfg, o.Topic); err != nil {
			return err
		}
	}
	h := headers{version: o.Catalog.Version, now: o.Now, minimal: o.Config.Output.Headers == config.MinimalHeaders}
	to := table.Options{
		Connection: cfg.Connection, Compression: cfg.Compression, Topic: o.Topic,
		TransactionalID: cfg.Group + "-catalog-" + o.Topic, // begins as those that the group may write with
		Timeout:         cfg.TransactionTimeout,
		Foreign:         foreign, Headers: h.of, DryRun: o.DryRun,
	}
	if err := look(ctx, to); err != nil {
		return err
	}
	encode, err := o.encoding(ctx)
	if err != nil {
		return err
	}
	rows, err := rowsOf(o.Catalog, encode)
	if err != nil {
		return err
	}
	h.contentType = encode.contentType
	changes, err := table.Publish(ctx, to, rows)
	if err != nil {
		return err
	}
	return o.tell(changes)
}

// look finds out whether the topic may be written at all, before its schema is registered: what is registered for the
// wrong topic stays.
func look(ctx context.Context, to table.Options) error {
	to.DryRun = true
	_, err := table.Publish(ctx, to, nil)
	if errors.Is(err, table.ErrMissing) {
		return fmt.Errorf("%w: `verdict catalog --publish %s --create` makes it, with one partition and "+
			"cleanup.policy=compact", err, to.Topic)
	}
	return err
}

// createWithin bounds what --create asks for.
const createWithin = 30 * time.Second

// create makes the topic. One partition is enough for a few hundred rows, and keeps those of a release together.
func create(ctx context.Context, cfg kafka.Config, topic string) error {
	ctx, cancel := context.WithTimeout(ctx, createWithin)
	defer cancel()
	results, err := admin.CreateTopics(ctx, cfg.Connection, []admin.TopicSpec{{Name: topic, Partitions: 1,
		ReplicationFactor: -1, Configs: map[string]string{"cleanup.policy": "compact"}}})
	if err != nil {
		return err
	}
	return results[0].Explained()
}
