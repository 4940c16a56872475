package kafka

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/findcoordinator"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
)

// ErrShutdownTimeout is what Run returns when leaving took longer than ShutdownTimeout.
var ErrShutdownTimeout = errors.New("kafka: shutting down took too long; an open transaction is left to its timeout")

// Runner reads raw topics, has each record processed and publishes what comes out of it. It runs once.
type Runner struct {
	env
	groupConns *cluster.GroupConns
	spread     *spread
	stores     *stores

	mostUnits  int           // where the load decides
	loadWindow time.Duration // for which it is measured
	units      int           // what it decided last
	usedUnits  int           // so many may have left something open

	life   context.Context // outlives Run's context until the shutdown is done
	failed chan error      // the first error that ends the runner
	once   sync.Once
}

// NewRunner makes a runner; it connects to nothing yet. The error names every field of cfg that is wrong.
func NewRunner(cfg Config, p *processor.Processor, m *Metrics, log *zap.Logger) (*Runner, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	shared := env{cfg: &cfg, log: log, metrics: m, status: newStatus(m.stalled),
		ledger: newLedger(time.Now()), seldom: newSeldom(), current: new(current),
		limits: newSizeLimits()}
	shared.current.Store(p)
	r := &Runner{env: shared, mostUnits: runtime.GOMAXPROCS(0), loadWindow: usualLoadWindow,
		failed: make(chan error, 1), stores: newStores(cfg.State.Retention, shared.current)}
	r.aborts = newInARow(m.aborts)
	for _, topic := range cfg.RawTopics {
		m.topic(topic)
	}
	return r, nil
}

// Run works until ctx is done; then it ends the open transactions, leaves the group and returns nil, or
// ErrShutdownTimeout. Any other error is one that trying again does not settle, and says what to do.
func (r *Runner) Run(ctx context.Context) error {
	stable := r.cfg.InstanceID != ""
	if stable {
		r.usedUnits = max(r.mostUnits, r.cfg.Units) // by a process before
	} else {
		r.cfg.InstanceID = randomID()
	}
	r.ledger.begin(r.cfg.InstanceID)
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	r.life = life
	r.spread = &spread{instance: r.cfg.InstanceID, held: r.stores.held,
		layout: func() (cluster.Layout, error) { return r.client.Layout(life) }}
	var err error
	if r.client, err = cluster.NewClient(r.connection(), r.allTopics()); err != nil {
		return err
	}
	defer r.client.Close()
	if err := r.outlasts(ctx); err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	background.Go(func() { r.tellReadiness(working) })
	group, err := r.join(working, stable)
	if group == nil {
		stop()
		background.Wait()
		return err
	}
	background.Go(func() { r.consume(working, group) })
	background.Go(func() { r.watch(working) })
	background.Go(func() { r.watchNeeded(working) })

	select {
	case <-ctx.Done():
	case err = <-r.failed:
	}
	stop()
	left := r.leave(group)
	if left == nil {
		background.Wait()
		r.stores.free() // or else a unit may still be at work with them
	}
	return errors.Join(err, left)
}

// join begins to join the group as soon as there is something to write to; nil: ctx is done, or there is an error. A
// stable name is one that a process before may have had.
func (r *Runner) join(ctx context.Context, stable bool) (*kafka.ConsumerGroup, error) {
	if !r.awaitOutputs(ctx) {
		return nil, nil
	}
	r.groupConns = cluster.NewGroupConns(r.client)
	r.log.Info("joining the consumer group", zap.String("group", r.cfg.Group), zap.String("instance", r.cfg.InstanceID))
	if stable {
		r.evictGhosts(ctx, r.log.Warn, "a member with the name of this instance was in the consumer group and is "+
			"taken out: a process that was killed has left it, or another process runs with the same instance id; if "+
			"so, give each its own kafka.instance_id")
	}
	return r.newGroup()
}

// leave ends the generation, with it the open transactions, and leaves the group.
func (r *Runner) leave(group *kafka.ConsumerGroup) error {
	deadline := time.NewTimer(r.cfg.ShutdownTimeout)
	defer deadline.Stop()
	joining := !r.status.inGeneration()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		group.Close()
		if joining {
			r.evictGhosts(r.life, r.log.Info, "took what a join that was cut off left out of the consumer group")
		}
	}()
	if joining {
		r.groupConns.Cut()
	}
	select {
	case <-closed:
		r.log.Info("left the consumer group")
		return nil
	case <-deadline.C:
		return ErrShutdownTimeout
	}
}

// watch ends the runner when the cluster has been silent for too long. A quiet instance asks now and then.
func (r *Runner) watch(ctx context.Context) {
	interval := min(r.cfg.SilentClusterTimeout/10, 5*time.Second)
	for cluster.Sleep(ctx, interval) {
		silence := r.client.Silence()
		if silence < interval {
			continue
		}
		if silence > r.cfg.SilentClusterTimeout {
			r.fail(fmt.Errorf("kafka: the cluster at %s has answered nothing for %s: check that it is up and can be "+
				"reached from here",
				strings.Join(r.cfg.Brokers, ","), silence.Round(time.Second)))
			return
		}
		_ = r.ping(ctx)
	}
}

// ping asks any broker for something that every user may ask.
func (r *Runner) ping(ctx context.Context) error {
	_, err := cluster.Ask[*findcoordinator.Response](ctx, r.client, &findcoordinator.Request{Key: r.cfg.Group})
	return err
}

// fail ends Run with the first error.
func (r *Runner) fail(err error) { r.once.Do(func() { r.failed <- err }) }

// Ready says why the runner cannot make progress, or nil: it has joined its group, knows its offsets and holds no
// partition back. An instance without partitions is ready, too.
func (r *Runner) Ready() error {
	if is := r.status.unready(); is != nil {
		return is
	}
	return nil
}

// Status says how the instance is. It may be asked at any time, before Run too, and waits for nothing.
func (r *Runner) Status() Status {
	err := r.Ready()
	s := Status{Ready: err == nil, Group: r.cfg.Group,
		RulesVersion: r.current.Load().RulesVersion()}
	if err != nil {
		s.Reason = err.Error()
	}
	r.ledger.fill(&s)
	return s
}

func (r *Runner) names() names { return names{r.cfg.Group, r.cfg.InstanceID} }

func (r *Runner) clientID() string { return r.cfg.ClientID + "-" + r.cfg.InstanceID }

// connection is the runner's own: brokers know the instance by its name.
func (r *Runner) connection() cluster.Connection {
	own := r.cfg.Connection
	own.ClientID = r.clientID()
	return own
}

func (r *Runner) outputTopics() []string {
	var topics []string
	for _, route := range processor.Routes() {
		if topic := r.cfg.Topics[route]; topic != "" {
			topics = append(topics, topic)
		}
	}
	return topics
}

func (r *Runner) allTopics() []string { return append(r.writtenTopics(), r.cfg.RawTopics...) }

// writtenTopics are the output topics and the changelogs.
func (r *Runner) writtenTopics() []string { return append(r.outputTopics(), r.cfg.changelogs()...) }

// memoryOf hands out the memory of a raw partition; nil without state.
func (r *Runner) memoryOf(of source) *memory {
	if !r.cfg.State.Enabled {
		return nil
	}
	return r.stores.take(of, r.cfg.changelog(of.topic))
}

// leaveOthers has the memories of partitions that are not this instance's any more dropped after a while.
func (r *Runner) leaveOthers(a *assignment) {
	assigned := map[source]bool{}
	for _, group := range a.groups {
		for _, p := range group {
			assigned[source{p.topic, p.id}] = true
		}
	}
	r.stores.leave(assigned)
}

func randomID() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
