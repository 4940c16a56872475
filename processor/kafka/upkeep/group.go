package upkeep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	return g.o.Connection.Within(ctx, answerWithin, what, request)
}

// errRunning says that the group has members, so that its state must not be moved.
var errRunning = errors.New("the group is at work")

// stopped is nil if the group has no members.
func (g *Group) stopped(ctx context.Context) error {
	var group cluster.Group
	err := g.try(ctx, "the members of the group "+g.o.Group, func(ctx context.Context) (err error) {
		group, err = cluster.DescribeGroup(ctx, g.client, g.o.Group)
		return err
	})
	if err != nil || len(group.Members) == 0 {
		return err
	}
	var members []string
	for i := range group.Members {
		members = append(members, group.Members[i].String())
	}
	return fmt.Errorf("%w: %s has %s: stop them all, and run this again. One that was killed is a member until "+
		"kafka.session_timeout has passed", errRunning, g.o.Group, strings.Join(members, ", "))
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
	partitions := make([]cluster.Place, len(parts))
	for i, p := range parts {
		partitions[i] = cluster.Place{Topic: p.Raw, Partition: p.ID}
	}
	offsets, err := cluster.FetchOffsets(ctx, g.client, g.o.Group, partitions, stable)
	if err != nil {
		return err
	}
	for i, at := range offsets {
		parts[i].Offset = at.Offset
		parts[i].Note = transact.ParseMark(at.Metadata).Note
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
