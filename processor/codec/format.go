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

// ProductOf lists the providers whose bodies do not name their product, so that the topic or a header has to (see
// TopicOptions.Product). It is empty if the values of this format name theirs.
func (f Format) ProductOf() []string {
	switch {
	case f.body != nil && f.body.product == "":
		return []string{f.body.provider}
	case f.name != Auto:
		return nil
	}
	var providers []string
	for _, body := range f.of.bodies {
		if body.product == "" && !slices.Contains(providers, body.provider) {
			providers = append(providers, body.provider)
		}
	}
	return providers
}
