package kafka

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go/protocol/describegroups"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// An instance that dies in the midst of a transaction leaves it open: its offsets stay unstable, and readers of its outputs see
// nothing more of these partitions, until the transaction times out. The next owner cuts that short. Each offset is committed with the
// transactional id of its owner, from the moment the owner takes a partition over (claim), so that the next one can tell
// who was there before. If that instance is no longer in the group, its transaction has nobody to end it, and asking for a new
// epoch of its transactional id does.

// takeOverAfter is when to look again, if an offset is still unstable: a member that has left meanwhile is looked for then.
const takeOverAfter = time.Second

// endAbandoned ends what dead owners of the unit's partitions have left open. Where it fails, the transactions' timeout remains.
func (u *unit) endAbandoned() {
	owners, err := u.formerOwners()
	if err == nil && len(owners) > 0 {
		owners, err = u.notInGroup(owners)
	}
	if err != nil {
		u.log.Info("cannot tell whether a dead instance has left a transaction open; its timeout would end it", zap.Error(err))
		return
	}
	for _, id := range owners {
		if err := cluster.Fence(u.ctx, u.client, id, u.cfg.TransactionTimeout); err != nil {
			u.log.Warn("a transaction that another instance may have left open cannot be ended; waiting for its timeout",
				zap.String("transactional_id", id), zap.Error(err))
			continue
		}
		u.log.Info("ended what a unit or an instance that is gone may have left open", zap.String("transactional_id", id))
	}
}

// formerOwners lists the transactional ids, other than those at work beside this one, that the unit's offsets were committed with.
func (u *unit) formerOwners() ([]string, error) {
	committed, err := u.fetchOffsets(false)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var owners []string
	for _, topic := range committed {
		for _, p := range topic {
			if id := p.Metadata; !seen[id] && u.ownGroup(id) && !u.sibling(id) {
				seen[id] = true
				owners = append(owners, id)
			}
		}
	}
	return owners, nil
}

// notInGroup drops the ids of instances that are members of the group: they end their transactions themselves. This instance's own
// are kept, such as those of units that there were before the partitions were shared anew; formerOwners has dropped those in use.
func (u *unit) notInGroup(ids []string) ([]string, error) {
	res, err := cluster.Ask[*describegroups.Response](u.ctx, u.client, &describegroups.Request{Groups: []string{u.cfg.Group}})
	if err != nil {
		return nil, err
	}
	if len(res.Groups) != 1 {
		return nil, errors.New("DescribeGroups: the answer lacks the group " + u.cfg.Group)
	}
	if err := cluster.Refused("DescribeGroups", "group "+u.cfg.Group, res.Groups[0].ErrorCode); err != nil {
		return nil, err
	}
	var gone []string
	for _, id := range ids {
		instance := u.instanceOf(id)
		live := false
		for _, m := range res.Groups[0].Members {
			live = live || strings.HasSuffix(m.ClientID, "-"+instance)
		}
		if !live || instance == u.cfg.InstanceID {
			gone = append(gone, id)
		}
	}
	return gone, nil
}

// ownGroup says whether a transactional id is one of this group's.
func (r *Runner) ownGroup(transactionalID string) bool {
	return strings.HasPrefix(transactionalID, r.cfg.Group+"-")
}

// instanceOf takes a transactional id of this group apart, see Runner.transactionalID.
func (r *Runner) instanceOf(transactionalID string) string {
	id := strings.TrimPrefix(transactionalID, r.cfg.Group+"-")
	if i := strings.LastIndexByte(id, '-'); i >= 0 {
		if _, err := strconv.Atoi(id[i+1:]); err == nil {
			return id[:i]
		}
	}
	return id
}

// fenceUnused ends what this instance's own units, or those of a process before, may have left open, if there are fewer units now. Other
// instances leave that alone: this one is alive.
func (r *Runner) fenceUnused(ctx context.Context, units int) {
	for ; r.usedUnits > units && r.cfg.Delivery == DeliveryExactlyOnce && ctx.Err() == nil; r.usedUnits-- {
		id := r.transactionalID(r.usedUnits - 1)
		if err := cluster.Fence(ctx, r.client, id, r.cfg.TransactionTimeout); err != nil {
			r.log.Info("a transactional id that is no longer used cannot be fenced; its transaction's timeout would end it",
				zap.String("transactional_id", id), zap.Error(err))
		}
	}
}

// sibling says whether a transactional id is that of a unit at work, which begins anew itself.
func (u *unit) sibling(transactionalID string) bool {
	for i := range u.siblings {
		if transactionalID == u.transactionalID(i) {
			return true
		}
	}
	return false
}

// claim commits the offsets of partitions that were another's, as they are, so that they are known to be this unit's. It runs beside
// the work, as every commit does.
func (u *unit) claim() error {
	if !u.unclaimed() {
		return nil
	}
	return u.commitAnyway()
}

// unclaimed says whether there is a partition to claim.
func (u *unit) unclaimed() bool {
	return u.cfg.Delivery == DeliveryExactlyOnce && slices.ContainsFunc(u.partitions, func(p *partition) bool {
		return p.position != unknown && p.owner != u.producer.transactionalID
	})
}
