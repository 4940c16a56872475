package codec

import (
	"fmt"
	"strings"
)

// Format is how the values of a raw topic are written.
type Format uint8

// Formats.
const (
	FormatUnspecified Format = iota
	// FormatCanonical is the canonical envelope: JSON, or Avro in the registry's wire format. The first byte tells them
	// apart: 0x00 is Avro.
	FormatCanonical
)

var formatNames = [...]string{"unspecified", "canonical"}

func (f Format) String() string {
	if int(f) < len(formatNames) {
		return formatNames[f]
	}
	return formatNames[0]
}

// Formats lists the names that ParseFormat takes.
func Formats() []string { return append([]string(nil), formatNames[1:]...) }

// ParseFormat finds a format by its name; the error lists the allowed ones.
func ParseFormat(s string) (Format, error) {
	for i, name := range formatNames[1:] {
		if s == name {
			return Format(i + 1), nil
		}
	}
	return FormatUnspecified, fmt.Errorf("unknown format %q: use one of %s", s, strings.Join(Formats(), ", "))
}
