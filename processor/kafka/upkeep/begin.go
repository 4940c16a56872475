package upkeep

import (
	"context"
	"fmt"

	"verdict/processor/state"
)

// Step is what was done, or would be, about one raw partition.
type Step struct {
	Part   *Part
	Did    Did
	Offset int64 // where the group goes on
	Keys   int   // verifications that were forgotten (reset) or moved from here (rekey)
	Known  int   // rekey: those that another partition knows already, so that they were only forgotten here
	Stray  int   // rekey: those that are where no Java producer would put their key: they stay
}

// Did says what.
type Did string

// What may be done about a partition.
const (
	DidBegin   Did = "begun"   // state begins at the group's offset
	DidGoOn    Did = "gone on" // what the changelog still has is all that is known now
	DidReset   Did = "reset"   // what was known is forgotten, and all from the offset on is decided anew
	DidRekey   Did = "rekeyed" // keys that belong to other partitions now are there
	DidNothing Did = "unread"  // nothing was ever decided of it: a runner begins it by itself
	DidStands  Did = "stands"  // state and offset agree, or a runner settles it by itself
	DidBehind  Did = "behind"  // the changelog lacks what the group has decided, and nobody has said to go on
)

// Begin begins state at the group's offset where there is an offset and no position record. With again it also has a
// partition of which the changelog has lost something go on with what is there now, from the group's offset or the
// position record's, whichever is further: nothing is decided again. It tells each of all partitions, and with dryRun
// does nothing else.
func (g *Group) Begin(ctx context.Context, again, dryRun bool, each func(Step)) error {
	if err := g.open(ctx, dryRun); err != nil {
		return err
	}
	for _, t := range g.o.Topics {
		parts, err := g.survey(ctx, t, verify)
		if err != nil {
			return err
		}
		for _, p := range parts {
			step, err := g.begin(ctx, p, again, dryRun)
			if err != nil {
				return err
			}
			each(step)
		}
	}
	return nil
}

func (g *Group) begin(ctx context.Context, p *Part, again, dryRun bool) (Step, error) {
	step := Step{Part: p, Did: DidBegin, Offset: max(p.Offset, p.Position.Offset)}
	switch err := p.check(); {
	case err != nil:
		return step, err
	case p.Offset < 0 && !p.Known():
		step.Did = DidNothing
		return step, nil
	case p.Lost() && !again:
		step.Did = DidBehind
		return step, nil
	case p.Known() && !p.Lost():
		step.Did, step.Offset = DidStands, p.Position.Offset
		return step, nil
	case !p.HasLog:
		return step, fmt.Errorf("%s has no partition %d: `verdict state rekey` adds it, or `kafka-topics --alter "+
			"--topic %s --partitions %d`", p.Changelog, p.ID, p.Changelog, p.Count)
	}
	c := g.newChange()
	at := state.Position{Offset: step.Offset, Partitions: p.Count, Clock: p.Position.Clock, Started: c.now}
	if p.Known() {
		step.Did = DidGoOn
		at.Partitions = p.Position.Partitions // what is still known may have to be moved to others
	}
	if dryRun {
		return step, nil
	}
	c.stand(g, p, at)
	return step, g.commit(ctx, c)
}
