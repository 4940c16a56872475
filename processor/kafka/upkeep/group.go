package upkeep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/describegroups"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
)

// Options say whose state it is.
type Options struct {
	Connection  cluster.Connection
	Group       string
	Retention   time.Duration // how long a verification is remembered after its last event; 0: for ever
	Topics      []Topics
	Compression wire.Compression
}

// Topics is a raw topic, and the topic that keeps what is known of its verifications.
type Topics struct{ Raw, Changelog string }

// Group is a consumer group whose state is looked at or moved. It is for one goroutine.
type Group struct {
	o       Options
	client  *cluster.Client
	session *transact.Session // nil: it only looks
	retry   cluster.Retry
}

// Connect makes a group to look at; Close ends it.
func Connect(o Options) (*Group, error) {
	o.Connection = o.Connection.WithDefaults()
	o.Connection.ClientID += "-state"
	var topics []string
	for _, t := range o.Topics {
		topics = append(topics, t.Raw, t.Changelog)
	}
	client, err := cluster.NewClient(o.Connection, topics)
	if err != nil {
		return nil, err
	}
	nothing := func(cluster.Class) {}
	return &Group{o: o, client: client,
		retry: cluster.Retry{Log: zap.NewNop(), Failed: nothing, Stalled: func(error) {}}}, nil
}

// Close ends its connections.
func (g *Group) Close() { g.client.Close() }

// answerWithin is how long a request is tried again before its error is told.
const answerWithin = 20 * time.Second

// try repeats a request for as long as that can help, and a little while at most.
func (g *Group) try(ctx context.Context, what string, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := g.retry.Do(ctx, func() error { return request(ctx) })
	if err == nil {
		return nil
	}
	if cluster.Cure(err) == "" {
		return fmt.Errorf("%s (brokers %s): %w: see that the brokers are up and can be reached from here", what,
			strings.Join(g.o.Connection.Brokers, ","), err)
	}
	return fmt.Errorf("%s: %w", what, cluster.Explain(err))
}

// errRunning says that the group has members, so that its state must not be moved.
var errRunning = errors.New("the group is at work")

// stopped is nil if the group has no members.
func (g *Group) stopped(ctx context.Context) error {
	var members []string
	err := g.try(ctx, "the members of the group "+g.o.Group, func(ctx context.Context) (err error) {
		members, err = g.members(ctx)
		return err
	})
	if err != nil || len(members) == 0 {
		return err
	}
	return fmt.Errorf("%w: %s has %s: stop them all, and run this again. One that was killed is a member until "+
		"kafka.session_timeout has passed", errRunning, g.o.Group, strings.Join(members, ", "))
}

// members lists those of the group, by client id and host.
func (g *Group) members(ctx context.Context) ([]string, error) {
	res, err := cluster.Ask[*describegroups.Response](ctx, g.client,
		&describegroups.Request{Groups: []string{g.o.Group}})
	if err != nil {
		return nil, err
	}
	var members []string
	for _, group := range res.Groups {
		if kafka.Error(group.ErrorCode) == kafka.GroupIdNotFound {
			continue
		}
		if err := cluster.Refused("DescribeGroups", "group "+g.o.Group, group.ErrorCode); err != nil {
			return nil, err
		}
		for _, m := range group.Members {
			members = append(members, fmt.Sprintf("%s (%s)", m.ClientID, strings.TrimPrefix(m.ClientHost, "/")))
		}
	}
	return members, nil
}

// unstableWait is how long an open transaction that would move an offset is waited for: longer than a dead instance's
// takes to time out, and the brokers' sweep.
const unstableWait = time.Minute

// locate fills in where the group is. With stable, what is open has to end before.
func (g *Group) locate(ctx context.Context, parts []*Part, stable bool) error {
	began := time.Now()
	for {
		var unstable error
		err := g.try(ctx, "the offsets of the group "+g.o.Group, func(ctx context.Context) error {
			err := g.fetchOffsets(ctx, parts, stable)
			if cluster.Classify(err) == cluster.ClassUnstable {
				unstable, err = err, nil
			}
			return err
		})
		switch {
		case err != nil || unstable == nil:
			return err
		case time.Since(began) > unstableWait:
			return fmt.Errorf("the offsets of the group %s: a transaction that moves them stays open: %w: see what "+
				"writes with a transactional id that begins with %s- (kafka-transactions list), and end it", g.o.Group,
				unstable, g.o.Group)
		case !cluster.Sleep(ctx, 100*time.Millisecond):
			return ctx.Err()
		}
	}
}

func (g *Group) fetchOffsets(ctx context.Context, parts []*Part, stable bool) error {
	topics := cluster.ByTopic(parts, func(p *Part) string { return p.Raw },
		func(topic string) wire.OffsetFetchTopic { return wire.OffsetFetchTopic{Name: topic} },
		func(t *wire.OffsetFetchTopic, p *Part) { t.Partitions = append(t.Partitions, p.ID) })
	res, err := cluster.Ask[*wire.OffsetFetchResponse](ctx, g.client,
		&wire.OffsetFetchRequest{GroupID: g.o.Group, RequireStable: stable, Topics: topics})
	if err != nil {
		return err
	}
	if err := cluster.Refused("OffsetFetch", "group "+g.o.Group, res.ErrorCode); err != nil {
		return err
	}
	found := map[transact.Key]wire.OffsetFetchedPartition{}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			found[transact.Key{Topic: topic.Name, Partition: p.Partition}] = p
		}
	}
	for _, p := range parts {
		at, ok := found[transact.Key{Topic: p.Raw, Partition: p.ID}]
		if !ok {
			return fmt.Errorf("OffsetFetch, %s: the answer lacks it", p)
		}
		if err := cluster.Refused("OffsetFetch", p.String(), at.ErrorCode); err != nil {
			return err
		}
		p.Offset = max(at.Offset, -1)
		p.Note = transact.ParseMark(at.Metadata).Note
	}
	return nil
}

// find looks up the raw partition's offset of a timestamp, in milliseconds since 1970 UTC or one of cluster's
// constants; the end where no record has the time.
func (g *Group) find(ctx context.Context, p *Part, timestamp int64) (offset int64, err error) {
	ask := func(ctx context.Context, timestamp int64) error {
		layout, err := g.client.Layout(ctx)
		if err != nil {
			return err
		}
		found, err := cluster.ListOffsets(ctx, g.client, layout.Leader(p.Raw, p.ID), wire.ReadUncommitted,
			[]cluster.Lookup{{Topic: p.Raw, Partition: p.ID, Timestamp: timestamp}})
		if err != nil {
			return err
		}
		offset = found[0].Offset
		return found[0].Err
	}
	err = g.try(ctx, "where to begin in "+p.String(), func(ctx context.Context) error {
		err := ask(ctx, timestamp)
		if err == nil && offset < 0 {
			err = ask(ctx, cluster.TimestampLatest)
		}
		return err
	})
	return offset, err
}
