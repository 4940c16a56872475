package main

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/rules"
)

// pipeline is all parts of a running process, ready to decide.
type pipeline struct {
	cfg      *loadedConfig
	version  string
	catalog  *rules.Catalog
	kafka    kafka.Config
	registry *codec.Registry // nil: none
	ready    *readiness
	metrics  *prometheus.Registry
	log      *zap.Logger
}

// errLogged is the error of a pipeline that has told in the log why it ended: an operator looks there, and needs it no second time.
var errLogged = errors.New("it ended by an error that is in the log")

// newPipeline makes a pipeline of settings that fit together (checkRun). It loads what needs no network; version is the
// program's, for log, metrics and dead letters.
func newPipeline(cfg *loadedConfig, version string, log *zap.Logger) (*pipeline, error) {
	p := &pipeline{cfg: cfg, version: version, ready: &readiness{}, log: log}
	p.ready.waiting("starting")
	return p, p.prepare()
}

// serve decides until ctx is done, with health and metrics over HTTP. listening, if there is one, is told the HTTP address once it
// answers. The error may be errLogged. A pipeline serves or runs once.
func (p *pipeline) serve(ctx context.Context, listening func(address string)) error {
	defer p.closeRegistry()
	server, err := startServer(ctx, p.cfg.HTTP.Address, p.metrics, p.ready, p.log)
	if err != nil {
		return err
	}
	defer server.stop(ctx)
	if listening != nil {
		listening(server.address())
	}
	p.logStart(server.address())
	return p.logEnd(p.work(ctx))
}

// run decides until ctx is done, without HTTP. A pipeline serves or runs once.
func (p *pipeline) run(ctx context.Context) error {
	defer p.closeRegistry()
	return p.work(ctx)
}

// asked is nil while the pipeline can make progress, or why it cannot.
func (p *pipeline) asked() error { return p.ready.ready() }

func (p *pipeline) closeRegistry() {
	if p.registry != nil {
		p.registry.Close()
	}
}

// work decides until ctx is done.
func (p *pipeline) work(ctx context.Context) error {
	encoder, err := p.encoder(ctx)
	switch {
	case ctx.Err() != nil: // while it waited for the registry
		return nil
	case err != nil:
		return err
	}
	return p.consume(ctx, encoder)
}

func (p *pipeline) logEnd(err error) error {
	if err == nil {
		p.log.Info("stopped", zap.String("group", p.cfg.Kafka.Group))
		return nil
	}
	p.log.Error("ended by an error", zap.Error(err))
	return errLogged
}

func (p *pipeline) prepare() (err error) {
	if p.catalog, err = loadCatalog(p.cfg); err != nil {
		return err
	}
	if mistakes := checkProducts(p.cfg, p.catalog); mistakes != nil {
		return mistakes
	}
	if p.kafka, err = kafkaConfigOf(p.cfg); err != nil {
		return err
	}
	if p.registry, err = newRegistry(p.cfg); err != nil {
		return err
	}
	p.metrics = prometheus.NewRegistry()
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "verdict_build_info", Help: "1, with the versions of program and catalog as labels.",
	}, []string{"version", "rules_version"})
	p.metrics.MustRegister(build)
	build.WithLabelValues(p.version, p.catalog.Version).Set(1)
	return nil
}

func (p *pipeline) logStart(address string) {
	c := p.cfg
	var raw []string
	for _, t := range c.Topics.Raw {
		raw = append(raw, t.String())
	}
	p.log.Info("verdict is starting",
		zap.String("version", p.version), zap.String("rules_version", p.catalog.Version),
		zap.Strings("brokers", c.Kafka.Brokers), zap.String("group", c.Kafka.Group), zap.String("instance_id", c.Kafka.InstanceID),
		zap.String("delivery", c.Delivery), zap.String("output_format", c.Output.Format), zap.Strings("raw_topics", raw),
		zap.Strings("output_topics", []string{c.Topics.Decisions, c.Topics.Billing, c.Topics.Risk, c.Topics.DeadLetter}),
		zap.String("http", address))
	if s := c.Kafka.SASL; s.Mechanism != "" && !c.Kafka.TLS.Enabled {
		p.log.Warn("logging in without TLS: whoever sees the network sees what is sent; set kafka.tls.enabled", zap.String("mechanism", s.Mechanism))
	}
}

func (p *pipeline) consume(ctx context.Context, encoder processor.Encoder) error {
	decoder := codec.NewDecoder(decoderOptions(p.cfg, p.registry))
	core := processor.New(p.catalog, decoder, encoder, processorOptions(p.cfg, p.version))
	runner, err := kafka.NewRunner(p.kafka, core, kafka.NewMetrics(p.metrics, core.Vocabularies()), p.log)
	if err != nil {
		return err
	}
	p.ready.asking(func() error {
		if ctx.Err() != nil {
			return errors.New("stopping")
		}
		return runner.Ready()
	})
	return runner.Run(ctx)
}
