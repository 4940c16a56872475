package kafka

import (
	"context"

	"verdict/processor"
	"verdict/processor/kafka/admin"
)

// Check looks at what the runner needs of the cluster, see admin.Check.
func Check(ctx context.Context, cfg Config) []admin.Finding {
	cfg = cfg.WithDefaults()
	if err := cfg.validate(); err != nil {
		return []admin.Finding{{Point: "kafka configuration", Problem: err.Error(), Cure: "correct the configuration"}}
	}
	return admin.Check(ctx, cfg.Connection, cfg.needs())
}

// TopicPlan lists the topics that cfg needs, with settings to start from: raw topics first, then one for each route,
// then the changelogs.
func TopicPlan(cfg Config) []admin.TopicSpec {
	needs := cfg.WithDefaults().needs()
	return needs.Specs()
}

// CheckTopicSettings has an error for each of cfg.TopicSettings that cannot be, nil for the others.
func CheckTopicSettings(cfg Config) []error {
	needs := cfg.WithDefaults().needs()
	return needs.CheckSettings()
}

func (c Config) needs() admin.Needs {
	n := admin.Needs{Group: c.Group, Protocol: new(spread).ProtocolName(), Raw: c.RawTopics,
		Settings: c.TopicSettings, Units: c.Units, TransactionTimeout: c.TransactionTimeout}
	if c.Delivery == DeliveryAtLeastOnce {
		n.TransactionTimeout = 0
	}
	for _, route := range processor.Routes() {
		spec := route.Spec()
		if c.Topics[route] == "" {
			continue
		}
		out := admin.OutputTopic{Name: c.Topics[route], Route: spec.Name, Purpose: spec.Purpose,
			Partitions: spec.Partitions, Configs: admin.Keep(spec.Cleanup.After), Table: spec.Cleanup.Compact,
			LossIfCompacted: spec.LossIfCompacted, ReadByHand: route == processor.RouteDeadLetter}
		if out.Table {
			out.Configs = admin.KeepLatest(spec.Cleanup.After)
		}
		if c.State.Enabled && spec.LatestCountsWithState {
			out.LossIfCompacted = ""
		}
		n.Outputs = append(n.Outputs, out)
	}
	if c.State.Enabled {
		for _, raw := range c.RawTopics {
			n.Changelogs = append(n.Changelogs,
				admin.Changelog{Name: c.changelog(raw), Raw: raw, Retention: c.State.Retention,
					OverdueAfter: c.State.OverdueAfter})
		}
	}
	return n
}
