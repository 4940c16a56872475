package rules

import (
	"encoding/json"
	"slices"
	"strings"
)

// CanonicalMark is the path that tells the canonical envelope from those of providers, none of which names the
// provider.
const CanonicalMark = "provider"

// Envelope is how a provider writes what happened to a verification: a JSON object of its own form. Its name is that of
// a format. Names that it does not mention are read over, whatever they hold.
type Envelope struct {
	Name     string
	Provider string
	Product  string   // of all its events; "" if the topic's setting or a header names it
	Products []string // those that it is for, sorted: of the vocabularies that have it or name it
	// Shapes tell it from the others, for auto: lists of paths, of which all of one list must be there.
	Shapes   [][]string
	Members  []Member
	Examples []Example
	Overlay  *Place // where an overlay adds to it, or adds it; nil if none does
}

// Place is one in a catalog's file.
type Place struct {
	File         string
	Line, Column int // from 1; the column counts characters
}

// Member is a value that an event takes. A null counts as absent.
type Member struct {
	Path  string // names from the top, with a dot between
	Field string // its name in the canonical envelope
	As    As
	Name  string // with AsCodesIn that of the code in each object, with AsVariant the variant; else ""
}

// Example is a body as the provider sends it.
type Example struct {
	Text string
	Place
	InBase bool // the overlay that lies over the catalog has nothing to do with it
}

// As says how a member is read.
type As uint8

// The readers of members. Anything else in their place is a fault of the record, but for AsTextIfAny.
const (
	AsUnspecified As = iota
	AsText           // a text
	AsTextIfAny      // a text; anything else is read over
	AsInteger        // a number without a fraction
	AsCode           // one code
	AsCodes          // an array of codes
	AsCodesIn        // an array of objects, each with a code
	AsSandbox        // true or false: whether it is a trial
	AsVariant        // true or false: whether a variant of the product was used
	AsTime           // a time as in RFC 3339
	AsSeconds        // a time in whole seconds since 1970 UTC, as a number or its digits in a text
)

var asNames = []string{
	"unspecified", "text", "text_if_any", "integer", "code", "codes", "codes_in", "sandbox", "variant", "time",
	"seconds",
}

func (a As) String() string { return SymbolOf(asNames, a) }

// AllAs lists every value but AsUnspecified.
func AllAs() []As { return ValuesOf[As](asNames) }

// readers are the ways in which each field of an event can be read. Several members may fill the codes; and a text or
// the time, if each of them is read by the first ways, agreeing: then they have to say the same.
var readers = []struct {
	field    string
	agreeing []As
	alone    []As
}{
	{"verification_id", []As{AsText}, nil},
	{"status", []As{AsText}, nil},
	{"event_id", []As{AsText}, []As{AsTextIfAny}},
	{"subject_ref", []As{AsText}, []As{AsTextIfAny}},
	{"journey_ref", []As{AsText}, []As{AsTextIfAny}},
	{"product_variant", []As{AsText}, []As{AsTextIfAny, AsVariant}},
	{"account", []As{AsText}, []As{AsTextIfAny}},
	{"codes", []As{AsCode, AsCodes, AsCodesIn}, nil},
	{"risk_code", nil, []As{AsInteger}},
	{"attempt", nil, []As{AsInteger}},
	{"environment", nil, []As{AsText, AsSandbox}},
	{"integration", nil, []As{AsText}},
	{"occurred_at", []As{AsTime, AsSeconds}, nil},
}

// requiredFields are those without which nothing can be decided, and which the provider and product of a vocabulary do
// not give.
var requiredFields = []string{"verification_id", "status"}

// Envelopes lists all, sorted by name. The slice must not be changed.
func (c *Catalog) Envelopes() []*Envelope { return c.envelopes }

// EnvelopesOf lists those that are for a vocabulary's product, sorted by name.
func (c *Catalog) EnvelopesOf(v *Vocabulary) (envelopes []*Envelope) {
	for _, e := range c.envelopes {
		if e.Provider == v.Provider && slices.Contains(e.Products, v.Product) {
			envelopes = append(envelopes, e)
		}
	}
	return envelopes
}

// Fits says whether a JSON object has the shape of the envelope.
func (e *Envelope) Fits(body []byte) bool {
	lacks := func(path string) bool { return !has(body, path) }
	return slices.ContainsFunc(e.Shapes, func(shape []string) bool { return !slices.ContainsFunc(shape, lacks) })
}

// has says whether an object has a path, with any value.
func has(object []byte, path string) bool {
	name, rest, deeper := strings.Cut(path, ".")
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil {
		return false
	}
	value, there := members[name]
	return there && (!deeper || has(value, rest))
}

// Unlisted says which of an event's status and codes none of the envelope's vocabularies lists, a code by itself or in
// a range, to go on with "an example ..."; "" if they all are listed.
func (c *Catalog) Unlisted(e *Envelope, status string, codes []string) string {
	var statuses []string
	listed := make([]bool, 1+len(codes)) // the status, then the codes
	for _, product := range e.Products {
		v := c.Vocabulary(e.Provider, product)
		for _, s := range v.Statuses {
			statuses = append(statuses, s.Name)
		}
		listed[0] = listed[0] || v.Status(status) != nil
		for i, text := range codes {
			var unlisted Code
			code := v.Code(text, &unlisted)
			listed[1+i] = listed[1+i] || code.Known || v.RangeOf(code) != nil
		}
	}
	switch at := slices.Index(listed, false); {
	case at < 0:
		return ""
	case at == 0:
		return "has the status " + quoted(status) + ", which its vocabulary does not list" +
			suggestion(status, statuses)
	default:
		return "has the code " + quoted(codes[at-1]) + ", which its vocabulary does not list, nor has a range for"
	}
}
