// Package topics shows the topics that Verdict needs, says how a cluster's differ from them, and makes these so.
package topics

import (
	"context"
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
	"verdict/rules/wording"
)

// Options say which topics, and what is to be done about them.
type Options struct {
	Config      *config.Loaded
	Do          Action
	Partitions  int // of each topic; 0: the plan's
	Replication int // copies of each partition; 0: the brokers' default
	JSON        bool
	Out         io.Writer
}

// Action is what is to be done.
type Action int

// Actions.
const (
	Show   Action = iota // what is needed, without a cluster
	Plan                 // what would be done
	Apply                // do it
	Create               // the part of it that creates
)

// Outcome is what it comes to.
type Outcome int

// Outcomes.
const (
	Fine    Outcome = iota // nothing is to be done, or all is done
	Changes                // something is to be done
	Failed                 // of some of it one cannot tell, or it could not be done
)

// limit bounds all that is asked of the cluster.
const limit = time.Minute

// Run does it and writes what came of it. The error is a config.Mistakes, or says why nothing could be had of the
// cluster, and what to do; or how much could not be done.
func Run(ctx context.Context, o Options) (Outcome, error) {
	cfg, err := pipeline.TopicsConfig(o.Config)
	if err != nil {
		return Failed, err
	}
	specs := kafka.TopicPlan(cfg)
	for i := range specs {
		if o.Partitions > 0 {
			specs[i].Partitions, specs[i].Asked = o.Partitions, true
		}
		if o.Replication > 0 {
			specs[i].ReplicationFactor = o.Replication
		}
	}
	if o.Do == Show {
		return Fine, o.show(specs)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r, err := o.ask(ctx, cfg, specs)
	if r == nil {
		return Failed, err
	}
	if writeErr := o.write(r); writeErr != nil {
		return Failed, writeErr
	}
	if n := r.failed(); err == nil && n > 0 && o.Do != Plan {
		err = fmt.Errorf("%s could not be %s", wording.Count(n, "topic"), o.Do.done())
	}
	if err != nil {
		return Failed, err
	}
	return r.outcome(), nil
}

// ask looks at the cluster and does what is to be done. The report is nil where nothing is known; with an error it
// lacks what comes after it.
func (o *Options) ask(ctx context.Context, cfg kafka.Config, specs []admin.TopicSpec) (*report, error) {
	plan, err := admin.Compare(ctx, cfg.Connection, specs)
	if err != nil && o.Do == Plan {
		return nil, fmt.Errorf("the topics could not be looked at: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("no topic was %s: %w", o.Do.done(), err)
	}
	var results []admin.TopicResult
	switch o.Do {
	case Apply:
		results, err = plan.Apply(ctx, cfg.Connection)
	case Create:
		results, err = plan.Create(ctx, cfg.Connection)
	default:
		return planned(plan), nil
	}
	return applied(o.Do, plan, results), err
}

func (a Action) String() string {
	return map[Action]string{Show: "show", Plan: "plan", Apply: "apply", Create: "create"}[a]
}

// done is what has become of a topic.
func (a Action) done() string {
	if a == Create {
		return "created"
	}
	return "created or changed"
}
