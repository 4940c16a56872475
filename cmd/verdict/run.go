package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/rules"
)

func newRunCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Read raw events from Kafka, decide, publish, until stopped",
		Long: `Reads the raw topics, decides each record and publishes decisions, billing events, risk events and dead letters, in one
transaction with the offsets (delivery: exactly_once, the default).

` + settingsText + `

SIGTERM or SIGINT: the open transactions are finished, the group is left, exit code 0, within shutdown_timeout; past that
exit code 1. A second signal ends the process at once, with exit code 143 or 130. In each case nothing is lost and, exactly once,
nothing is published twice.

While it runs, http.address serves /healthz, /readyz (503 and the reason while it cannot make progress) and /metrics.`,
		Example: `  verdict run --config verdict.yaml
  VERDICT_KAFKA_BROKERS=kafka:9092 VERDICT_REGISTRY_URL=http://registry:8081 verdict run
  verdict run --set output.format=json --set kafka.group=verdict-test`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			if err := cfg.checkRun(); err != nil {
				return err
			}
			log := newLogger(cmd.ErrOrStderr(), cfg.Log.Level, cfg.Log.Format)
			ctx, stop := untilSignal(cmd.Context(), log)
			defer stop()
			boundMemory()
			return runPipeline(ctx, cfg, log, nil)
		},
	}
	flags.add(cmd)
	return cmd
}

// pipeline is all parts of a running process.
type pipeline struct {
	cfg      *loadedConfig
	catalog  *rules.Catalog
	kafka    kafka.Config
	registry *codec.Registry // nil: none
	ready    *readiness
	metrics  *prometheus.Registry
	log      *zap.Logger
}

// runPipeline decides until ctx is done. listening, if there is one, is told the HTTP address once it answers.
func runPipeline(ctx context.Context, cfg *loadedConfig, log *zap.Logger, listening func(address string)) error {
	p := &pipeline{cfg: cfg, ready: &readiness{}, log: log}
	p.ready.waiting("starting")
	if err := p.prepare(); err != nil {
		return err
	}
	if p.registry != nil {
		defer p.registry.Close()
	}
	web, err := startServer(ctx, cfg.HTTP.Address, p.metrics, p.ready, log)
	if err != nil {
		return err
	}
	defer web.stop(ctx)
	if listening != nil {
		listening(web.address())
	}
	p.logStart(web.address())
	return p.logEnd(p.work(ctx))
}

// work decides until ctx is done.
func (p *pipeline) work(ctx context.Context) error {
	encoder, err := p.encoder(ctx)
	switch {
	case stopped(ctx): // while it waited for the registry
		return nil
	case err != nil:
		return err
	}
	return p.consume(ctx, encoder)
}

// logEnd says how it ended in the log, where an operator looks, and not a second time on stderr.
func (p *pipeline) logEnd(err error) error {
	if err == nil {
		p.log.Info("stopped", zap.String("group", p.cfg.Kafka.Group))
		return nil
	}
	p.log.Error("ended by an error", zap.Error(err))
	return &commandError{nil, exitFailure}
}

// prepare loads what needs no network.
func (p *pipeline) prepare() (err error) {
	if p.catalog, err = p.cfg.loadCatalog(); err != nil {
		return err
	}
	if mistakes := p.cfg.checkProducts(p.catalog); mistakes != nil {
		return mistakes
	}
	if p.kafka, err = p.cfg.kafkaConfig(); err != nil {
		return err
	}
	if p.registry, err = p.cfg.newRegistry(); err != nil {
		return err
	}
	p.metrics = prometheus.NewRegistry()
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "verdict_build_info", Help: "1, with the versions of program and catalog as labels.",
	}, []string{"version", "rules_version"})
	p.metrics.MustRegister(build)
	build.WithLabelValues(version(), p.catalog.Version).Set(1)
	return nil
}

func (p *pipeline) logStart(address string) {
	c := p.cfg
	var raw []string
	for _, t := range c.Topics.Raw {
		raw = append(raw, t.String())
	}
	p.log.Info("verdict is starting",
		zap.String("version", version()), zap.String("rules_version", p.catalog.Version),
		zap.Strings("brokers", c.Kafka.Brokers), zap.String("group", c.Kafka.Group), zap.String("instance_id", c.Kafka.InstanceID),
		zap.String("delivery", c.Delivery), zap.String("output_format", c.Output.Format), zap.Strings("raw_topics", raw),
		zap.Strings("output_topics", []string{c.Topics.Decisions, c.Topics.Billing, c.Topics.Risk, c.Topics.DeadLetter}),
		zap.String("http", address))
	if s := c.Kafka.SASL; s.Mechanism != "" && !c.Kafka.TLS.Enabled {
		p.log.Warn("logging in without TLS: whoever sees the network sees what is sent; set kafka.tls.enabled", zap.String("mechanism", s.Mechanism))
	}
}

// encoder makes the encoder of the outputs; for Avro it needs the registry's ids and waits for them.
func (p *pipeline) encoder(ctx context.Context) (processor.Encoder, error) {
	if p.cfg.Output.Format == "json" {
		return codec.NewJSONEncoder(), nil
	}
	ids, err := p.schemaIDs(ctx)
	if err != nil {
		return nil, err
	}
	var known []zap.Field
	for _, route := range processor.EncodedRoutes() {
		known = append(known, zap.Int(route.String(), ids[route]))
	}
	p.log.Info("schemas are known to the registry", known...)
	return codec.NewAvroEncoder(ids)
}

// Back-off between two tries to reach the registry at start.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// schemaIDs registers the output schemas, or looks them up. A registry that does not answer is waited for; one that refuses
// ends the process.
func (p *pipeline) schemaIDs(ctx context.Context) (codec.SchemaIDs, error) {
	ask, doing := p.registry.Register, "registering the schemas"
	if !p.cfg.Registry.Register {
		ask, doing = p.registry.LookUp, "looking up the schemas"
	}
	p.ready.waiting(doing)
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		ids, err := ask(ctx, codec.SubjectsOf(p.cfg.outputTopics()))
		if err == nil {
			return ids, nil
		}
		if !errors.Is(err, codec.ErrRegistryUnavailable) {
			return ids, fmt.Errorf("%s: %w", doing, err)
		}
		p.ready.waiting(fmt.Sprintf("%s: %v", doing, err))
		p.log.Warn("waiting for the schema registry", zap.Error(err), zap.Duration("retry_in", wait))
		select {
		case <-ctx.Done():
			return ids, ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (p *pipeline) consume(ctx context.Context, encoder processor.Encoder) error {
	decoder := codec.NewDecoder(p.cfg.decoderOptions(p.registry))
	core := processor.New(p.catalog, decoder, encoder, p.cfg.processorOptions())
	runner, err := kafka.NewRunner(p.kafka, core, kafka.NewMetrics(p.metrics, core.Vocabularies()), p.log)
	if err != nil {
		return err
	}
	p.ready.asking(func() error {
		if stopped(ctx) {
			return errors.New("stopping")
		}
		return runner.Ready()
	})
	return runner.Run(ctx)
}
