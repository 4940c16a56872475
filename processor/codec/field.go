package codec

import (
	"math"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"verdict/processor"
)

// field is a field of the canonical envelope. Of several faulty fields the first in this order is reported, so that a
// rejection does not depend on the order in which a producer writes.
type field uint8

const (
	fieldNone field = iota
	fieldProvider
	fieldProduct
	fieldVerificationID
	fieldStatus
	lastRequired = fieldStatus
)

const (
	fieldEventID = lastRequired + 1 + iota
	fieldSubjectRef
	fieldJourneyRef
	fieldProductVariant
	fieldAccount
	fieldCodes
	fieldRiskCode
	fieldAttempt
	fieldEnvironment
	fieldIntegration
	fieldOccurredAt
	fieldMetadata
	numFields
)

var fieldNames = [numFields]string{
	"", "provider", "product", "verification_id", "status", "event_id", "subject_ref", "journey_ref", "product_variant",
	"account", "codes", "risk_code", "attempt", "environment", "integration", "occurred_at", "metadata",
}

func (f field) String() string { return fieldNames[f] }

// isText says whether the field is a string, as opposed to an integer or several values.
func (f field) isText() bool {
	const others = 1<<fieldNone | 1<<fieldCodes | 1<<fieldRiskCode | 1<<fieldAttempt | 1<<fieldMetadata
	return others&(1<<f) == 0
}

// fieldOf finds a field by its JSON and Avro name; fieldNone if the envelope has none of that name.
func fieldOf(name string) field {
	switch name {
	case "provider":
		return fieldProvider
	case "product":
		return fieldProduct
	case "verification_id":
		return fieldVerificationID
	case "status":
		return fieldStatus
	case "event_id":
		return fieldEventID
	case "subject_ref":
		return fieldSubjectRef
	case "journey_ref":
		return fieldJourneyRef
	case "product_variant":
		return fieldProductVariant
	case "account":
		return fieldAccount
	case "codes":
		return fieldCodes
	case "risk_code":
		return fieldRiskCode
	case "attempt":
		return fieldAttempt
	case "environment":
		return fieldEnvironment
	case "integration":
		return fieldIntegration
	case "occurred_at":
		return fieldOccurredAt
	case "metadata":
		return fieldMetadata
	default:
		return fieldNone
	}
}

// Bounds of metadata.
const (
	maxMetadataEntries = 32
	maxMetadataBytes   = 4096 // of all keys and values
)

// draft fills an event and remembers the faults of its fields. A fault counts only when the whole record has been read:
// a record that is malformed further on is malformed.
type draft struct {
	event    *processor.Event
	maxCodes int
	names    *[numFields]string // of the fields, where a provider calls them otherwise; nil: as in the envelope
	place    string             // what is being read, where that is not a field of the envelope

	seen  uint32 // bit n: field n has occurred, null or not
	alike uint32 // bit n: a name that is not read looks like field n; bit 0: a name looks like none

	faulty        uint32 // bit n: field n has a fault
	first         field  // the fault to report
	where         string // its place
	at            int    // position in an array or map; -1: none
	problem       string // completes "<place> ..."
	metadataBytes int
}

func (d *draft) reset(e *processor.Event, maxCodes int) { *d = draft{event: e, maxCodes: maxCodes} }

// fault notes that a field is wrong. The problem must not quote the record. A foreign one is passed over instead.
func (d *draft) fault(f field, at int, problem string) {
	if f.foreign() {
		d.passOver(f)
		return
	}
	d.faulty |= 1 << f
	if d.first == fieldNone || f < d.first {
		d.first, d.where, d.at, d.problem = f, d.place, at, problem
		if d.where == "" {
			d.where = f.String()
		}
	}
}

// faultAll notes that what holds several fields is wrong; bit n stands for field n.
func (d *draft) faultAll(fields uint32, problem string) {
	d.fault(field(bits.TrailingZeros32(fields)), -1, problem)
	d.faulty |= fields
}

// foreign says whether a field of this name that is no text is the producer's own, from before the envelope had it: it
// is read over as it was then. An event that could be decided must not become a dead letter by a name that we took.
func (f field) foreign() bool { return f == fieldAccount }

// passOver notes that a field that is foreign was read over, as one that has its name but is not it.
func (d *draft) passOver(f field) {
	d.seen &^= 1 << f
	d.alike |= 1 << f
}

// nameOf says what the record calls a field.
func (d *draft) nameOf(f field) string {
	if d.names != nil && d.names[f] != "" {
		return d.names[f]
	}
	return f.String()
}

// finish judges the fields of a record that was read to its end.
func (d *draft) finish() *processor.Rejection {
	e := d.event
	e.Unread = d.alike&^(d.seen|1<<fieldNone) != 0
	if d.first == fieldNone &&
		!isBlank(e.Provider) && !isBlank(e.Product) && !isBlank(e.VerificationID) && !isBlank(e.Status) {
		return nil
	}
	for f, text := range [...]string{
		fieldProvider: e.Provider, fieldProduct: e.Product,
		fieldVerificationID: e.VerificationID, fieldStatus: e.Status,
	} {
		if f != int(fieldNone) && d.faulty&(1<<f) == 0 && isBlank(text) {
			return processor.Reject(processor.ReasonMissingField, "%s is absent, null or blank", d.nameOf(field(f)))
		}
	}
	if d.at >= 0 {
		return processor.Reject(processor.ReasonInvalidField, "%s[%d] %s", d.where, d.at, d.problem)
	}
	return processor.Reject(processor.ReasonInvalidField, "%s %s", d.where, d.problem)
}

// setText sets a field that is written as a string.
func (d *draft) setText(f field, s string) {
	e := d.event
	switch f {
	case fieldProvider:
		e.Provider = s
	case fieldProduct:
		e.Product = s
	case fieldVerificationID:
		e.VerificationID = s
	case fieldStatus:
		e.Status = strings.TrimSpace(s) // as around a code
	case fieldEventID:
		e.EventID = optional(s)
	case fieldSubjectRef:
		e.SubjectRef = optional(s)
	case fieldJourneyRef:
		e.JourneyRef = optional(s)
	case fieldProductVariant:
		e.ProductVariant = optional(s)
	case fieldAccount:
		e.Account = optional(s)
	case fieldEnvironment:
		d.setEnvironment(s)
	case fieldIntegration:
		d.setIntegration(s)
	case fieldOccurredAt:
		d.setTime(s)
	default: // the other fields are numbers, lists and maps
	}
}

// text is where a field is kept that is a text and nothing more.
func (d *draft) text(f field) *string {
	e := d.event
	switch f {
	case fieldVerificationID:
		return &e.VerificationID
	case fieldStatus:
		return &e.Status
	case fieldEventID:
		return &e.EventID
	case fieldSubjectRef:
		return &e.SubjectRef
	case fieldJourneyRef:
		return &e.JourneyRef
	case fieldProductVariant:
		return &e.ProductVariant
	default:
		return &e.Account
	}
}

// optional is the value of an optional text: one of white space alone says nothing, and so counts as absent.
func optional(s string) string {
	if isBlank(s) {
		return ""
	}
	return s
}

// isBlank says whether a text is empty or white space alone. Most begin with something else, which is seen at once.
func isBlank(s string) bool {
	if s != "" && ' ' < s[0] && s[0] < utf8.RuneSelf {
		return false
	}
	return strings.TrimSpace(s) == ""
}

// setEnvironment takes the names as producers of JSON write them and the symbols of the published Avro schema.
func (d *draft) setEnvironment(s string) {
	switch s {
	case "live", "LIVE":
		d.event.Environment = processor.EnvironmentLive
	case "sandbox", "SANDBOX":
		d.event.Environment = processor.EnvironmentSandbox
	case "", "UNSPECIFIED":
	default:
		d.fault(fieldEnvironment, -1, "is neither live nor sandbox")
	}
}

func (d *draft) setIntegration(s string) {
	integration, ok := ParseIntegration(s)
	if !ok {
		d.fault(fieldIntegration, -1, integrationProblem)
	}
	d.event.Integration = integration
}

const integrationProblem = "is neither sdk nor api"

// Integrations lists the names of integrations, as a setting has them.
func Integrations() []string { return []string{"sdk", "api"} }

// ParseIntegration takes them as producers of JSON write them and as symbols of the published Avro schema; "" and
// UNSPECIFIED name none.
func ParseIntegration(s string) (integration processor.Integration, ok bool) {
	switch s {
	case "sdk", "SDK":
		return processor.IntegrationSDK, true
	case "api", "API":
		return processor.IntegrationAPI, true
	default:
		return processor.IntegrationUnspecified, s == "" || s == "UNSPECIFIED"
	}
}

func (d *draft) setTime(s string) {
	if s == "" {
		return
	}
	micros, ok := parseTime(s)
	if !ok {
		d.fault(fieldOccurredAt, -1, "is not a time as in RFC 3339, for example 2026-11-21T10:00:00.123Z")
		return
	}
	d.setMicros(micros)
}

// setMicros sets occurred_at, in microseconds since 1970 UTC.
func (d *draft) setMicros(micros int64) {
	if micros < minMicros || micros > maxMicros {
		d.fault(fieldOccurredAt, -1, "is outside of the years 1 to 9999")
		return
	}
	d.event.OccurredAt, d.event.HasOccurredAt = micros, true
}

// setInt sets a field that is written as an integer.
func (d *draft) setInt(f field, n int64) {
	switch {
	case f == fieldRiskCode && n >= 0 && n <= math.MaxInt32:
		d.event.RiskCode, d.event.HasRiskCode = int32(n), true
	case f == fieldAttempt && n >= 1 && n <= math.MaxInt32:
		d.event.Attempt = int32(n)
	default:
		d.fault(f, -1, intProblem(f))
	}
}

func intProblem(f field) string {
	if f == fieldAttempt {
		return "is not an integer from 1 to 2147483647"
	}
	return "is not an integer from 0 to 2147483647"
}

func (d *draft) addCode(s string) {
	e := d.event
	if len(e.Codes) >= d.maxCodes {
		d.fault(fieldCodes, -1, "has too many items")
		return
	}
	e.Codes = append(e.Codes, s)
}

// maxCodeBytes bounds a code's text; what providers call a code has ten or so. An integer may have any number of
// digits.
const maxCodeBytes = 64

// addCodeText adds a code that is written as a string, without the white space around it. A text that a vocabulary
// cannot read is a code all the same, an unknown one. But it is published, so what is plainly no code is a fault: one
// that is blank, long, or has characters that cannot be shown. At is its place in the list, -1 for one that stands
// alone: blank, that one is absent.
func (d *draft) addCodeText(at int, s string) {
	s = strings.TrimSpace(s)
	switch {
	case s == "" && at < 0:
	case s == "":
		d.fault(fieldCodes, at, "is blank")
	case len(s) > maxCodeBytes:
		d.fault(fieldCodes, at, "is a text of more than 64 bytes, which is no code")
	case strings.ContainsFunc(s, isHidden):
		d.fault(fieldCodes, at, "has a character that cannot be shown, which is no code")
	default:
		d.addCode(s)
	}
}

// isHidden knows control characters, and those that turn or hide what stands beside them.
func isHidden(r rune) bool { return !unicode.IsGraphic(r) }

func (d *draft) addPair(at int, key, value string) {
	e := d.event
	d.metadataBytes += len(key) + len(value)
	switch {
	case at >= maxMetadataEntries:
		d.fault(fieldMetadata, -1, "has more than 32 entries")
		return
	case d.metadataBytes > maxMetadataBytes:
		d.fault(fieldMetadata, -1, "has more than 4096 bytes of keys and values")
		return
	}
	for i := range e.Metadata {
		if e.Metadata[i].Key == key {
			d.fault(fieldMetadata, at, "has the same key as another entry")
			return
		}
	}
	e.Metadata = append(e.Metadata, processor.Pair{Key: key, Value: value})
}
