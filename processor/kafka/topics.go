package kafka

import (
	"context"

	"verdict/processor/kafka/cluster"
)

// The topics that an instance needs are looked up before it is ready, and as long as it runs. Without an output topic
// the group is not even joined: in an update with a mistyped name the new instance would take partitions over from
// others, which still have a topic to write to, and hold them at their first record. A raw topic that is missing keeps
// those of the others from nothing.

// awaitOutputs waits until the output topics are there. It returns where they cannot be looked up, too: the group is
// joined again and again for that, and says why it cannot be. It returns false where ctx is done.
func (r *Runner) awaitOutputs(ctx context.Context) bool {
	for r.lookForTopics(ctx) {
		if !cluster.Sleep(ctx, cluster.MetadataTTL) {
			return false
		}
	}
	return ctx.Err() == nil
}

// watchNeeded looks for the topics until the runner ends.
func (r *Runner) watchNeeded(ctx context.Context) {
	for cluster.Sleep(ctx, cluster.MetadataTTL) {
		r.lookForTopics(ctx)
	}
}

// lookForTopics tells readiness which topics are not there, and returns whether an output topic is among them.
func (r *Runner) lookForTopics(ctx context.Context) (outputs bool) {
	l, err := r.client.Layout(ctx)
	if err != nil {
		r.status.unseen(err)
		return false
	}
	missing := func(topics []string) error {
		for _, topic := range topics {
			if l.Partitions(topic) == 0 {
				return cluster.MissingTopic(topic)
			}
		}
		return nil
	}
	output := missing(r.outputTopics())
	written := output
	if written == nil {
		written = missing(r.cfg.changelogs())
	}
	r.status.lack(missing(r.cfg.RawTopics), written)
	return output != nil
}
