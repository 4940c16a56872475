package explain

import (
	"slices"

	"verdict/processor"
	"verdict/rules"
)

// notShown stands for a status or code that the catalog does not know and that was never published: it may be anything.
const notShown = "unreadable"

// withheld is what may be shown of a decision by the present rules where nobody has asked for the payload: without
// those of the event's own fields that differ from what is published, or were never published.
func (x *explaining) withheld(d *processor.Decision) *processor.Decision {
	if x.Payload {
		return d
	}
	was := &processor.Decision{}
	if x.published != nil && x.published.decision != nil {
		was = x.published.decision
	}
	shown := *d
	for _, own := range []struct{ is, was *string }{
		{&shown.VerificationID, &was.VerificationID}, {&shown.SubjectRef, &was.SubjectRef},
		{&shown.JourneyRef, &was.JourneyRef}, {&shown.Account, &was.Account},
		{&shown.ProductVariant, &was.ProductVariant},
	} {
		if *own.is != *own.was {
			*own.is = ""
		}
	}
	if was.VerificationID == "" {
		shown.EventID = ""
	}
	if !slices.Equal(shown.Metadata, was.Metadata) {
		shown.Metadata = nil
	}
	v := x.Rules.Catalog.Vocabulary(d.Provider, d.Product)
	if v.Status(d.ProviderStatus) == nil && d.ProviderStatus != was.ProviderStatus {
		shown.ProviderStatus = notShown
	}
	code := func(text string) string {
		published := text == was.PrimaryCode || slices.ContainsFunc(was.Reasons, func(r processor.Reason) bool {
			return r.Code == text
		})
		if text == "" || published || v.Code(text, &rules.Code{}).Number != rules.NumberUnreadable {
			return text
		}
		return notShown
	}
	shown.PrimaryCode, shown.Reasons = code(d.PrimaryCode), slices.Clone(d.Reasons)
	for i := range shown.Reasons {
		shown.Reasons[i].Code = code(shown.Reasons[i].Code)
	}
	return &shown
}
