package codec

import (
	"bytes"
	"fmt"
	"sync"
	"unicode/utf8"

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

// TopicOptions say how the values of a raw topic are written, and what they leave unsaid.
type TopicOptions struct {
	Format string // its name; "" is canonical
	// Product is that of events whose body does not name it (Format.Products). The record header HeaderProduct goes
	// before it; a record with neither is rejected.
	Product string
	// Account is that of events which name none. The record header HeaderAccount goes before it; one that is no text is
	// a fault of the record.
	Account string
	// Integration is that of events which name none. The record header HeaderIntegration goes before it; one that
	// names no integration is a fault of the record.
	Integration processor.Integration
}

// DecoderOptions say how raw topics are written.
type DecoderOptions struct {
	Formats *Formats // nil: there is only the canonical one
	// Topics by name; the key "" stands for any other topic. Without any, all topics are canonical.
	Topics map[string]TopicOptions
	Limits Limits
	// Registry finds the schemas of Avro records; nil: there is none and Avro records are rejected.
	Registry *Registry
}

// HeaderProduct is the record header that names the product of an event whose body does not, HeaderIntegration the one
// that names the integration, sdk or api, and HeaderAccount the one that names the account.
const (
	HeaderProduct     = "verdict-product"
	HeaderIntegration = "verdict-integration"
	HeaderAccount     = "verdict-account"
)

// Decoder turns raw records into events. It is safe for concurrent use.
type Decoder struct {
	topics   map[string]*topic
	others   *topic // any other; nil: there is none
	formats  *Formats
	limits   Limits
	registry *Registry
	habits   sync.Pool // of *habits
	json     sync.Pool // of *jsonReader
}

// topic is a raw topic. A format that is neither canonical nor auto is a provider's own.
type topic struct {
	TopicOptions
	canonical, auto bool
	body            *compiledFormat
}

// NewDecoder makes a decoder. It does not own the registry.
func NewDecoder(o DecoderOptions) *Decoder {
	d := &Decoder{
		topics: map[string]*topic{}, formats: o.Formats, limits: o.Limits.withDefaults(), registry: o.Registry,
	}
	if d.formats == nil {
		d.formats = newFormats(nil)
	}
	for name, options := range o.Topics {
		d.topics[name] = d.topic(options)
	}
	d.others = d.topics[""]
	delete(d.topics, "")
	if len(o.Topics) == 0 {
		d.others = d.topic(TopicOptions{})
	}
	d.habits.New = func() any { return new(habits) }
	d.json.New = func() any { return new(jsonReader) }
	return d
}

// topic is nil if there is no such format.
func (d *Decoder) topic(o TopicOptions) *topic {
	if o.Format == "" {
		o.Format = Canonical
	}
	format, ok := d.formats.Find(o.Format)
	if !ok {
		return nil
	}
	return &topic{TopicOptions: o, canonical: o.Format == Canonical, auto: o.Format == Auto, body: format.body}
}

var _ processor.Decoder = (*Decoder)(nil)

// Decode fills e, which has been reset, from r's value. A *processor.Rejection says that the record can never be
// decoded. Other errors are ErrRegistryUnavailable, for an Avro record whose schema is not known yet, and a topic
// without a format.
func (d *Decoder) Decode(r *processor.Record, e *processor.Event) error {
	t, err := d.topicOf(r)
	if err != nil {
		return err
	}
	if err := d.decode(r, t, e); err != nil {
		return err
	}
	if e.Account == "" {
		if err := setAccount(r, t, e); err != nil {
			return err
		}
	}
	if e.Integration == processor.IntegrationUnspecified {
		return integrate(r, t, e)
	}
	return nil
}

func (d *Decoder) topicOf(r *processor.Record) (*topic, error) {
	t := d.others
	if own, ok := d.topics[r.Topic]; ok {
		t = own
	}
	if t == nil {
		return nil, fmt.Errorf("topic %s has no known format: name it among the raw topics", r.Topic)
	}
	return t, nil
}

func (d *Decoder) decode(r *processor.Record, t *topic, e *processor.Event) error {
	if len(r.Value) == 0 {
		return processor.Reject(processor.ReasonEmptyValue, "the record has no value")
	}
	if r.Value[0] == avroMagic && t.body == nil {
		return d.decodeAvro(r.Value, e)
	}
	if t.canonical && d.decodePlain(r.Value, e) {
		return nil
	}
	return d.decodeJSON(r, t, e)
}

// product is that of the record's header, or of its topic.
func (t *topic) product(r *processor.Record) string {
	if header, _ := r.Header(HeaderProduct); len(header) > 0 {
		return string(header)
	}
	return t.Product
}

// setAccount sets what the body does not say: the account of the record's header, or of its topic.
func setAccount(r *processor.Record, t *topic, e *processor.Event) error {
	e.OutsideAccount = t.Account
	if len(r.Headers) == 0 { // as most records
		return nil
	}
	header, _ := r.Header(HeaderAccount)
	if header = bytes.TrimSpace(header); len(header) == 0 {
		return nil
	}
	if !utf8.Valid(header) {
		return processor.Reject(processor.ReasonInvalidField, "the record header %s is not UTF-8", HeaderAccount)
	}
	e.OutsideAccount = string(header)
	return nil
}

// integrate sets what the event does not say: the integration of the record's header, or of its topic.
func integrate(r *processor.Record, t *topic, e *processor.Event) error {
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
	e.Integration = t.Integration
	return nil
}

func (d *Decoder) decodeJSON(r *processor.Record, t *topic, e *processor.Event) error {
	j := d.json.Get().(*jsonReader)
	rejection := j.begin(r.Value, e, d.limits.CollectionItems)
	body := t.body
	if rejection == nil && t.auto {
		body, rejection = j.recognise(d.formats.shapes)
	}
	if rejection == nil {
		if body != nil {
			j.readProvider(body, t.product(r))
		} else {
			j.readDocument()
		}
		rejection = j.end()
	}
	if rejection != nil && rejection.Reason == processor.ReasonMissingField && t.canonical && e.Provider == "" {
		j.addHint(d.formats.shapes, rejection)
	}
	j.release()
	d.json.Put(j)
	if rejection != nil {
		return rejection
	}
	return nil
}
