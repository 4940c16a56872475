package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/transact"
	"verdict/processor/state"
)

const (
	// nobody is a member that no group has. Without a generation an empty group takes its offsets, and no other.
	nobody       = "verdict-state"
	noGeneration = -1

	// transactionTimeout is how long one transaction may take, and how long a command that was killed may hold the
	// partition back: the changes of a partition with millions of keys go into one.
	transactionTimeout = 2 * time.Minute

	// batchBytes is less than any topic takes that a runner can write to.
	batchBytes = 60_000
)

// open makes the group ready to be moved: it has to be stopped, and whatever another such command has left open ends.
// With dryRun nothing of that kind is ended, and nothing can be written.
func (g *Group) open(ctx context.Context, dryRun bool) error {
	if err := g.stopped(ctx); err != nil || dryRun {
		return err
	}
	g.session = transact.NewSession(g.client, &g.retry, transact.Identity{
		TransactionalID: g.writer(), Group: g.o.Group, Member: nobody, Generation: noGeneration,
		Timeout: transactionTimeout,
	})
	return g.try(ctx, "a transaction of "+g.writer(), g.session.Begin)
}

// writer is the transactional id of all that is written here. It begins as those of the group's instances do, so that
// one that finds it beside an offset ends what it has left open.
func (g *Group) writer() string { return g.o.Group + "-state-tool" }

// survey reads all of a raw topic's state, of a group that is stopped. What is to be moved must be all that there is:
// open transactions are waited for.
func (g *Group) survey(ctx context.Context, t Topics, each func(p *Part, key, value []byte) error) ([]*Part, error) {
	moves, to := g.session != nil, scan.LastStable()
	if moves {
		to = scan.HighWatermark()
	}
	parts, err := g.parts(ctx, t, moves)
	if err != nil {
		return nil, err
	}
	return parts, g.read(ctx, parts, to, func(p *Part, key, value []byte) error {
		p.Take(key, value)
		return each(p, key, value)
	})
}

// verify notes what cannot be read, and leaves it at that.
func verify(p *Part, key, value []byte) error {
	_, _, err := placeOf(key, value, p.Count)
	p.took(key, err)
	return nil
}

// change is what one transaction writes.
type change struct {
	delivery transact.Delivery
	parts    []*Part
	stands   []state.Position // of each part, once it is committed
	now      int64
}

func (g *Group) newChange() *change {
	return &change{delivery: transact.Delivery{Outputs: transact.NewOutputs(g.o.Compression)},
		now: time.Now().UnixMilli()}
}

// put writes what is remembered under a key; nil forgets it.
func (c *change) put(p *Part, key, value []byte) {
	p.Take(key, value)
	c.write(p, key, value)
}

func (c *change) write(p *Part, key, value []byte) {
	c.delivery.Outputs.Add(transact.Key{Topic: p.Changelog, Partition: p.ID}, &processor.Output{Key: key, Value: value},
		batchBytes, c.now, transact.Origin{})
}

// stand writes where the state of a partition stands then, and moves the group there. Its number is the next one, its
// sum that of what is counted: what is there then.
func (c *change) stand(g *Group, p *Part, at state.Position) {
	at.Number = max(p.Position.Number, p.Note.Number) + 1
	at.Sum = p.counted().Sum(at.Clock, g.o.Retention)
	at.Writer, at.RawTopic = g.writer(), p.Raw
	c.write(p, state.PositionKey, at.Append(nil))
	c.delivery.Offsets = append(c.delivery.Offsets, transact.Offset{Topic: p.Raw, Partition: p.ID, Next: at.Offset,
		Note: transact.Note{Number: at.Number, Partitions: at.Partitions}})
	c.parts, c.stands = append(c.parts, p), append(c.stands, at)
}

// commit makes a change in one transaction, unless the group has come to life or has moved meanwhile.
func (g *Group) commit(ctx context.Context, c *change) error {
	if err := g.unmoved(ctx, c.parts); err != nil {
		return err
	}
	err := g.session.Deliver(ctx, &c.delivery)
	if err == nil {
		for i, p := range c.parts {
			p.Position = c.stands[i]
			p.Offset, p.Note = p.Position.Offset, transact.Note{Number: p.Position.Number,
				Partitions: p.Position.Partitions}
		}
		return nil
	}
	// Whatever became of it ends now, and not with its timeout.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	return explain(errors.Join(err, g.session.Abandon(ending)), g, c.parts[0])
}

// unmoved is nil if the group is stopped and where it was.
func (g *Group) unmoved(ctx context.Context, parts []*Part) error {
	if err := g.stopped(ctx); err != nil {
		return err
	}
	now := make([]*Part, len(parts))
	for i, p := range parts {
		now[i] = &Part{Topics: p.Topics, ID: p.ID}
	}
	if err := g.locate(ctx, now, true); err != nil {
		return err
	}
	for i, p := range parts {
		if p.Offset != now[i].Offset || p.Note != now[i].Note {
			return fmt.Errorf("%w: %s moved from offset %d to %d meanwhile; nothing more was changed: stop all "+
				"instances, and run this again", errRunning, p, p.Offset, now[i].Offset)
		}
	}
	return nil
}

// explain says what became of a transaction that failed.
func explain(err error, g *Group, p *Part) error {
	const again = "running this again goes on from there"
	switch cluster.Classify(err) {
	case cluster.ClassRejoin:
		return fmt.Errorf("%w: an instance of %s has started meanwhile; nothing of %s was changed: stop it, and run "+
			"this again (%w)", errRunning, g.o.Group, p, err)
	case cluster.ClassFenced:
		return fmt.Errorf("%s: another `verdict state` command for %s has begun, or this one took longer than %s: %w; "+
			"%s", p, g.o.Group, transactionTimeout, err, again)
	case cluster.ClassTooLarge:
		return fmt.Errorf("%s: %w: give %s a max.message.bytes of at least %d", p, err, p.Changelog, 2*batchBytes)
	default:
		return fmt.Errorf("%s: the transaction has failed, or it is not known what became of it: %w; %s", p,
			cluster.Explain(err), again)
	}
}
