package codec

import (
	"testing"

	"pgregory.net/rapid"

	"verdict/processor"
)

// notice is an overdue notice that has each part that there may be, but for a few optional texts.
func notice() *processor.Decision {
	d := example()
	d.ProviderStatus = "pending"
	o := &d.Overdue
	o.ID[0] = 0x0d
	o.Sequence, o.Basis = 3, "policy:fourthline-idv/status/pending/overdue_after"
	o.Since, o.Deadline = 1_795_255_201_500_000, 1_795_341_601_500_000
	find(&o.Action, "CHECK_STATUS")
	return d
}

// carriedByNotice is what a notice says of a decision: who and what it is about, and where that is.
func carriedByNotice(d *processor.Decision) processor.Decision {
	return processor.Decision{
		ID: d.ID, Provider: d.Provider, Product: d.Product, ProductVariant: d.ProductVariant, Account: d.Account,
		VerificationID: d.VerificationID, SubjectRef: d.SubjectRef, JourneyRef: d.JourneyRef, Attempt: d.Attempt,
		Environment: d.Environment, ProviderStatus: d.ProviderStatus, RulesVersion: d.RulesVersion, Source: d.Source,
		Metadata: d.Metadata, Overdue: d.Overdue,
	}
}

func drawOverdue(t *rapid.T) (o processor.Overdue) {
	copy(o.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "overdue id"))
	o.Sequence, o.Basis = rapid.Int64().Draw(t, "latest"), rapid.String().Draw(t, "overdue basis")
	o.Since = rapid.Int64Range(minMicros, maxMicros).Draw(t, "since")
	o.Deadline = rapid.Int64Range(minMicros, maxMicros).Draw(t, "deadline")
	drawEnum(t, &o.Action, "action")
	return o
}

func TestNoticesTakeNoMemory(t *testing.T) {
	d := notice()
	for name, encoder := range map[string]processor.Encoder{"JSON": NewJSONEncoder(), "Avro": avroEncoder(t)} {
		dst, err := encoder.Append(processor.RouteOverdue, nil, d)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() {
			dst, err = encoder.Append(processor.RouteOverdue, dst[:0], d)
		}); n > 0 || err != nil {
			t.Errorf("%s: %v allocations, %v", name, n, err)
		}
	}
}
