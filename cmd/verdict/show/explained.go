package show

import "encoding/json"

// Explained is what is known of one record: what it is, what was published about the raw record behind it, and what the
// present rules make of that.
type Explained struct {
	Result ExplainedResult `json:"result"`
	Record PlacedRecord    `json:"record"` // that was asked about
	// Raw is the raw record that it is from; nil where that cannot be read, and RawMissing says why.
	Raw        *PlacedRecord `json:"raw"`
	RawMissing string        `json:"raw_missing,omitempty"`
	// Through is the decision that led from a risk event, which names no source, to the raw record.
	Through *PlacedRecord `json:"through,omitempty"`
	// Alike is how many other decisions with its id are as near to the risk event in time.
	Alike     int   `json:"through_alike,omitempty"`
	Published *Said `json:"published"`
	// Later says why Published may not be the last that was published for the raw record, in sentences.
	Later string `json:"later,omitempty"`
	// NotFound says why Published may be nil, and what to do, in sentences.
	NotFound []string `json:"not_found,omitempty"`
	Sought   *Sought  `json:"sought,omitempty"` // where something was looked for
	// Present is what the rules of the settings say; nil where there is nothing to decide.
	Present *Said `json:"present"`
	// PresentMissing says why the present rules cannot decide it now; "": they can, or there is nothing to decide.
	PresentMissing string       `json:"present_missing,omitempty"`
	Differences    []Difference `json:"differences"`
	Payload        *Payload     `json:"payload,omitempty"`
}

// ExplainedResult is what a program asks first.
type ExplainedResult string

// Results of a comparison of what is published with what the present rules say.
const (
	ExplainedSame    ExplainedResult = "same"
	ExplainedDiffers ExplainedResult = "differs"
	ExplainedUnknown ExplainedResult = "not_compared"
)

// PlacedRecord is a record by its place. Time is its own, in RFC 3339; "": it has none.
type PlacedRecord struct {
	Kind      string `json:"kind"` // "raw record", or the noun of its route
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Time      string `json:"time,omitempty"`
}

// Said is a decision, a part of one, or a dead letter.
type Said struct {
	Record       *PlacedRecord `json:"record,omitempty"` // nil of the present rules
	Copies       int           `json:"copies,omitempty"` // how often it was published, of which this is the latest
	RulesVersion string        `json:"rules_version"`
	// Decision is the value of the output, as JSON whatever it was written in; nil of a dead letter.
	Decision    json.RawMessage `json:"decision,omitempty"`
	Rejected    *DeadLetter     `json:"dead_letter,omitempty"`
	Explanation []Because       `json:"explanation,omitempty"`

	// Whole says that Decision is all of one: that of a billing or risk event or of a notice is a part.
	Whole bool `json:"-"`
	// About names the verification of what is published.
	About string `json:"-"`
}

// DeadLetter is why a record was not decided.
type DeadLetter = deadLetterJSON

// Sought is where something was looked for. The times are the records' own, in RFC 3339; "": all there is.
type Sought struct {
	From       string            `json:"from,omitempty"`
	To         string            `json:"to,omitempty"`
	Partitions []SoughtPartition `json:"partitions"`
}

// SoughtPartition is what was read of one: the offsets from the first to before the other.
type SoughtPartition struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	From      int64  `json:"from_offset"`
	To        int64  `json:"to_offset"`
}

// Payload is what a raw record says, for who has asked for it.
type Payload struct {
	Key     *PayloadBytes   `json:"key"`
	Headers []PayloadHeader `json:"headers"`
	Value   *PayloadBytes   `json:"value"`
}

// PayloadHeader is one header of it.
type PayloadHeader struct {
	Key   string        `json:"key"`
	Value *PayloadBytes `json:"value"`
}

// PayloadBytes are some of its bytes; a nil pointer is Kafka's null. Text is "" where they are no text, which Base64
// then has.
type PayloadBytes struct {
	Text   string `json:"text,omitempty"`
	Base64 []byte `json:"base64,omitempty"`
}
