package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/incrementalalterconfigs"

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
	to      cluster.Connection
	client  *cluster.Client
	created map[string]bool
}

func (p *Plan) apply(ctx context.Context, to cluster.Connection, onlyCreate bool) ([]TopicResult, error) {
	to = to.WithDefaults()
	c, err := cluster.NewClient(to, nil)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	a := &applying{to: to, client: c, created: map[string]bool{}}
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
		created, err := a.create(ctx, p)
		r.Created = created
		_, err = r.take(err)
		return r, err
	}
	if len(p.Settings) > 0 {
		if r.Set, err = r.take(a.set(ctx, p)); err != nil {
			return r, err
		}
	}
	if p.Grow != nil {
		r.Grown, err = r.take(a.grow(ctx, p))
	}
	return r, err
}

// take puts a broker's refusal into the result, and returns any other error.
func (r *TopicResult) take(err error) (done bool, other error) {
	switch {
	case err == nil:
		return true, nil
	case !errors.As(err, new(kafka.Error)) && !errors.Is(err, errNoRaw) && !errors.Is(err, errUnwritable):
		return false, err
	}
	cure := cluster.Cure(err)
	if r.Err != nil {
		err = fmt.Errorf("%w; %w", r.Err, err)
	}
	if r.Cure != "" && cure != "" && r.Cure != cure {
		cure = r.Cure + "; " + cure
	}
	r.Err, r.Cure = err, cmp.Or(cure, r.Cure)
	return false, nil
}

// create creates a topic; created is false where somebody else was faster. A changelog whose raw topic was not there,
// and is not one of ours, goes by what that one is like by now.
func (a *applying) create(ctx context.Context, p *Planned) (created bool, err error) {
	spec := p.Create
	if c := spec.Changelog; c != nil && !p.rawThere && !a.created[c.Raw] {
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

// set sets all of a topic's settings at a time, and no others.
func (a *applying) set(ctx context.Context, p *Planned) error {
	topic := incrementalalterconfigs.RequestResource{ResourceType: int8(kafka.ResourceTypeTopic), ResourceName: p.Name}
	for _, c := range p.Settings {
		topic.Configs = append(topic.Configs, incrementalalterconfigs.RequestConfig{Name: c.Name,
			ConfigOperation: int8(kafka.ConfigOperationSet), Value: c.New})
	}
	res, err := cluster.Ask[*incrementalalterconfigs.Response](ctx, a.client,
		&incrementalalterconfigs.Request{Resources: []incrementalalterconfigs.RequestResource{topic}})
	if err != nil {
		return err
	}
	for _, r := range res.Responses {
		if r.ErrorCode != 0 {
			return refused("IncrementalAlterConfigs", p.Name, r.ErrorCode, r.ErrorMessage)
		}
	}
	return nil
}

// grow adds partitions. That somebody else was faster is no failure; the brokers that are asked may not know it yet.
func (a *applying) grow(ctx context.Context, p *Planned) error {
	err := AddPartitions(ctx, a.client, p.Name, int32(p.Grow.New))
	if !errors.Is(err, kafka.InvalidPartitionNumber) {
		return err
	}
	unseen := cluster.Again(ctx, settledWithin, func(ctx context.Context) error {
		found, err := look(ctx, a.to, a.client, []TopicSpec{p.spec})
		if err == nil && found[p.Name].Partitions < p.Grow.New {
			err = errUnseen
		}
		return err
	})
	if unseen == nil {
		return nil
	}
	return err
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
