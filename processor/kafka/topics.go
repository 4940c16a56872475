package kafka

import (
	"context"

	"verdict/processor/kafka/cluster"
)

// The topics that an instance needs are looked up before it is ready, and as long as it runs. Without an output topic
// the group is not even joined: in an update with a mistyped name the new instance would take partitions over from
// others, which still have a topic to write to, and hold them at their first record. Nor is it while the topics cannot
// be looked up: there may be one missing. A raw topic that is missing keeps those of the others from nothing.

// awaitOutputs waits until the output topics are there. It returns where no repetition says so, too: the group is
// joined then, and tells why that fails. It returns false where ctx is done.
func (r *Runner) awaitOutputs(ctx context.Context) bool {
	for {
		outputs, err := r.lookForTopics(ctx)
		switch c := cluster.Classify(err); {
		case ctx.Err() != nil:
			return false
		case err == nil && !outputs, c == cluster.ClassFatal, err != nil && r.loginIsRefused(ctx):
			return true
		case err != nil:
			r.metrics.failed(c)
		}
		if !cluster.Sleep(ctx, cluster.MetadataTTL) {
			return false
		}
	}
}

// loginIsRefused says whether brokers do not let the runner in. The client cannot tell that from a connection that was
// closed; the group's own can.
func (r *Runner) loginIsRefused(ctx context.Context) bool {
	dialer, err := r.groupConns.Dialer(r.connection())
	if err != nil || r.cfg.SASL == nil {
		return err != nil
	}
	for _, broker := range r.cfg.Brokers {
		conn, err := dialer.DialContext(ctx, "tcp", broker)
		if err == nil {
			conn.Close()
			return false
		}
		if cluster.Classify(err) == cluster.ClassFatal {
			return true
		}
	}
	return false
}

// watchNeeded looks for the topics until the runner ends.
func (r *Runner) watchNeeded(ctx context.Context) {
	for cluster.Sleep(ctx, cluster.MetadataTTL) {
		_, _ = r.lookForTopics(ctx) // readiness says what is wrong
	}
}

// lookForTopics tells readiness which topics are not there, or why they cannot be looked up, and returns whether an
// output topic is among them.
func (r *Runner) lookForTopics(ctx context.Context) (outputs bool, err error) {
	l, err := r.client.Layout(ctx)
	if err != nil {
		r.status.unseen(err)
		return false, err
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
	return output != nil, nil
}
