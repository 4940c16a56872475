// Package pipeline makes a running process of settings: catalog, decoder, processor, encoder and runner, with its
// readiness and metrics. The command run, the demonstration and the bench have the same one.
package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"verdict/cmd/verdict/cases"
	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/web"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/rules"
)

// Pipeline is all parts of a running process, ready to decide.
type Pipeline struct {
	cfg      *config.Loaded
	version  string
	rules    *Rules
	source   *snapshot // what the rules' directories held, which they were loaded from
	kafka    kafka.Config
	registry *codec.Registry // nil: none
	ready    *web.Readiness
	runner   atomic.Pointer[kafka.Runner] // nil: there is none yet
	began    time.Time
	Metrics  *prometheus.Registry
	runs     *kafka.Metrics // the runner's: there before it, as what makes it may be waited for
	loaded   *rulesMetrics
	settle   func(context.Context) // between two reads of the rules
	log      *zap.Logger

	// Hangups, if there are any, have the rules' files looked at at once.
	Hangups <-chan os.Signal
	// Differs, if not nil, says in lines what a catalog decides otherwise than the one before. Each begins with a
	// vocabulary's name and a colon; the log has their number.
	Differs func(now, before *rules.Catalog) []string
}

// ErrLogged is the error of a pipeline that has told in the log why it ended: an operator looks there, and needs it
// no second time.
var ErrLogged = errors.New("it ended by an error that is in the log")

// New makes a pipeline of settings that fit together (CheckRun). It loads what needs no network; version is the
// program's, for log, metrics and dead letters.
func New(cfg *config.Loaded, version string, log *zap.Logger) (*Pipeline, error) {
	p := &Pipeline{cfg: cfg, version: version, ready: &web.Readiness{}, began: time.Now(), log: log,
		settle: settleFor}
	p.ready.Waiting("starting")
	return p, p.prepare()
}

// Serve decides until ctx is done, with health and metrics over HTTP. listening, if there is one, is told the HTTP
// address once it answers. The error may be ErrLogged. A pipeline serves or runs once.
func (p *Pipeline) Serve(ctx context.Context, listening func(address string)) error {
	defer p.close()
	server, err := web.Start(ctx, p.cfg.HTTP.Address, p.Metrics, p.ready,
		func() any { return p.Status() }, p.log)
	if err != nil {
		return err
	}
	defer server.Stop(ctx)
	if listening != nil {
		listening(server.Address())
	}
	p.logStart(server.Address())
	return p.logEnd(p.work(ctx))
}

// Run decides until ctx is done, without HTTP. A pipeline serves or runs once.
func (p *Pipeline) Run(ctx context.Context) error {
	defer p.close()
	return p.work(ctx)
}

// Ready is nil while the pipeline can make progress, or why it cannot.
func (p *Pipeline) Ready() error { return p.ready.Ready() }

// Status says how the instance is, as /readyz does and in more words.
func (p *Pipeline) Status() kafka.Status {
	s := kafka.Status{Since: p.began, RulesVersion: p.rules.Catalog.Version, Group: p.kafka.Group,
		InstanceID: p.kafka.InstanceID, Partitions: []kafka.PartitionStatus{}}
	if runner := p.runner.Load(); runner != nil {
		s = runner.Status()
	}
	s.Version = p.version
	if err := p.Ready(); err != nil { // also while it stops
		if s.Ready {
			s.Since = time.Now()
		}
		s.Ready, s.Reason = false, err.Error()
	}
	return s
}

func (p *Pipeline) close() {
	if p.registry != nil {
		p.registry.Close()
	}
}

// stopped says whether the process has been asked to end.
func stopped(ctx context.Context) bool { return ctx.Err() != nil }

// work decides until ctx is done.
func (p *Pipeline) work(ctx context.Context) error {
	encoder, err := p.encoder(ctx)
	switch {
	case stopped(ctx): // while it waited for the registry
		return nil
	case err != nil:
		return err
	}
	return p.consume(ctx, encoder)
}

func (p *Pipeline) logEnd(err error) error {
	if err == nil {
		p.log.Info("stopped", zap.String("group", p.cfg.Kafka.Group))
		return nil
	}
	p.log.Error("ended by an error", zap.Error(err))
	return ErrLogged
}

func (p *Pipeline) prepare() (err error) {
	dirs := pathsOf(rulesDirs(p.cfg))
	none := func(*snapshot) bool { return len(dirs) == 0 } // or else what is half written could decide
	if p.source, err = readTwice(context.Background(), dirs, p.settle, none); err != nil {
		return err
	}
	if p.rules, err = p.load(p.source); err != nil {
		return err
	}
	p.warnUntested(dirs)
	if p.kafka, err = KafkaConfig(p.cfg); err != nil {
		return err
	}
	p.Metrics = prometheus.NewRegistry()
	p.Metrics.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newStatusMetrics(p.Status))
	if p.registry, err = newRegistry(p.cfg, countRegistryErrors(p.Metrics)); err != nil {
		return err
	}
	p.runs = kafka.NewMetrics(p.Metrics, p.rules.Catalog.VocabularyNames())
	p.loaded = newRulesMetrics(p.Metrics, p.version)
	p.loaded.taken(p.rules.Catalog.Version)
	return nil
}

// load makes rules of what their directories held, and has them stand all tests that a run needs.
func (p *Pipeline) load(from *snapshot) (*Rules, error) {
	r, err := readRules(p.cfg, from.open)
	if err != nil {
		return nil, err
	}
	if mistakes := append(r.CheckTopics(p.cfg), CheckOverdue(p.cfg, r.Catalog)...); mistakes != nil {
		return r, mistakes
	}
	report, err := testOwn(p.cfg, p.version, r, from.open)
	if err != nil {
		return r, err
	}
	if report != nil {
		p.warnFinished(report)
	}
	return r, nil
}

// warnUntested tells of rules of the operator's that no case holds to what they must say.
func (p *Pipeline) warnUntested(dirs []string) {
	names := p.source.names()
	for _, dir := range dirs {
		if !hasCases(names, dir) {
			p.log.Warn("nothing holds the operator's own rules to what they must say: write cases beside them",
				zap.String("rules", dir), zap.String("cases", filepath.Join(dir, rules.CasesDir)))
		}
	}
}

// warnFinished tells of cases whose mark says that they do not pass yet. A case that has become true is no reason to
// stand still.
func (p *Pipeline) warnFinished(report *cases.Report) {
	if finished := report.Finished(); finished != nil {
		p.log.Warn("cases pass that are marked with todo: remove the marks, so that the cases hold from now on",
			zap.Int("count", report.Count(nil, cases.Finished)), zap.Strings("cases", finished))
	}
}

func (p *Pipeline) consume(ctx context.Context, encoder processor.Encoder) error {
	processorBy := func(r *Rules) *processor.Processor {
		decoder := codec.NewDecoder(decoderOptions(p.cfg, r, p.registry))
		return processor.New(r.Catalog, decoder, encoder, processorOptions(p.cfg, p.version))
	}
	core := processorBy(p.rules)
	runner, err := kafka.NewRunner(p.kafka, core, p.runs, p.log)
	if err != nil {
		return err
	}
	p.runner.Store(runner)
	p.ready.Asking(func() error {
		if stopped(ctx) {
			return errors.New("stopping")
		}
		return runner.Ready()
	})
	defer p.look(ctx, runner, processorBy)()
	return runner.Run(ctx)
}

// look begins to follow the rules' files, and returns what ends it.
func (p *Pipeline) look(ctx context.Context, runner *kafka.Runner,
	processorBy func(*Rules) *processor.Processor) (end func()) {
	l := &reloader{
		dirs: pathsOf(rulesDirs(p.cfg)), load: p.load, metrics: p.loaded, log: p.log, settle: p.settle,
		drops:   func(from, to *Rules) error { return dropped(p.cfg, from, to, p.needs(runner.Decided)) },
		use:     func(r *Rules) { runner.Use(processorBy(r)) },
		differs: p.Differs, steady: steadyFor(p.cfg.Catalog.ReloadInterval), patience: lookPatience,
		rules: p.rules, runs: p.source.sum, files: p.source.names(),
	}
	ctx, stop := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() { l.run(ctx, p.cfg.Catalog.ReloadInterval, p.Hangups) })
	return func() {
		stop()
		looking.Wait()
	}
}
