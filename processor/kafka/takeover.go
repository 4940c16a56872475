package kafka

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
)

// An instance that dies in the midst of a transaction leaves it open: its offsets stay unstable, and readers of its
// outputs see nothing more of these partitions, until the transaction times out. The next owner cuts that short. Each
// offset is committed with the transactional id of its owner, from the moment the owner takes a partition over
// (unit.claim), so that the next one can tell who was there before. If that instance is no longer in the group, its
// transaction has nobody to end it, and asking for a new epoch of its transactional id does.

// takeOverAfter is when to look again, if an offset is still unstable: a member that has left meanwhile is looked for
// then.
const takeOverAfter = time.Second

// endAbandoned ends what dead owners of the partitions have left open. Where it fails, the transactions' timeout
// remains.
func (l *locator) endAbandoned(ctx context.Context, list partitions) {
	owners, err := l.formerOwners(ctx, list)
	if err == nil && len(owners) > 0 {
		owners, err = l.notInGroup(ctx, owners)
	}
	if err != nil {
		l.log.Info("cannot tell whether a dead instance has left a transaction open; its timeout would end it",
			zap.Error(err))
		return
	}
	for _, id := range owners {
		if err := cluster.Fence(ctx, l.client, id, l.cfg.TransactionTimeout); err != nil {
			l.log.Warn("a transaction that another instance may have left open cannot be ended; "+
				"waiting for its timeout",
				zap.String("transactional_id", id), zap.Error(err))
			continue
		}
		l.log.Info("ended what a unit or an instance that is gone may have left open",
			zap.String("transactional_id", id))
	}
}

// formerOwners lists the transactional ids, other than those at work beside this one, that the offsets were committed
// with.
func (l *locator) formerOwners(ctx context.Context, list partitions) ([]string, error) {
	at, err := l.fetchOffsets(ctx, list, false)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var owners []string
	for _, p := range at {
		if id := transact.ParseMark(p.Metadata).TransactionalID; !seen[id] && l.names.ours(id) && !l.sibling(id) {
			seen[id] = true
			owners = append(owners, id)
		}
	}
	return owners, nil
}

// notInGroup drops the ids of instances that are members of the group: they end their transactions themselves. This
// instance's own are kept, such as those of units that there were before the partitions were shared anew; formerOwners
// has dropped those in use.
func (l *locator) notInGroup(ctx context.Context, ids []string) ([]string, error) {
	group, err := cluster.DescribeGroup(ctx, l.client, l.cfg.Group)
	if err != nil {
		return nil, err
	}
	if group.State == "" {
		return nil, errors.New("the coordinator knows no group " + l.cfg.Group) // though this instance is in it
	}
	var gone []string
	for _, id := range ids {
		instance := l.names.instanceOf(id)
		live := false
		for _, m := range group.Members {
			live = live || strings.HasSuffix(m.ClientID, "-"+instance)
		}
		if !live || instance == l.names.instance {
			gone = append(gone, id)
		}
	}
	return gone, nil
}

// sibling says whether a transactional id is that of a unit at work, which begins anew itself.
func (l *locator) sibling(transactionalID string) bool {
	for i := range l.siblings {
		if transactionalID == l.names.transactionalID(i) {
			return true
		}
	}
	return false
}

// fenceUnused ends what this instance's own units, or those of a process before, may have left open, if there are fewer
// units now. Other instances leave that alone: this one is alive.
func (r *Runner) fenceUnused(ctx context.Context, units int) {
	for ; r.usedUnits > units && r.cfg.Delivery == DeliveryExactlyOnce && ctx.Err() == nil; r.usedUnits-- {
		id := r.names().transactionalID(r.usedUnits - 1)
		if err := cluster.Fence(ctx, r.client, id, r.cfg.TransactionTimeout); err != nil {
			r.log.Info("a transactional id that is no longer used cannot be fenced; its transaction's timeout would "+
				"end it",
				zap.String("transactional_id", id), zap.Error(err))
		}
	}
}
