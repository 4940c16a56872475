// Package schemas holds the Avro schemas of what Verdict reads and writes. history/ keeps every version that was ever
// published, for the compatibility test; programs need only the newest.
package schemas

import _ "embed"

// The schema texts (Avro 1.11 JSON), each complete in itself.
var (
	// Decision is the value of the decisions topic.
	//go:embed decision.avsc
	Decision string
	// BillingEvent is the value of the billing topic.
	//go:embed billing.avsc
	BillingEvent string
	// RiskEvent is the value of the risk topic.
	//go:embed risk.avsc
	RiskEvent string
	// RawEvent is the canonical envelope, for producers that write Avro. Verdict reads any schema that has its needed
	// fields.
	//go:embed raw.avsc
	RawEvent string
)
