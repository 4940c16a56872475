package codec

import (
	"context"
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/sr"

	"verdict/rules"
	"verdict/schemas"
)

// CatalogSchema is the schema of the catalog's entries, in schemas/.
const CatalogSchema = "catalog_entry.avsc"

// CatalogSubject names the subject under which the registry keeps the schema of a topic of entries.
func CatalogSubject(topic string) string { return topic + "-value" }

// RegisterCatalog registers the schema of a topic of catalog entries and gives its id. Errors are those of Register.
func (r *Registry) RegisterCatalog(ctx context.Context, topic string) (int, error) {
	return r.registerAs(ctx, CatalogSubject(topic), CatalogSchema, catalogSchema())
}

// LookUpCatalog gives the id of the schema of a topic of catalog entries, which must have been registered before.
// Errors are those of LookUp.
func (r *Registry) LookUpCatalog(ctx context.Context, topic string) (int, error) {
	return r.lookUpAs(ctx, CatalogSubject(topic), CatalogSchema, catalogSchema())
}

func catalogSchema() sr.Schema { return sr.Schema{Schema: schemas.Text(CatalogSchema)} }

// AppendCatalogAvro appends an entry of the catalog as Avro in the registry's wire format, by the schema of this id.
func AppendCatalogAvro(dst []byte, id int, e *rules.Entry) []byte {
	b := avroBytes(binary.BigEndian.AppendUint32(append(dst, avroMagic), uint32(id)))
	b = append(b, symbol(e.Kind))
	b = b.text(e.Provider).text(e.Product).text(e.Vocabulary).text(e.Name)
	b = b.optional(e.AliasOf).optional(e.Label).optional(e.Meaning).optional(e.Recommendation)
	b = append(optionalSymbol(b, e.Outcome), boolean(e.Final), boolean(e.Ended))
	b = optionalSymbol(b, e.RiskLevel).optional(e.Series)
	b = optionalSymbol(optionalSymbol(b, e.Category), e.Effect)
	b = append(b, boolean(e.NoRetry), boolean(e.Blocks), boolean(e.AsksReview), boolean(e.RiskBearing),
		boolean(e.Disclosable))
	b = b.block(e.Actions.Len())
	for rest := e.Actions; rest != 0; {
		action, after := rest.Next()
		b, rest = append(b, symbol(action)), after
	}
	b = append(b, endOfBlocks, branch(e.Kind == rules.EntryRange))
	if e.Kind == rules.EntryRange {
		b = b.long(e.First)
	}
	b = append(b, branch(e.Kind == rules.EntryRange))
	if e.Kind == rules.EntryRange {
		b = b.long(e.Last)
	}
	return b.optional(e.Basis)
}

// optionalSymbol writes an enum that may be null: the unspecified value.
func optionalSymbol[E ~uint8](b avroBytes, e E) avroBytes {
	if e == 0 {
		return append(b, branch(false))
	}
	return append(b, branch(true), symbol(e))
}

// AppendCatalogJSON appends an entry of the catalog as JSON, with the field names and enum symbols of the schema. The
// error is a text that is not valid UTF-8, which no catalog that was loaded has.
func AppendCatalogJSON(dst []byte, e *rules.Entry) ([]byte, error) {
	w := jsonWriter{bytes: dst}
	w.symbol(`{"kind":"`, e.Kind.String())
	w.text(`,"provider":`, e.Provider)
	w.text(`,"product":`, e.Product)
	w.text(`,"vocabulary":`, e.Vocabulary)
	w.text(`,"name":`, e.Name)
	w.optional(`,"alias_of":`, e.AliasOf)
	w.optional(`,"label":`, e.Label)
	w.optional(`,"meaning":`, e.Meaning)
	w.optional(`,"recommendation":`, e.Recommendation)
	w.optional(`,"outcome":`, specified(e.Outcome))
	w.bool(`,"final":`, e.Final)
	w.bool(`,"ended":`, e.Ended)
	w.optional(`,"risk_level":`, specified(e.RiskLevel))
	w.optional(`,"series":`, e.Series)
	w.optional(`,"category":`, specified(e.Category))
	w.optional(`,"effect":`, specified(e.Effect))
	w.bool(`,"no_retry":`, e.NoRetry)
	w.bool(`,"blocks_approval":`, e.Blocks)
	w.bool(`,"asks_review":`, e.AsksReview)
	w.bool(`,"risk_bearing":`, e.RiskBearing)
	w.bool(`,"disclosable":`, e.Disclosable)
	w.raw(`,"actions":[`)
	for rest := e.Actions; rest != 0; {
		action, after := rest.Next()
		w.item(action.String())
		rest = after
	}
	w.close(']')
	if e.Kind == rules.EntryRange {
		w.int(`,"first_code":`, e.First)
		w.int(`,"last_code":`, e.Last)
	} else {
		w.raw(`,"first_code":null,"last_code":null`)
	}
	w.optional(`,"basis":`, e.Basis)
	w.raw(`}`)
	return w.end(dst)
}

// specified is an enum's symbol; "" for the unspecified value.
func specified[E interface {
	~uint8
	String() string
}](e E) string {
	if e == 0 {
		return ""
	}
	return e.String()
}
