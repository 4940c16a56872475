package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/codec"
)

// encoder makes the encoder of the outputs; for Avro it needs the registry's ids and waits for them.
func (p *Pipeline) encoder(ctx context.Context) (processor.Encoder, error) {
	if p.cfg.Output.Format == "json" {
		return codec.NewJSONEncoder(), nil
	}
	ids, err := p.schemaIDs(ctx)
	if err != nil {
		return nil, err
	}
	var known []zap.Field
	for _, route := range processor.EncodedRoutes() {
		if ids[route] != 0 { // 0: the route is off
			known = append(known, zap.Int(route.String(), ids[route]))
		}
	}
	p.log.Info("schemas are known to the registry", known...)
	return codec.NewAvroEncoder(ids)
}

// Back-off between two tries to reach the registry at start.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// schemaIDs registers the output schemas, or looks them up. A registry that does not answer is waited for; one that
// refuses ends the process.
func (p *Pipeline) schemaIDs(ctx context.Context) (codec.SchemaIDs, error) {
	ask, doing := p.registry.Register, "registering the schemas"
	if !p.cfg.Registry.Register {
		ask, doing = p.registry.LookUp, "looking up the schemas"
	}
	p.ready.Waiting(doing)
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		ids, err := ask(ctx, codec.SubjectsOf(p.cfg.Outputs()))
		if err == nil {
			return ids, nil
		}
		if !errors.Is(err, codec.ErrRegistryUnavailable) {
			return ids, fmt.Errorf("%s: %w", doing, err)
		}
		p.ready.Waiting(fmt.Sprintf("%s: %v", doing, err))
		p.log.Warn("waiting for the schema registry", zap.Error(err), zap.Duration("retry_in", wait))
		select {
		case <-ctx.Done():
			return ids, ctx.Err()
		case <-time.After(wait):
		}
	}
}
