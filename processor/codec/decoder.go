package codec

import (
	"bytes"
	"fmt"
	"sync"

	"verdict/processor"
)

// maxDepth bounds how deep a document or a value may be nested, in JSON and in Avro.
const maxDepth = 64

// Limits bound what one record may hold. Zero values are the defaults.
type Limits struct {
	// CollectionItems bounds the items of one array or map of an Avro value (all its blocks together), and the codes of
	// a JSON event; 65,536 by default.
	CollectionItems int
	// StringBytes bounds one string or bytes value of an Avro value; 1 MiB by default.
	StringBytes int
}

func (l Limits) withDefaults() Limits {
	if l.CollectionItems <= 0 {
		l.CollectionItems = 65_536
	}
	if l.StringBytes <= 0 {
		l.StringBytes = 1 << 20
	}
	return l
}

// DecoderOptions say how raw topics are written.
type DecoderOptions struct {
	// Formats by topic; the key "" stands for any other topic. Without any, all topics are canonical.
	Formats map[string]Format
	// Products by topic, likewise: the product of events whose body does not name it (Format.ProductOf). The record
	// header HeaderProduct goes before it; a record with neither is rejected.
	Products map[string]string
	// Integrations by topic, likewise: that of events which name none. The record header HeaderIntegration goes before
	// it; one that names no integration is a fault of the record.
	Integrations map[string]processor.Integration
	Limits       Limits
	// Registry finds the schemas of Avro records; nil: there is none and Avro records are rejected.
	Registry *Registry
}

// HeaderProduct is the record header that names the product of an event whose body does not, and HeaderIntegration the
// one that names the integration: sdk or api.
const (
	HeaderProduct     = "verdict-product"
	HeaderIntegration = "verdict-integration"
)

// Decoder turns raw records into events. It is safe for concurrent use.
type Decoder struct {
	formats      map[string]Format
	products     map[string]string
	integrations map[string]processor.Integration
	limits       Limits
	registry     *Registry
	habits       sync.Pool // of *habits
	json         sync.Pool // of *jsonReader
}

// NewDecoder makes a decoder. It does not own the registry.
func NewDecoder(o DecoderOptions) *Decoder {
	d := &Decoder{
		formats: o.Formats, products: o.Products, integrations: o.Integrations, limits: o.Limits.withDefaults(),
		registry: o.Registry,
	}
	d.habits.New = func() any { return new(habits) }
	d.json.New = func() any { return new(jsonReader) }
	return d
}

var _ processor.Decoder = (*Decoder)(nil)

// Decode fills e, which has been reset, from r's value. A *processor.Rejection says that the record can never be
// decoded. Other errors are ErrRegistryUnavailable, for an Avro record whose schema is not known yet, and a topic
// without a format.
func (d *Decoder) Decode(r *processor.Record, e *processor.Event) error {
	err := d.decode(r, e)
	if err == nil && e.Integration == processor.IntegrationUnspecified {
		return d.integrate(r, e)
	}
	return err
}

func (d *Decoder) decode(r *processor.Record, e *processor.Event) error {
	format, err := d.format(r.Topic)
	if err != nil {
		return err
	}
	if len(r.Value) == 0 {
		return processor.Reject(processor.ReasonEmptyValue, "the record has no value")
	}
	if r.Value[0] == avroMagic && format.provider() == nil {
		return d.decodeAvro(r.Value, e)
	}
	if format == FormatCanonical && d.decodePlain(r.Value, e) {
		return nil
	}
	return d.decodeJSON(r, format, e)
}

func (d *Decoder) format(topic string) (Format, error) {
	if len(d.formats) == 0 {
		return FormatCanonical, nil
	}
	f, ok := d.formats[topic]
	if !ok {
		f = d.formats[""]
	}
	if f == FormatUnspecified {
		return f, fmt.Errorf("topic %s has no known format: name it among the raw topics", topic)
	}
	return f, nil
}

// product is that of the record's header, or of its topic.
func (d *Decoder) product(r *processor.Record) string {
	if header, _ := r.Header(HeaderProduct); len(header) > 0 {
		return string(header)
	}
	return ofTopic(d.products, r.Topic)
}

// integrate sets what the event does not say: the integration of the record's header, or of its topic.
func (d *Decoder) integrate(r *processor.Record, e *processor.Event) error {
	header, _ := r.Header(HeaderIntegration)
	if header = bytes.TrimSpace(header); len(header) > 0 { // as around a status
		named, ok := ParseIntegration(string(header))
		if !ok {
			return processor.Reject(processor.ReasonInvalidField, "the record header %s %s", HeaderIntegration,
				integrationProblem)
		}
		if named != processor.IntegrationUnspecified {
			e.Integration = named
			return nil
		}
	}
	if len(d.integrations) > 0 { // most have none
		e.Integration = ofTopic(d.integrations, r.Topic)
	}
	return nil
}

// ofTopic is what is set for a topic, or for any other.
func ofTopic[V any](settings map[string]V, topic string) V {
	if v, ok := settings[topic]; ok {
		return v
	}
	return settings[""]
}

func (d *Decoder) decodeJSON(r *processor.Record, format Format, e *processor.Event) error {
	j := d.json.Get().(*jsonReader)
	rejection := j.begin(r.Value, e, d.limits.CollectionItems)
	if rejection == nil && format == FormatAuto {
		format, rejection = j.recognise()
	}
	if rejection == nil {
		if p := format.provider(); p != nil {
			j.readProvider(p, d.product(r))
		} else {
			j.readDocument()
		}
		rejection = j.end()
	}
	if rejection != nil && rejection.Reason == processor.ReasonMissingField && format == FormatCanonical &&
		e.Provider == "" {
		j.addHint(rejection)
	}
	j.release()
	d.json.Put(j)
	if rejection != nil {
		return rejection
	}
	return nil
}
