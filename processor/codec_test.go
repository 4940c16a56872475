package processor_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"verdict/processor"
)

// Stand-ins for the codec, at the boundary that the core itself declares.

// eventDecoder decodes every record to one event.
type eventDecoder struct{ event *processor.Event }

func (d eventDecoder) Decode(_ *processor.Record, e *processor.Event) error {
	kept := *e
	*e = *d.event
	kept.Codes = append(kept.Codes, d.event.Codes...)
	kept.Metadata = append(kept.Metadata, d.event.Metadata...)
	e.Codes, e.Metadata = kept.Codes, kept.Metadata
	return nil
}

var errNoAnswer = errors.New("the registry does not answer")

// jsonDecoder decodes the fields of Event by their Go names.
type jsonDecoder struct{}

func (jsonDecoder) Decode(r *processor.Record, e *processor.Event) error {
	switch {
	case string(r.Value) == "no answer":
		return errNoAnswer
	case string(r.Value) == "wrapped":
		return fmt.Errorf("field %d: %w", 3, processor.Reject(processor.ReasonInvalidField, "status is no text"))
	case json.Unmarshal(r.Value, e) != nil:
		return processor.Reject(processor.ReasonMalformedJSON, "not JSON")
	}
	return nil
}

// textEncoder writes a decision as text. It refuses what the metadata asks it to.
type textEncoder struct{}

func (textEncoder) ContentType() string { return "text/plain" }

func (textEncoder) Append(route processor.Route, dst []byte, d *processor.Decision) ([]byte, error) {
	switch {
	case route == processor.RouteDecision:
		return fmt.Appendf(dst, "decision %s event %s at %d %s of %s %v\n%s", d.ID, d.EventID, d.OccurredAt, d.OccurredAtSource,
			d.RulesVersion, d.Metadata, say(d)), nil
	case route == processor.RouteBilling:
		return fmt.Appendf(dst, "charge %s %s", d.ChargeID, d.Billing.Flag), nil
	case d.SubjectRef == "broken":
		return nil, errors.New("no schema id")
	case d.SubjectRef == "large":
		return nil, processor.Reject(processor.ReasonTooLarge, "the risk event has 9 bytes, the limit is 8")
	default:
		return fmt.Appendf(dst, "%s %d", route, d.Risk.Code), nil
	}
}
