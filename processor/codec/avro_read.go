package codec

import (
	"encoding/binary"
	"strconv"

	"github.com/hamba/avro/v2"

	"verdict/processor"
)

func (d *Decoder) decodeAvro(value []byte, e *processor.Event) error {
	if len(value) < avroHeaderSize {
		return processor.Reject(processor.ReasonMalformedAvro,
			"the value ends inside of the 5 bytes of the wire header")
	}
	id := binary.BigEndian.Uint32(value[1:avroHeaderSize])
	if d.registry == nil {
		return processor.Reject(processor.ReasonUnknownSchema,
			"Avro with schema id %d, and no schema registry is configured", id)
	}
	plan, err := d.registry.plan(id)
	if err != nil {
		return err
	}
	if rejection := plan.read(value, e, d.limits); rejection != nil {
		return rejection
	}
	return nil
}

// read reads a value that starts with the wire header. The texts of the event are parts of one copy of it.
func (p *avroPlan) read(value []byte, e *processor.Event, limits Limits) *processor.Rejection {
	r := avroReader{avroCursor: avroCursor{text: string(value), at: avroHeaderSize, limits: limits}}
	r.draft.reset(e, limits.CollectionItems)
	r.draft.seen, r.draft.alike = p.seen, p.alike
	for _, f := range p.fields {
		if f.field == fieldNone {
			r.skip(f.node)
		} else {
			r.read(f.field, f.node)
		}
	}
	if r.left() > 0 {
		r.fail("something follows the last field")
	}
	if r.failed() {
		return processor.Reject(processor.ReasonMalformedAvro, "%s", r.problem)
	}
	return r.draft.finish()
}

// avroReader reads the fields of the envelope.
type avroReader struct {
	avroCursor
	draft draft
}

func (r *avroReader) read(f field, n *avroNode) {
	if n.kind == avro.Union {
		n = r.branch(n)
	}
	if n == nil || n.kind == avro.Null {
		return
	}
	if !n.fits(f) {
		r.skip(n)
		r.draft.fault(f, -1, "is not "+wanted(f))
		return
	}
	switch {
	case f == fieldCodes:
		r.readCodes(n)
	case f == fieldMetadata:
		r.readMetadata(n)
	case f == fieldOccurredAt && n.unit > 0:
		r.readTime(n)
	case n.isInt():
		r.draft.setInt(f, r.integer(n))
	default:
		if s, ok := r.readText(n); ok {
			r.draft.setText(f, s)
		} else {
			r.draft.fault(f, -1, "is not valid UTF-8")
		}
	}
}

func (r *avroReader) readTime(n *avroNode) { r.draft.setMicros(r.micros(n)) }

func (r *avroReader) readCodes(n *avroNode) {
	for b := (avroBlock{}); r.next(&b, n.item, false); {
		for i := b.total - b.items; i < b.total && !r.failed(); i++ {
			r.readCode(n.item, i)
		}
	}
}

func (r *avroReader) readCode(n *avroNode, at int) {
	if n.kind == avro.Union {
		if n = r.branch(n); n == nil {
			return
		}
	}
	switch {
	case n.isText():
		s, ok := r.readText(n)
		if !ok {
			r.draft.fault(fieldCodes, at, "is not valid UTF-8")
		}
		r.draft.addCodeText(at, s)
	case n.isInt():
		number := r.integer(n)
		if number < 0 {
			r.draft.fault(fieldCodes, at, codeProblem)
		}
		r.draft.addCode(strconv.FormatInt(number, 10))
	default:
		r.skip(n)
		r.draft.fault(fieldCodes, at, codeProblem)
	}
}

func (r *avroReader) readMetadata(n *avroNode) {
	for b := (avroBlock{}); r.next(&b, n.item, true); {
		for i := b.total - b.items; i < b.total && !r.failed(); i++ {
			key := r.string()
			r.readPair(n.item, i, key)
		}
	}
}

func (r *avroReader) readPair(n *avroNode, at int, key string) {
	if n.kind == avro.Union {
		if n = r.branch(n); n == nil {
			return
		}
	}
	if !n.isText() {
		r.skip(n)
		r.draft.fault(fieldMetadata, at, "is not a string")
		return
	}
	value, ok := r.readText(n)
	if !ok {
		r.draft.fault(fieldMetadata, at, "is not valid UTF-8")
		return
	}
	r.draft.addPair(at, key, value)
}
