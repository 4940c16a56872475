package pipeline

import (
	"verdict/cmd/verdict/config"
	"verdict/processor"
	"verdict/processor/codec"
)

// keyedDecoder gives each record the key that it should have: a line of a file has none, and to call that an anomaly
// would say nothing about the event.
type keyedDecoder struct{ *codec.Decoder }

func (k keyedDecoder) Decode(r *processor.Record, e *processor.Event) error {
	err := k.Decoder.Decode(r, e)
	r.Key = []byte(e.VerificationID)
	return err
}

// Input says what is known of events beforehand, as it is of a raw topic's.
type Input struct {
	Format      string                // its name; "" is canonical
	Product     string                // of events that do not name it, "" is none
	Account     string                // likewise
	Integration processor.Integration // likewise
}

// topics are the options of the one kind of events there is.
func (i *Input) topics() map[string]codec.TopicOptions {
	return map[string]codec.TopicOptions{"": {
		Format: i.Format, Product: i.Product, Account: i.Account, Integration: i.Integration,
	}}
}

// NewOffline makes the processor of a pipeline for events of one kind; with JSON output and without a registry. It
// forgets nothing, as a file may be of any time, tells what takes each topic, there or not, and publishes no repeat.
func NewOffline(cfg *config.Loaded, version string, rules *Rules, input Input) *processor.Processor {
	options := decoderOptions(cfg, rules, nil)
	options.Topics = input.topics()
	choices := processorOptions(cfg, version)
	choices.Retention, choices.PublishRepeats, choices.Off = 0, false, [processor.NumRoutes]bool{}
	return processor.New(rules.Catalog, keyedDecoder{codec.NewDecoder(options)}, codec.NewJSONEncoder(), choices)
}
