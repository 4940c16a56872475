package codec

import (
	"fmt"

	"verdict/processor"
	"verdict/rules"
)

// Formats are all formats that raw topics may have: the canonical one, those of providers, and auto. They never change
// and may be shared by goroutines.
type Formats struct {
	bodies []*compiledFormat // sorted by name
	shapes *shapeFinder
}

// NewFormats compiles the envelopes of a catalog. The error is a rules.Mistakes: examples that cannot be read, or that
// have a status or a code which none of the envelope's vocabularies has.
func NewFormats(catalog *rules.Catalog) (*Formats, error) {
	f := newFormats(catalog.Envelopes())
	if mistakes := f.misread(catalog); mistakes != nil {
		return nil, mistakes
	}
	return f, nil
}

// newFormats takes envelopes that are sorted by name.
func newFormats(envelopes []*rules.Envelope) *Formats {
	f := &Formats{}
	for _, e := range envelopes {
		f.bodies = append(f.bodies, compile(e))
	}
	f.shapes = newShapeFinder(f.bodies)
	return f
}

// misread finds examples of which their own envelope makes no event, or one that the catalog does not know. With one of
// the base it is the overlay that is to be mended.
func (f *Formats) misread(catalog *rules.Catalog) (mistakes rules.Mistakes) {
	for _, body := range f.bodies {
		d := NewDecoder(DecoderOptions{Formats: f, Topics: map[string]TopicOptions{
			"": {Format: body.Name, Product: body.Products[0]},
		}})
		for _, x := range body.Examples {
			var event processor.Event
			var problem string
			if err := d.Decode(&processor.Record{Value: []byte(x.Text)}, &event); err != nil {
				problem = fmt.Sprintf("cannot be read (%v)", err)
			} else if problem = catalog.Unlisted(body.Envelope, event.Status, event.Codes); problem == "" {
				continue
			}
			at := x.Place
			text := fmt.Sprintf("this example of envelope %s %s; correct it, or the members", body.Name, problem)
			if x.InBase && body.Overlay != nil {
				at = *body.Overlay
				text = fmt.Sprintf("with this, the example of envelope %s at %s:%d of the base %s; correct the "+
					"members here", body.Name, x.File, x.Line, problem)
			}
			mistakes = append(mistakes, rules.Mistake{File: at.File, Line: at.Line, Column: at.Column, Text: text})
		}
	}
	return mistakes
}

// Find finds a format by its name.
func (f *Formats) Find(name string) (Format, bool) {
	if name == Canonical || name == Auto {
		return Format{name: name, of: f}, true
	}
	for _, body := range f.bodies {
		if body.Name == name {
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
	return Format{name: body.Name, body: body, of: f}
}

// Names lists all names: the canonical one first, those of providers sorted, auto last.
func (f *Formats) Names() []string {
	names := []string{Canonical}
	for _, body := range f.bodies {
		names = append(names, body.Name)
	}
	return append(names, Auto)
}

// WithoutProduct lists the names of the formats whose values may not name their product (Format.Products).
func (f *Formats) WithoutProduct() []string {
	var names []string
	for _, name := range f.Names() {
		if format, _ := f.Find(name); format.Products() != nil {
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
