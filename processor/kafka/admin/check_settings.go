package admin

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/describeconfigs"

	"verdict/processor/kafka/cluster"
)

// topicConfigs asks for settings of topics; those that may not be read are nil, those that are not there are absent.
func (k *inspection) topicConfigs(ctx context.Context, topics ...string) (map[string]map[string]string, error) {
	configs, errs, err := k.describeConfigs(ctx, []string{"min.insync.replicas", "max.message.bytes", "cleanup.policy",
		"retention.ms", "retention.bytes", "message.timestamp.type"}, topics...)
	for topic, err := range errs {
		if errors.Is(err, kafka.TopicAuthorizationFailed) {
			configs[topic] = nil
		}
	}
	return configs, err
}

// describeConfigs asks for the settings in force, be they the topics' own or the brokers'. Those of a topic that were
// refused are absent, with an error in their place. Settings that the broker does not know are absent.
func (k *inspection) describeConfigs(ctx context.Context, names []string, topics ...string) (
	configs map[string]map[string]string, errs map[string]error, err error) {
	req := &describeconfigs.Request{}
	for _, topic := range topics {
		req.Resources = append(req.Resources, describeconfigs.RequestResource{
			ResourceType: int8(kafka.ResourceTypeTopic), ResourceName: topic, ConfigNames: names,
		})
	}
	res, err := cluster.Ask[*describeconfigs.Response](ctx, k.client, req)
	if err != nil {
		return nil, nil, err
	}
	configs, errs = map[string]map[string]string{}, map[string]error{}
	for _, r := range res.Resources {
		if r.ErrorCode != 0 {
			errs[r.ResourceName] = refused("DescribeConfigs", r.ResourceName, r.ErrorCode, r.ErrorMessage)
			continue
		}
		values := map[string]string{}
		for _, e := range r.ConfigEntries {
			values[e.ConfigName] = e.ConfigValue
		}
		configs[r.ResourceName] = values
	}
	return configs, errs, nil
}

const (
	// shortest is a retention below which an outage of a night and a morning loses records.
	shortest = day
	// weekend is how long a dead letter may wait for somebody to look at it.
	weekend = 3 * day
)

// settings reports settings of the topics by which they lose or refuse records. Those of a topic
// that cannot be used are not missed: that has been told.
func (k *inspection) settings(ctx context.Context) {
	configs, err := k.topicConfigs(ctx, k.needs.topics()...)
	if err != nil {
		k.refusal("topic settings", err, "look into the brokers' logs")
		return
	}
	report := func(topic, unseen string, look func(point string, values map[string]string)) {
		point := "settings of " + topic
		values, asked := configs[topic]
		switch {
		case k.partitions(topic) == 0:
		case !asked:
			k.warn(point, "the broker did not give them: "+unseen, "look into the brokers' logs")
		case values == nil:
			k.warn(point, "not readable (DESCRIBE_CONFIGS is not granted): "+unseen, "grant DESCRIBE_CONFIGS on it")
		case !k.unwritable(point, topic, values):
			look(point, values)
		}
	}
	for _, topic := range k.needs.Raw {
		report(topic, "it cannot be seen how long it keeps its records", func(point string, values map[string]string) {
			k.rawSettings(point, topic, values)
		})
	}
	for i := range k.needs.Outputs {
		out := &k.needs.Outputs[i]
		report(out.Name, "1 MiB is taken for max.message.bytes, and it cannot be seen how long it keeps its records",
			func(point string, values map[string]string) { k.outputSettings(point, out, values) })
	}
	for i := range k.needs.Changelogs {
		c := &k.needs.Changelogs[i]
		report(c.Name, "it cannot be seen whether what is known stays", func(point string, values map[string]string) {
			k.changelogSettings(point, c, values, configs[c.Raw])
		})
	}
	k.copies(configs)
}

// rawSettings reports a raw topic whose records may be gone before they are decided, or before an overdue notice is
// made of them.
func (k *inspection) rawSettings(point, topic string, values map[string]string) {
	var overdueAfter time.Duration
	for i := range k.needs.Changelogs {
		if c := &k.needs.Changelogs[i]; c.Raw == topic {
			overdueAfter = c.OverdueAfter
		}
	}
	kept, known := retention(values)
	switch {
	case policyOf(values).compact:
		k.wrong(point, "it is compacted (cleanup.policy="+values["cleanup.policy"]+"): the brokers remove earlier "+
			"events of a verification, perhaps undecided", uncompacted(values))
	case kept != unlimited && overdueAfter > kept:
		k.wrong(point, "it keeps "+inDays(kept)+" (retention.ms), but the catalog lets the next word "+
			"about a verification take "+inDays(overdueAfter)+" (overdue_after): the record that an overdue notice is "+
			"made of is gone by then",
			"set retention.ms="+millis(overdueAfter+day)+" or more ("+k.how(topic, "retention.ms", values)+
				"), or lower overdue_after")
	case kept != unlimited && kept < shortest:
		k.warn(point, "it keeps "+inDays(kept)+" (retention.ms): what waits for longer, in an outage, is lost "+
			"undecided",
			"set retention.ms="+millis(rawRetention)+" (30 days; "+k.how(topic, "retention.ms", values)+
				"), or more than your longest outage")
	case limited(values) != "":
		k.warn(point, limited(values)+": many records at once push out what is not decided yet",
			k.unlimitedBytes(topic, values))
	default:
		k.ok(point, keeps(kept, known))
	}
}

func (k *inspection) outputSettings(point string, out *OutputTopic, values map[string]string) {
	size, _ := strconv.Atoi(values["max.message.bytes"])
	const smallest = 64 << 10
	kept, known := retention(values)
	switch {
	case size > 0 && size < smallest:
		k.wrong(point, fmt.Sprintf("max.message.bytes is %d: dead letters may not fit", size),
			fmt.Sprintf("raise it to %d or more", smallest))
	case policyOf(values).compact && out.LossIfCompacted != "":
		k.wrong(point, "it is compacted: "+out.LossIfCompacted, uncompacted(values))
	case !policyOf(values).compact && out.Table:
		k.warn(point, "it is not compacted (cleanup.policy="+values["cleanup.policy"]+"): it holds every word, and "+
			"what is older than retention.ms goes, the current word included",
			"if the earlier records of each key may go: "+alter(out.Name, cleanupPolicy,
				"["+out.Configs[cleanupPolicy]+"]"))
	case kept != unlimited && out.ReadByHand && kept < weekend:
		k.warn(point, "it keeps "+inDays(kept)+" (retention.ms): a dead letter is gone before somebody has looked at "+
			"it",
			"set retention.ms="+out.Configs["retention.ms"]+" ("+k.how(out.Name, "retention.ms", values)+")")
	case kept != unlimited && kept < shortest:
		k.warn(point, "it keeps "+inDays(kept)+" (retention.ms): readers that are behind for longer lose records",
			"set retention.ms="+out.Configs["retention.ms"]+" ("+k.how(out.Name, "retention.ms", values)+")")
	case limited(values) != "":
		k.warn(point, limited(values)+": many records at once push out what its readers have not read yet",
			k.unlimitedBytes(out.Name, values))
	default:
		k.ok(point, keeps(kept, known))
	}
}

// unwritable reports a topic that has fewer replicas than it wants to be in sync.
func (k *inspection) unwritable(point, topic string, values map[string]string) bool {
	replicas := k.replicas(topic)
	insync := values["min.insync.replicas"]
	if !tooFew(insync, replicas) || replicas == 0 {
		return false
	}
	k.wrong(point, fmt.Sprintf("min.insync.replicas is %s, but a partition has %s: nothing can be "+
		"written to it", insync, count(replicas, "replica")), "lower min.insync.replicas or add replicas")
	return true
}

// keeps says how long records stay, as far as the settings do.
func keeps(d time.Duration, known bool) string {
	switch {
	case !known:
		return "they do not say how long it keeps its records"
	case d == unlimited:
		return "it deletes nothing for its age"
	default:
		return "it keeps " + inDays(d)
	}
}

// unlimitedBytes cures what limited tells.
func (k *inspection) unlimitedBytes(topic string, values map[string]string) string {
	return "set retention.bytes=-1 (" + k.how(topic, "retention.bytes", values) + ")"
}

const apply = "`verdict topics --apply`"

// byApply ends a cure that needs no hand.
const byApply = " (" + apply + ")"

// how says by what a setting is mended: where it is as topics.settings asks for, these come first.
func (k *inspection) how(topic, name string, values map[string]string) string {
	if asked, ok := k.needs.own(&TopicSpec{Name: topic})[name]; ok && same(asked, values[name]) {
		return "in topics.settings, which ask for this one; then " + apply
	}
	return apply
}

// uncompacted cures a topic that should not be compacted. Where it has no other policy, deleting would begin, which is
// left to a person.
func uncompacted(values map[string]string) string {
	const cure = "set cleanup.policy=delete"
	if policyOf(values).delete {
		return cure + byApply
	}
	return cure
}

// limited says how much a topic keeps at most; "" where its size has no limit.
func limited(values map[string]string) string {
	n := kept(values["retention.bytes"])
	if n == noLimit || !policyOf(values).delete {
		return ""
	}
	most := fmt.Sprintf("at most %d bytes of each partition", n)
	if kept, _ := retention(values); kept != unlimited {
		return "it keeps " + inDays(kept) + " and " + most + ", whichever comes first"
	}
	return "it keeps " + most
}
