package pipeline

import (
	"verdict/cmd/verdict/config"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// keyedDecoder gives each record the key that it should have: a line of a file has none, and to call that an anomaly
// would say nothing about the event.
type keyedDecoder struct{ *codec.Decoder }

func (k keyedDecoder) Decode(r *processor.Record, e *processor.Event) error {
	err := k.Decoder.Decode(r, e)
	r.Key = []byte(e.VerificationID)
	return err
}

// NewOffline makes the processor of a pipeline for events of one format, and of a product where that does not name
// it; with JSON output and without a registry.
func NewOffline(cfg *config.Loaded, version string, catalog *rules.Catalog, format codec.Format,
	product string) *processor.Processor {
	options := decoderOptions(cfg, nil)
	options.Formats = map[string]codec.Format{"": format}
	options.Products = map[string]string{"": product}
	return processor.New(catalog, keyedDecoder{codec.NewDecoder(options)}, codec.NewJSONEncoder(),
		processorOptions(cfg, version))
}
