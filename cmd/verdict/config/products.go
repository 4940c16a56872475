package config

import (
	"strings"

	"verdict/processor/codec"
)

// Values of deadletter.value.
const (
	deadLetterOriginal = "original"
	DeadLetterDigest   = "digest"
)

// ProductFormats lists the formats whose values may not name their product.
func ProductFormats() string {
	var names []string
	for _, name := range codec.Formats() {
		if format, _ := codec.ParseFormat(name); format.ProductOf() != nil {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}
