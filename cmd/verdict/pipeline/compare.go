package pipeline

import (
	"verdict/cmd/verdict/config"
	"verdict/processor"
	"verdict/processor/codec"
)

// silent writes no values: decisions that are only looked at need none.
type silent struct{}

func (silent) Append(_ processor.Route, dst []byte, _ *processor.Decision) ([]byte, error) {
	return dst, nil
}

func (silent) ContentType() string { return "" }

// NewComparing makes a processor of a pipeline whose decisions are looked at and not published. Its records are those
// of the raw topics; with input, which may be nil, they are lines of a file, as for NewOffline. The registry may be
// nil.
func NewComparing(cfg *config.Loaded, version string, rules *Rules, input *Input,
	registry *codec.Registry) *processor.Processor {
	options := decoderOptions(cfg, rules, registry)
	choices := processorOptions(cfg, version)
	choices.PublishRepeats, choices.MinimalHeaders = false, true
	for _, r := range processor.Routes() {
		choices.Off[r] = true
	}
	if input == nil {
		return processor.New(rules.Catalog, codec.NewDecoder(options), silent{}, choices)
	}
	options.Topics = input.topics()
	choices.Retention = 0
	return processor.New(rules.Catalog, keyedDecoder{codec.NewDecoder(options)}, silent{}, choices)
}

// NewExplaining makes a processor that says of single records of the raw topics on which routes they would go, also on
// those that the settings have off: something may be there that was published before. It keeps no memory and publishes
// nothing. The registry may be nil.
func NewExplaining(cfg *config.Loaded, version string, rules *Rules, registry *codec.Registry) *processor.Processor {
	choices := processorOptions(cfg, version)
	choices.Retention, choices.MinimalHeaders = 0, true
	choices.Off = [processor.NumRoutes]bool{}
	return processor.New(rules.Catalog, codec.NewDecoder(decoderOptions(cfg, rules, registry)), silent{}, choices)
}

// RulesIn loads the rules in a directory that no setting names, as UseRules takes it. They need not have the formats
// and products of the raw topics: the settings may be for other rules.
func RulesIn(c *config.Loaded, dir string) (*Rules, error) {
	own := *c
	if err := UseRules(&own, dir); err != nil {
		return nil, err
	}
	r, err := ReadRules(&own)
	if err != nil {
		return nil, err
	}
	return r, nil
}
