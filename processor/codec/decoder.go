package codec

import (
	"fmt"
	"sync"

	"verdict/processor"
)

// maxDepth bounds how deep a document or a value may be nested, in JSON and in Avro.
const maxDepth = 64

// Limits bound what one record may hold. Zero values are the defaults.
type Limits struct {
	// CollectionItems bounds the items of one array or map of an Avro value (all its blocks together), and the codes of a
	// JSON event; 65,536 by default.
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
	Limits  Limits
	// Registry finds the schemas of Avro records; nil: there is none and Avro records are rejected.
	Registry *Registry
}

// Decoder turns raw records into events. It is safe for concurrent use.
type Decoder struct {
	formats  map[string]Format
	limits   Limits
	registry *Registry
	json     sync.Pool // of *jsonReader
}

// NewDecoder makes a decoder. It does not own the registry.
func NewDecoder(o DecoderOptions) *Decoder {
	d := &Decoder{formats: o.Formats, limits: o.Limits.withDefaults(), registry: o.Registry}
	d.json.New = func() any { return new(jsonReader) }
	return d
}

var _ processor.Decoder = (*Decoder)(nil)

// Decode fills e, which has been reset, from r's value. A *processor.Rejection says that the record can never be
// decoded. Other errors are ErrRegistryUnavailable, for an Avro record whose schema is not known yet, and a topic without
// a format.
func (d *Decoder) Decode(r *processor.Record, e *processor.Event) error {
	if err := d.checkFormat(r.Topic); err != nil {
		return err
	}
	if len(r.Value) == 0 {
		return processor.Reject(processor.ReasonEmptyValue, "the record has no value")
	}
	if r.Value[0] == avroMagic {
		return d.decodeAvro(r.Value, e)
	}
	return d.decodeJSON(r.Value, e)
}

func (d *Decoder) checkFormat(topic string) error {
	if len(d.formats) == 0 {
		return nil
	}
	f, ok := d.formats[topic]
	if !ok {
		f = d.formats[""]
	}
	if f != FormatCanonical {
		return fmt.Errorf("topic %s has no known format: name it among the raw topics", topic)
	}
	return nil
}

func (d *Decoder) decodeJSON(value []byte, e *processor.Event) error {
	j := d.json.Get().(*jsonReader)
	rejection := j.read(value, e, d.limits.CollectionItems)
	j.release()
	d.json.Put(j)
	if rejection != nil {
		return rejection
	}
	return nil
}
