package overview

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
)

// Options say which group it is.
type Options struct {
	Connection cluster.Connection
	Group      string
	Raw        []string // topics that it reads
	Needs      []string // all topics that must be there, with those
}

// Observer looks at a group, as often as it is asked to. It is for one goroutine.
type Observer struct {
	o       Options
	client  *cluster.Client
	missing []string // at the last look
}

// Connect makes an observer; Close ends it. Nothing is asked before the first look.
func Connect(o Options) (*Observer, error) {
	o.Connection = o.Connection.WithDefaults()
	o.Connection.ClientID += "-status"
	client, err := cluster.NewClient(o.Connection, o.Needs)
	return &Observer{o: o, client: client}, err
}

// Close ends its connections.
func (ob *Observer) Close() { ob.client.Close() }

const (
	// answerWithin is how long a request is repeated: a cluster that has just started has no coordinator for a while.
	answerWithin = 5 * time.Second
	// missingAfter is how long a topic may be unknown before it counts as not there.
	missingAfter = 2 * time.Second
)

// Look asks for everything anew. An error says what could not be had, and what to do; what is wrong with one partition
// is said there.
func (ob *Observer) Look(ctx context.Context) (*View, error) {
	layout, err := ob.topics(ctx)
	if err != nil {
		return nil, err
	}
	v := &View{Missing: ob.missing}
	for _, topic := range ob.o.Raw {
		for id := range layout.Partitions(topic) {
			v.Partitions = append(v.Partitions,
				Partition{Place: cluster.Place{Topic: topic, Partition: id}, Offset: -1, Start: -1, End: -1, Lag: -1})
		}
	}
	if err := ob.members(ctx, v); err != nil {
		return nil, err
	}
	if err := ob.offsets(ctx, v); err != nil {
		return nil, err
	}
	err = ob.waiting(ctx, v)
	v.At = time.Now()
	return v, err
}

// topics looks which of them are there. One that was missing before is not waited for again.
func (ob *Observer) topics(ctx context.Context) (layout cluster.Layout, err error) {
	for began := time.Now(); ; {
		err := ob.o.Connection.Within(ctx, answerWithin, "the topics", func(ctx context.Context) (err error) {
			layout, err = ob.client.Layout(ctx)
			return err
		})
		if err != nil {
			return layout, describing(err)
		}
		var missing []string
		for _, topic := range ob.o.Needs {
			if layout.Partitions(topic) == 0 {
				missing = append(missing, topic)
			}
		}
		if missing == nil || slices.Equal(missing, ob.missing) || time.Since(began) > missingAfter {
			ob.missing = missing
			return layout, nil
		}
		if !cluster.Sleep(ctx, 200*time.Millisecond) {
			return layout, context.Cause(ctx)
		}
	}
}

// members fills in who has what.
func (ob *Observer) members(ctx context.Context, v *View) error {
	var group cluster.Group
	err := ob.o.Connection.Within(ctx, answerWithin, "the members of the group "+ob.o.Group,
		func(ctx context.Context) (err error) {
			group, err = cluster.DescribeGroup(ctx, ob.client, ob.o.Group)
			return err
		})
	if err != nil {
		return describing(err)
	}
	if v.State = group.State; v.State == "Dead" {
		v.State = "" // what coordinators call a group that they have never heard of
	}
	v.Members = make([]Member, len(group.Members))
	owners, others := map[cluster.Place]*Member{}, map[string]bool{}
	for i := range group.Members {
		m := &group.Members[i]
		v.Members[i] = Member{ClientID: m.ClientID, Host: m.Host}
		if host, _, err := net.SplitHostPort(m.Host); err == nil {
			v.Members[i].Host = host // some coordinators tell the port, too
		}
		assigned, err := m.Assigned()
		if err != nil {
			return fmt.Errorf("%w: see what else is in the group %s", err, ob.o.Group)
		}
		for topic, ids := range assigned {
			others[topic] = !slices.Contains(ob.o.Raw, topic)
			for _, id := range ids {
				owners[cluster.Place{Topic: topic, Partition: id}] = &v.Members[i]
			}
		}
	}
	for i := range v.Partitions {
		p := &v.Partitions[i]
		if p.Owner = owners[p.Place]; p.Owner != nil {
			p.Owner.Has++
		}
	}
	maps.DeleteFunc(others, func(_ string, is bool) bool { return !is })
	v.Others = slices.Sorted(maps.Keys(others))
	return nil
}

// offsets fills in where the group is.
func (ob *Observer) offsets(ctx context.Context, v *View) error {
	if v.Partitions == nil {
		return nil
	}
	places := make([]cluster.Place, len(v.Partitions))
	for i := range v.Partitions {
		places[i] = v.Partitions[i].Place
	}
	var offsets []cluster.GroupOffset
	err := ob.o.Connection.Within(ctx, answerWithin, "the offsets of the group "+ob.o.Group,
		func(ctx context.Context) (err error) {
			offsets, err = cluster.FetchOffsets(ctx, ob.client, ob.o.Group, places, false)
			if errors.Is(err, kafka.GroupIdNotFound) {
				return nil // no such group, no offsets
			}
			return err
		})
	if err != nil {
		return describing(err)
	}
	for i, at := range offsets {
		v.Partitions[i].Offset = at.Offset
		v.Partitions[i].Mark = transact.ParseMark(at.Metadata)
	}
	return nil
}
