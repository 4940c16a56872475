package codec

import "slices"

// Canonical and Auto are the names of the formats that no provider has. Canonical is the canonical envelope: JSON, or
// Avro in the registry's wire format; the first byte tells them apart: 0x00 is Avro. Auto recognises each value by its
// shape.
const (
	Canonical = "canonical"
	Auto      = "auto"
)

// Format is how the values of a raw topic are written, one of a Formats'. The zero value is none of them. Two are
// compared with ==.
type Format struct {
	name string
	body *compiledFormat // of a provider's own; nil: canonical, or auto
	of   *Formats
}

// String is the format's name; "" of the zero value.
func (f Format) String() string { return f.name }

// Products lists those of which the topic or a header has to name one, because the bodies do not (see
// TopicOptions.Product). It is empty if the values of this format name theirs.
func (f Format) Products() []string {
	switch {
	case f.body != nil && f.body.Product == "":
		return f.body.Products
	case f.name != Auto:
		return nil
	}
	var products []string
	for _, body := range f.of.bodies {
		if body.Product == "" {
			products = append(products, body.Products...)
		}
	}
	slices.Sort(products)
	return slices.Compact(products)
}
