package kafka

import (
	"context"
	"time"

	"github.com/segmentio/kafka-go/protocol/leavegroup"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// kafka-go has no static membership: a process that was killed stays in the group as a ghost until its session times
// out, and every join waits for it. An instance knows its own ghosts by the client id, which nobody else has.

// evictGhosts takes members with this instance's client id out of the group, and tells of that in the log. It is for
// times when this process is no member.
func (r *Runner) evictGhosts(ctx context.Context, log func(string, ...zap.Field), message string) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	group, err := cluster.DescribeGroup(ctx, r.client, r.cfg.Group)
	if err != nil {
		return // the join will tell
	}
	var ghosts, hosts []string
	for _, m := range group.Members {
		if m.ClientID == r.clientID() {
			ghosts, hosts = append(ghosts, m.ID), append(hosts, m.Host)
		}
	}
	if len(ghosts) == 0 {
		return
	}
	err = r.evict(ctx, ghosts)
	log(message, zap.String("instance", r.cfg.InstanceID), zap.Strings("at", hosts), zap.Error(err))
}

// evictLater takes a member id that kafka-go has given up out of the group, as soon as the group can be asked.
func (r *Runner) evictLater(ctx context.Context, member string) {
	for n := 0; ; n++ {
		err := r.evict(ctx, []string{member})
		if cluster.Classify(err) != cluster.ClassRetry || !cluster.Sleep(ctx, cluster.QuickPause(n)) {
			return
		}
	}
}

// evict makes members leave; one that has left already is no error.
func (r *Runner) evict(ctx context.Context, members []string) error {
	req := &leavegroup.Request{GroupID: r.cfg.Group}
	for _, id := range members {
		req.Members = append(req.Members, leavegroup.RequestMember{MemberID: id})
	}
	res, err := cluster.AskWithin[*leavegroup.Response](ctx, r.client, min(r.cfg.RequestTimeout, cluster.AnswerTimeout),
		req)
	if err != nil {
		return err
	}
	return cluster.Refused("LeaveGroup", "group "+r.cfg.Group, res.ErrorCode)
}
