package codec

import (
	"fmt"
	"slices"
	"strings"
)

// Format is how the values of a raw topic are written.
type Format uint8

// Formats; those of providers follow, in the order of providerFormats.
const (
	FormatUnspecified Format = iota
	// FormatCanonical is the canonical envelope: JSON, or Avro in the registry's wire format. The first byte tells them
	// apart: 0x00 is Avro.
	FormatCanonical
	// FormatAuto recognises each value by its shape.
	FormatAuto
	firstProviderFormat
)

// providerFormats are the formats of providers. The place in the list is the Format's number, which is nowhere written.
var providerFormats = compile(yousign, ubbleV2, checkout, fourthline)

func (f Format) String() string {
	switch p := f.provider(); {
	case p != nil:
		return p.name
	case f == FormatCanonical:
		return "canonical"
	case f == FormatAuto:
		return "auto"
	}
	return "unspecified"
}

// provider is nil for a format that is not a provider's own.
func (f Format) provider() *compiledFormat {
	if f < firstProviderFormat || int(f-firstProviderFormat) >= len(providerFormats) {
		return nil
	}
	return &providerFormats[f-firstProviderFormat]
}

// allFormats lists all but the unspecified one: the canonical first, auto last.
func allFormats() []Format {
	all := []Format{FormatCanonical}
	for i := range providerFormats {
		all = append(all, firstProviderFormat+Format(i))
	}
	return append(all, FormatAuto)
}

// Formats lists the names that ParseFormat takes.
func Formats() []string {
	var names []string
	for _, f := range allFormats() {
		names = append(names, f.String())
	}
	return names
}

// ParseFormat finds a format by its name; the error lists the allowed ones.
func ParseFormat(s string) (Format, error) {
	for _, f := range allFormats() {
		if s == f.String() {
			return f, nil
		}
	}
	return FormatUnspecified, fmt.Errorf("unknown format %q: use one of %s", s, strings.Join(Formats(), ", "))
}

// ProductOf lists the providers whose bodies do not name their product, so that the topic or a header has to (see
// DecoderOptions.Products). It is empty if the values of this format name theirs.
func (f Format) ProductOf() []string {
	var providers []string
	for i := range providerFormats {
		p := &providerFormats[i]
		if p.product == "" && (f == FormatAuto || f == firstProviderFormat+Format(i)) &&
			!slices.Contains(providers, p.provider) {
			providers = append(providers, p.provider)
		}
	}
	return providers
}
