package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
)

// TopicResult says what became of one topic: of what was planned for it, what is done.
type TopicResult struct {
	Name    string
	Created bool // false with a nil Err: it was there already
	Set     bool // the planned settings are set
	Grown   bool // it has the planned partitions
	Err     error
	Cure    string // what to do about Err; "" where Err says it
}

// Explained is Err with its cure.
func (r TopicResult) Explained() error {
	if r.Err == nil || r.Cure == "" {
		return r.Err
	}
	return fmt.Errorf("%w: %s", r.Err, r.Cure)
}

// Apply does what is planned, topic by topic, and what it cannot do is in that topic's result; the others go on. It
// returns when the brokers say themselves what it has done, or after some seconds: they learn of it one by one. The
// error is one of a request that had no answer; the results are then those of the topics before it.
func (p *Plan) Apply(ctx context.Context, to cluster.Connection) ([]TopicResult, error) {
	return p.apply(ctx, to, false)
}

// Create is the part of Apply that creates topics. One that could not be looked at is created if it is not there.
func (p *Plan) Create(ctx context.Context, to cluster.Connection) ([]TopicResult, error) {
	return p.apply(ctx, to, true)
}

type applying struct {
	to         cluster.Connection
	client     *cluster.Client
	onlyCreate bool
	created    map[string]bool
	// failed are raw topics that are not there, or not as their changelogs are planned by.
	failed map[string]bool
}

func (p *Plan) apply(ctx context.Context, to cluster.Connection, onlyCreate bool) ([]TopicResult, error) {
	to = to.WithDefaults()
	c, err := cluster.NewClient(to, nil)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	a := &applying{to: to, client: c, onlyCreate: onlyCreate, created: map[string]bool{}, failed: map[string]bool{}}
	var results []TopicResult
	for i := range p.Topics {
		t := &p.Topics[i]
		if onlyCreate {
			t = t.onlyCreated()
		}
		r, err := a.topic(ctx, t)
		if err != nil {
			return results, fmt.Errorf("topic %s: no answer from %s: %w; see that the brokers stay up and run this "+
				"again, what is done stays", t.Name, strings.Join(to.Brokers, ","), err)
		}
		results = append(results, r)
	}
	a.awaitSeen(ctx, p, results)
	return results, nil
}

// onlyCreated is the part that creates. Who may create a topic may not be allowed to see whether it is there.
func (p *Planned) onlyCreated() *Planned {
	only := &Planned{Name: p.Name, Create: p.Create, spec: p.spec, rawThere: p.rawThere}
	switch {
	case p.hidden:
		only.Create = &p.spec
	case !p.there:
		only.Err, only.Cure = p.Err, p.Cure
	}
	return only
}

// topic does what is planned for one. The error is that of a request without an answer.
func (a *applying) topic(ctx context.Context, p *Planned) (r TopicResult, err error) {
	r = TopicResult{Name: p.Name, Err: p.Err, Cure: p.Cure}
	if p.Create != nil {
		r.Created, err = a.create(ctx, p)
		done, err := r.take(err)
		a.failed[p.Name] = !done
		if !done || r.Created || a.onlyCreate {
			return r, err
		}
		if err := a.redraw(ctx, p); err != nil {
			return r, err
		}
		r.Err, r.Cure = p.Err, p.Cure
	}
	if len(p.Settings) > 0 {
		if r.Set, err = r.take(a.set(ctx, p)); err != nil {
			return r, err
		}
		a.failed[p.Name] = !r.Set && p.governs()
	}
	if p.Grow != nil {
		r.Grown, err = r.take(a.grow(ctx, p))
	}
	return r, err
}

// governs says whether a changelog's settings follow from what is to be set.
func (p *Planned) governs() bool {
	return slices.ContainsFunc(p.Settings, func(c Change) bool {
		return c.Name == cleanupPolicy || c.Name == "retention.ms"
	})
}

// redraw plans anew a topic that was to be created, and that somebody else has made meanwhile: perhaps otherwise.
func (a *applying) redraw(ctx context.Context, p *Planned) error {
	err := cluster.Again(ctx, settledWithin, func(ctx context.Context) error {
		found, err := look(ctx, a.to, a.client, []TopicSpec{p.spec})
		switch have := found[p.Name]; {
		case err != nil:
			return err
		case have.Partitions == 0 && have.Err == nil:
			return errUnseen
		}
		*p = draw([]TopicSpec{p.spec}, found).Topics[0]
		return nil
	})
	if errors.Is(err, errUnseen) {
		p.Create, p.Err = nil, errors.New("somebody else makes it just now, and it cannot be seen yet: run this again")
		return nil
	}
	return err
}

// take puts a broker's refusal into the result, and returns any other error.
func (r *TopicResult) take(err error) (done bool, other error) {
	switch {
	case err == nil:
		return true, nil
	case !errors.As(err, new(kafka.Error)) && !errors.As(err, new(*curable)):
		return false, err
	}
	r.Cure, r.Err = addTo(r.Err, r.Cure, err)
	return false, nil
}

// create creates a topic; created is false where somebody else was faster. A changelog whose raw topic was not there,
// and is not one of ours, goes by what that one is like by now.
func (a *applying) create(ctx context.Context, p *Planned) (created bool, err error) {
	spec := p.Create
	if c := spec.Changelog; c != nil && !p.rawThere && !a.created[c.Raw] {
		if a.failed[c.Raw] {
			return false, &curable{error: fmt.Errorf("it goes by its raw topic %s, which was not created: see there",
				c.Raw)}
		}
		found, err := look(ctx, a.to, a.client, []TopicSpec{*spec})
		if err != nil {
			return false, err
		}
		p := Planned{Name: spec.Name, spec: *spec}
		if p.beside(found[c.Raw], &Found{}); p.Err != nil {
			return false, p.Err
		}
		spec = &p.spec
	}
	created, err = createTopic(ctx, a.to, a.client, spec)
	a.created[spec.Name] = created
	return created, err
}

// seenWithin is how long brokers may take to learn of what another one has done.
const seenWithin = 5 * time.Second

var errUnseen = errors.New("not seen yet")

// awaitSeen waits until what is done is seen, so that who looks next finds nothing to do.
func (a *applying) awaitSeen(ctx context.Context, p *Plan, results []TopicResult) {
	var done []TopicSpec
	for i, r := range results {
		if r.Err == nil && (r.Created || r.Set || r.Grown) {
			done = append(done, p.Topics[i].spec)
		}
	}
	if done == nil {
		return
	}
	_ = cluster.Again(ctx, seenWithin, func(ctx context.Context) error {
		found, err := look(ctx, a.to, a.client, done)
		if err != nil {
			return err
		}
		if draw(done, found).Changes() {
			return errUnseen
		}
		return nil
	})
}
