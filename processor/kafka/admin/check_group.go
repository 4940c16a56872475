package admin

import (
	"context"
	"fmt"

	"verdict/processor/kafka/cluster"
)

func (k *inspection) group(ctx context.Context) {
	point := "consumer group " + k.needs.Group
	var group cluster.Group
	err := cluster.Again(ctx, cluster.StartingFor, func(ctx context.Context) (err error) {
		group, err = cluster.DescribeGroup(ctx, k.client, k.needs.Group)
		return err
	})
	switch allowed := group.Allowed; {
	case err != nil:
		k.refusal(point, err, "look into the brokers' logs")
		return
	case allowed != 0 && allowed != operationUnknown && allowed&operationRead == 0:
		k.wrong(point, "READ is not allowed", "grant READ on the group")
		return
	case group.Protocol != "" && group.Protocol != k.needs.Protocol: // it has none while it shares partitions out
		k.wrong(point, "members of another program, or of an older version of this one, are in it",
			"stop the older instances first, or give each program a group of its own")
		return
	case group.State == "":
		k.ok(point, "new")
	default:
		k.ok(point, count(len(group.Members), "member")+" now")
	}
	k.idleUnits(len(group.Members))
}

// idleUnits reports that there are more units than partitions to share out: partitions of one number, of all raw
// topics, go together. How many instances there are to be is not known, only how many there are now.
func (k *inspection) idleUnits(members int) {
	partitions := 0
	for _, topic := range k.needs.Raw {
		partitions = max(partitions, k.partitions(topic))
	}
	instances, each := max(members, 1), max(k.needs.Units, 1)
	if partitions == 0 || instances*each <= partitions {
		return
	}
	who := fmt.Sprintf("batch.units is %d", k.needs.Units)
	switch {
	case each == 1: // each instance has at least one, whatever the load
		who = "the group has " + count(instances, "member")
	case instances > 1:
		who += fmt.Sprintf(", with %s that makes %d", count(instances, "member"), instances*each)
	}
	k.warn("partitions of the raw topics", fmt.Sprintf("%s, but there %s %s to share out: %d will have nothing to "+
		"do", who, are(partitions), count(partitions, "partition"), instances*each-partitions),
		"lower batch.units, run fewer instances, or give the raw topics more partitions (with state: `verdict state "+
			"rekey`)")
}

// transactions begins a producer epoch of a transactional id that no runner has.
func (k *inspection) transactions(ctx context.Context) {
	if k.needs.TransactionTimeout == 0 {
		return
	}
	point := "transactional ids " + k.needs.Group + "-*"
	err := cluster.Again(ctx, cluster.StartingFor, func(ctx context.Context) error {
		_, err := cluster.InitProducer(ctx, k.client, k.needs.Group+"-check", k.needs.TransactionTimeout)
		return err
	})
	if err != nil {
		k.refusal(point, err, "look into the brokers' logs")
		return
	}
	k.ok(point, fmt.Sprintf("transaction timeout %s is accepted", k.needs.TransactionTimeout))
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
