package kafka

import (
	"context"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/admin"
)

// Check looks at what the runner needs of the cluster, see CheckNeeds.
func Check(ctx context.Context, cfg Config) []admin.Finding {
	cfg = cfg.WithDefaults()
	if err := cfg.validate(); err != nil {
		return []admin.Finding{{Point: "kafka configuration", Problem: err.Error(), Cure: "correct the configuration"}}
	}
	return admin.Check(ctx, cfg.Connection, cfg.needs())
}

// TopicPlan lists the topics that cfg needs, with settings to start from: raw topics first, then one for each route.
func TopicPlan(cfg Config) []admin.TopicSpec { return cfg.WithDefaults().needs().Plan() }

func (c Config) needs() admin.Needs {
	n := admin.Needs{Group: c.Group, Protocol: new(spread).ProtocolName(), Raw: c.RawTopics, TransactionTimeout: c.TransactionTimeout}
	if c.Delivery == DeliveryAtLeastOnce {
		n.TransactionTimeout = 0
	}
	const (
		day       = 24 * time.Hour
		onlyLast  = "only the latest record of each verification stays"
		lostWords = "dead letters without a key are refused, others of one key replace each other"
	)
	for _, out := range []admin.OutputTopic{
		{Route: "decision", Name: c.Topics[processor.RouteDecision], Purpose: "decisions", Configs: admin.Keep(30 * day), LossIfCompacted: onlyLast},
		// The latest record of a charge id counts, so older ones may go, but not before a reader has dated a month's charges.
		{Route: "billing", Name: c.Topics[processor.RouteBilling], Purpose: "billing events", Configs: admin.KeepLatest(35 * day)},
		{Route: "risk", Name: c.Topics[processor.RouteRisk], Purpose: "risk events", Configs: admin.Keep(30 * day), LossIfCompacted: onlyLast},
		{Route: "deadletter", Name: c.Topics[processor.RouteDeadLetter], Purpose: "dead letters: original bytes, restrict who may read them",
			Partitions: 1, Configs: admin.Keep(7 * day), LossIfCompacted: lostWords},
	} {
		if out.Partitions == 0 {
			out.Partitions = 8
		}
		n.Outputs = append(n.Outputs, out)
	}
	return n
}
