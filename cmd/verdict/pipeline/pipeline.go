// Package pipeline makes a running process of settings: catalog, decoder, processor, encoder and runner, with its
// readiness and metrics. The command run, the demonstration and the bench have the same one.
package pipeline

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/web"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
)

// Pipeline is all parts of a running process, ready to decide.
type Pipeline struct {
	cfg      *config.Loaded
	version  string
	rules    *Rules
	kafka    kafka.Config
	registry *codec.Registry // nil: none
	ready    *web.Readiness
	Metrics  *prometheus.Registry
	log      *zap.Logger
}

// ErrLogged is the error of a pipeline that has told in the log why it ended: an operator looks there, and needs it
// no second time.
var ErrLogged = errors.New("it ended by an error that is in the log")

// New makes a pipeline of settings that fit together (CheckRun). It loads what needs no network; version is the
// program's, for log, metrics and dead letters.
func New(cfg *config.Loaded, version string, log *zap.Logger) (*Pipeline, error) {
	p := &Pipeline{cfg: cfg, version: version, ready: &web.Readiness{}, log: log}
	p.ready.Waiting("starting")
	return p, p.prepare()
}

// Serve decides until ctx is done, with health and metrics over HTTP. listening, if there is one, is told the HTTP
// address once it answers. The error may be ErrLogged. A pipeline serves or runs once.
func (p *Pipeline) Serve(ctx context.Context, listening func(address string)) error {
	defer p.close()
	server, err := web.Start(ctx, p.cfg.HTTP.Address, p.Metrics, p.ready, p.log)
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
	if p.rules, err = LoadRules(p.cfg); err != nil {
		return err
	}
	if mistakes := CheckOverdue(p.cfg, p.rules.Catalog); mistakes != nil {
		return mistakes
	}
	if p.kafka, err = KafkaConfig(p.cfg); err != nil {
		return err
	}
	if p.registry, err = NewRegistry(p.cfg); err != nil {
		return err
	}
	p.Metrics = prometheus.NewRegistry()
	p.Metrics.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "verdict_build_info", Help: "1, with the versions of program and catalog as labels.",
	}, []string{"version", "rules_version"})
	p.Metrics.MustRegister(build)
	build.WithLabelValues(p.version, p.rules.Catalog.Version).Set(1)
	return nil
}

func (p *Pipeline) logStart(address string) {
	c := p.cfg
	var raw []string
	for _, t := range c.Topics.Raw {
		raw = append(raw, t.String())
	}
	p.log.Info("verdict is starting",
		zap.String("version", p.version), zap.String("rules_version", p.rules.Catalog.Version),
		zap.Strings("brokers", c.Kafka.Brokers), zap.String("group", c.Kafka.Group),
		zap.String("instance_id", c.Kafka.InstanceID), zap.String("delivery", c.Delivery),
		zap.String("output_format", c.Output.Format), zap.Strings("raw_topics", raw),
		zap.Strings("output_topics", c.OutputTopics()),
		zap.String("http", address))
	if s := c.Kafka.SASL; s.Mechanism != "" && !c.Kafka.TLS.Enabled {
		p.log.Warn("logging in without TLS: whoever sees the network sees what is sent; set kafka.tls.enabled",
			zap.String("mechanism", s.Mechanism))
	}
}

func (p *Pipeline) consume(ctx context.Context, encoder processor.Encoder) error {
	decoder := codec.NewDecoder(decoderOptions(p.cfg, p.rules, p.registry))
	core := processor.New(p.rules.Catalog, decoder, encoder, processorOptions(p.cfg, p.version))
	runner, err := kafka.NewRunner(p.kafka, core, kafka.NewMetrics(p.Metrics, core.Vocabularies()), p.log)
	if err != nil {
		return err
	}
	p.ready.Asking(func() error {
		if stopped(ctx) {
			return errors.New("stopping")
		}
		return runner.Ready()
	})
	return runner.Run(ctx)
}
