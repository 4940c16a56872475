package pipeline

import (
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka"
)

// logStart says in a few lines what the process will do, so that whoever reads the log later knows by which settings.
func (p *Pipeline) logStart(address string) {
	c := p.cfg
	p.log.Info("verdict is starting",
		zap.String("version", p.version), zap.Strings("brokers", c.Kafka.Brokers), zap.String("group", c.Kafka.Group),
		zap.String("instance_id", c.Kafka.InstanceID), zap.String("http", address))
	p.logRules()
	p.logTopics()
	p.logDelivery()
	if s := c.Kafka.SASL; s.Mechanism != "" && !c.Kafka.TLS.Enabled {
		p.log.Warn("logging in without TLS: whoever sees the network sees what is sent; set kafka.tls.enabled",
			zap.String("mechanism", s.Mechanism))
	}
}

func (p *Pipeline) logRules() {
	dirs := pathsOf(rulesDirs(p.cfg))
	from := dirs
	if p.cfg.Catalog.Dir == "" {
		from = append([]string{"built-in"}, dirs...)
	}
	fields := []zap.Field{zap.String("rules_version", p.rules.Catalog.Version), zap.Strings("from", from)}
	if len(dirs) > 0 { // or else there is nothing to look at
		fields = append(fields, zap.Duration("looked_at_every", p.cfg.Catalog.ReloadInterval))
	}
	p.log.Info("it will decide by these rules", fields...)
}

func (p *Pipeline) logTopics() {
	var raw, off []string
	for _, t := range p.cfg.Topics.Raw {
		raw = append(raw, t.String())
	}
	outputs := p.cfg.Outputs()
	fields := []zap.Field{zap.Strings("raw", raw), zap.String("format", p.cfg.Output.Format)}
	for _, route := range processor.Routes() {
		if name := route.Spec().Setting; outputs[route] == "" {
			off = append(off, name)
		} else {
			fields = append(fields, zap.String(name, outputs[route]))
		}
	}
	p.log.Info("it will read raw topics and publish to these", append(fields, zap.Strings("off", off))...)
}

func (p *Pipeline) logDelivery() {
	says := "it will commit outputs and offsets together, exactly once"
	switch {
	case p.kafka.Delivery == kafka.DeliveryAtLeastOnce:
		says = "it will commit offsets after what was published, at least once: after a failure some is published again"
	case p.cfg.StateOn():
		says = "it will commit outputs, state and offsets together, exactly once"
	}
	state := zap.String("state", "off: repeats and late events are not known as such")
	if p.cfg.StateOn() {
		state = zap.Duration("verifications_are_remembered_for", p.cfg.State.Retention)
	}
	p.log.Info(says, state)
}
