// Package status says how a group is getting on: who is in it, what each instance has, what waits and since when, and
// what is wrong. Most of it comes from Kafka alone; why a partition is held or restoring, the instances say themselves.
package status

import (
	"context"
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/processor/kafka"
	"verdict/processor/kafka/overview"
)

// Options say which group is looked at, and how it is shown.
type Options struct {
	Config    *config.Loaded
	Instances []string      // URLs to ask; none: each member's host, at the port of http.address
	MaxAge    time.Duration // how old a record may be that waits
	All       bool          // a line for each partition, however many
	JSON      bool
	Watch     bool // again and again, until ctx is done
	Out       io.Writer
}

// Outcome is what a look comes to.
type Outcome int

// Outcomes.
const (
	Fine    Outcome = iota
	Wrong           // a partition is held, records wait too long or for nobody, or a topic is missing
	Unknown         // nothing of that, but some of it could not be seen
)

var outcomeNames = []string{"fine", "wrong", "unknown"}

// MarshalText is the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(outcomeNames[o]), nil }

// watchEvery is how often Watch looks.
const watchEvery = 2 * time.Second

// Run looks once or, with Watch, until ctx is done: then the outcome is the last look's. An error says what could not
// be had of Kafka, and what to do; one that Watch has shown already only makes the outcome Unknown.
func Run(ctx context.Context, o Options) (Outcome, error) {
	l, err := o.open()
	if err != nil {
		return Unknown, err
	}
	defer l.kafka.Close()
	if !o.Watch {
		r, err := l.look(ctx)
		if ctx.Err() != nil {
			return Unknown, nil // who has ended it knows why
		}
		if err != nil {
			return Unknown, err
		}
		return r.Outcome, l.show(r)
	}
	return l.watch(ctx)
}

// looker looks at one group.
type looker struct {
	o     Options
	cfg   kafka.Config
	kafka *overview.Observer
}

func (o *Options) open() (*looker, error) {
	if err := o.Config.CheckTopics(); err != nil {
		return nil, err
	}
	cfg, err := pipeline.KafkaConfig(o.Config)
	if err != nil {
		return nil, err
	}
	l := &looker{o: *o, cfg: cfg.WithDefaults()}
	var needs []string
	for _, topic := range kafka.TopicPlan(cfg) {
		needs = append(needs, topic.Name)
	}
	l.kafka, err = overview.Connect(overview.Options{Connection: cfg.Connection, Group: cfg.Group, Raw: cfg.RawTopics,
		Needs: needs})
	return l, err
}

func (l *looker) look(ctx context.Context) (*report, error) {
	view, err := l.kafka.Look(ctx)
	if err != nil {
		return nil, err
	}
	return l.report(view, l.instances(ctx, view)), nil
}

// watch looks until ctx is done. On a terminal each look takes the place of the one before.
func (l *looker) watch(ctx context.Context) (Outcome, error) {
	last := Unknown
	again := time.NewTicker(watchEvery)
	defer again.Stop()
	for {
		r, err := l.look(ctx)
		if ctx.Err() != nil {
			return last, nil
		}
		if screen.IsTerminal(l.o.Out) {
			fmt.Fprint(l.o.Out, "\x1b[H\x1b[J")
		}
		if err == nil {
			last, err = r.Outcome, l.show(r)
		} else {
			last = Unknown
			fmt.Fprintf(screen.Wrapped(l.o.Out, 0), "%s  cannot tell: %v\n", time.Now().Format(time.TimeOnly), err)
			err = nil
		}
		if err != nil {
			return last, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return last, nil
		}
	}
}

func (l *looker) show(r *report) error {
	if l.o.JSON {
		return screen.WriteJSON(l.o.Out, r)
	}
	return l.text(r)
}
