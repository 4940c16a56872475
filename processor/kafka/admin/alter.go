package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/incrementalalterconfigs"

	"verdict/processor/kafka/cluster"
)

// set sets all of a topic's settings at a time, and no others. Those of a changelog follow from its raw topic's.
func (a *applying) set(ctx context.Context, p *Planned) error {
	if c := p.spec.Changelog; c != nil && a.failed[c.Raw] {
		return &curable{error: fmt.Errorf("it goes by the settings of %s, which were not changed: see there", c.Raw)}
	}
	refusals, err := alterConfigs(ctx, a.client, false, p)
	if err != nil {
		return err
	}
	return refusals[p.Name]
}

// alterConfigs sets the topics' settings, or only asks whether they could be. The refusals are by topic.
func alterConfigs(ctx context.Context, c *cluster.Client, onlyAsk bool, topics ...*Planned) (
	refusals map[string]error, err error) {
	req := &incrementalalterconfigs.Request{ValidateOnly: onlyAsk}
	for _, p := range topics {
		topic := incrementalalterconfigs.RequestResource{ResourceType: int8(kafka.ResourceTypeTopic),
			ResourceName: p.Name}
		for _, c := range p.Settings {
			topic.Configs = append(topic.Configs, incrementalalterconfigs.RequestConfig{Name: c.Name,
				ConfigOperation: int8(kafka.ConfigOperationSet), Value: c.New})
		}
		req.Resources = append(req.Resources, topic)
	}
	res, err := cluster.Ask[*incrementalalterconfigs.Response](ctx, c, req)
	if err != nil {
		return nil, err
	}
	refusals = map[string]error{}
	for _, r := range res.Responses {
		if r.ErrorCode != 0 {
			refusals[r.ResourceName] = refused("IncrementalAlterConfigs", r.ResourceName, r.ErrorCode, r.ErrorMessage)
		}
	}
	return refusals, nil
}

// grow adds partitions. That somebody else was faster is no failure; the brokers that are asked may not know it yet.
func (a *applying) grow(ctx context.Context, p *Planned) error {
	err := AddPartitions(ctx, a.client, p.Name, int32(p.Grow.New))
	if !errors.Is(err, kafka.InvalidPartitionNumber) {
		return err
	}
	unseen := cluster.Again(ctx, settledWithin, func(ctx context.Context) error {
		found, err := look(ctx, a.to, a.client, []TopicSpec{p.spec})
		if err == nil && found[p.Name].Partitions < p.Grow.New {
			err = errUnseen
		}
		return err
	})
	if unseen == nil {
		return nil
	}
	return err
}
