// Package schemas holds the Avro schemas of what Verdict reads and writes. history/ keeps every version that was ever
// published, for the compatibility test; programs need only the newest.
package schemas

import "embed"

//go:embed *.avsc
var files embed.FS

// RawEvent is the canonical envelope, for producers that write Avro. Verdict reads any schema that has its needed
// fields.
//
//go:embed raw.avsc
var RawEvent string

// Text is the schema in a file of this directory, such as "decision.avsc": Avro 1.11 JSON, complete in itself. It is ""
// if there is no such file.
func Text(file string) string {
	text, err := files.ReadFile(file)
	if err != nil {
		return ""
	}
	return string(text)
}
