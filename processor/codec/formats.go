package codec

import (
	"slices"
	"strings"

	"verdict/rules"
)

// Formats are all formats that raw topics may have: the canonical one, those of providers, and auto. They never change
// and may be shared by goroutines.
type Formats struct {
	bodies []*compiledFormat // sorted by name
	shapes *shapeFinder
}

// NewFormats makes the formats of a catalog.
func NewFormats(_ *rules.Catalog) (*Formats, error) {
	return newFormats(compile(yousign, ubbleV2, checkout, fourthline, veriffDecision, veriffEvent)), nil
}

func newFormats(bodies []*compiledFormat) *Formats {
	slices.SortFunc(bodies, func(a, b *compiledFormat) int { return strings.Compare(a.name, b.name) })
	return &Formats{bodies: bodies, shapes: newShapeFinder(bodies)}
}

// Find finds a format by its name.
func (f *Formats) Find(name string) (Format, bool) {
	if name == Canonical || name == Auto {
		return Format{name: name, of: f}, true
	}
	for _, body := range f.bodies {
		if body.name == name {
			return f.format(body), true
		}
	}
	return Format{}, false
}

// format is that of a provider's body, or the canonical one if it is nil.
func (f *Formats) format(body *compiledFormat) Format {
	if body == nil {
		return Format{name: Canonical, of: f}
	}
	return Format{name: body.name, body: body, of: f}
}

// Names lists all names: the canonical one first, those of providers sorted, auto last.
func (f *Formats) Names() []string {
	names := []string{Canonical}
	for _, body := range f.bodies {
		names = append(names, body.name)
	}
	return append(names, Auto)
}

// WithoutProduct lists the names of the formats whose values may not name their product (Format.ProductOf).
func (f *Formats) WithoutProduct() []string {
	var names []string
	for _, name := range f.Names() {
		if format, _ := f.Find(name); format.ProductOf() != nil {
			names = append(names, name)
		}
	}
	return names
}

// Recognise says which format a JSON value has the shape of; the zero value if it is that of none or of several, or no
// JSON object.
func (f *Formats) Recognise(value []byte) Format {
	var j jsonReader
	if len(value) == 0 || j.load(value) != nil {
		return Format{}
	}
	body, rejection := j.recognise(f.shapes)
	if rejection != nil {
		return Format{}
	}
	return f.format(body)
}
