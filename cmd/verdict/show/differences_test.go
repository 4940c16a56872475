package show

import (
	"slices"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

// aDecision makes a decision to change one thing of.
func aDecision(change func(*processor.Decision)) *processor.Decision {
	d := &processor.Decision{
		ID: processor.ID{1}, EventID: "e", Provider: "yousign", Product: "video", VerificationID: "v-1",
		ProviderStatus: "declined", Outcome: rules.OutcomeDeclined, OutcomeBasis: "source:declined",
		Billing: processor.Billing{Flag: rules.BillingFlagBillable, Basis: "source:charged"}, PrimaryCode: "2401",
		Reasons:   []processor.Reason{{Code: "2401", Category: rules.CategoryFraud, Known: true}},
		Lifecycle: processor.Lifecycle{Sequence: 3, Transition: processor.TransitionReversed}, HasLifecycle: true,
		Anomalies: processor.AnomalySet(0),
	}
	d.Anomalies.Add(processor.AnomalyReversed)
	change(d)
	return d
}

// TestDifferences: what rules give is compared, also a basis alone; what depends on the events before is not; of the
// event's own fields no value is told.
func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*processor.Decision)
		want   *Difference // nil: none
	}{
		"nothing": {func(*processor.Decision) {}, nil},
		"the past": {func(d *processor.Decision) {
			d.ID, d.EventID, d.Lifecycle, d.HasLifecycle, d.Anomalies = processor.ID{}, "", processor.Lifecycle{}, false, 0
		}, nil},
		"the version": {func(d *processor.Decision) { d.RulesVersion = "other" }, nil},
		"a value": {func(d *processor.Decision) { d.Outcome = rules.OutcomeReview },
			&Difference{Fields: []string{"outcome"}, Published: "DECLINED", Present: "REVIEW",
				PublishedBasis: "source:declined", PresentBasis: "source:declined"}},
		"a basis": {func(d *processor.Decision) { d.Billing.Basis = "operator:charged" },
			&Difference{Fields: []string{"billing.basis"}, Published: "BILLABLE", Present: "BILLABLE",
				PublishedBasis: "source:charged", PresentBasis: "operator:charged"}},
		"an anomaly": {func(d *processor.Decision) { d.Anomalies.Add(processor.AnomalyReasonMissing) },
			&Difference{Fields: []string{"anomalies"}, Published: "none", Present: "REASON_MISSING"}},
		"the event's own": {func(d *processor.Decision) { d.SubjectRef = "a person" },
			&Difference{Fields: []string{"subject_ref"}, Hidden: true}},
		"a reason": {func(d *processor.Decision) { d.Reasons[0].Category = rules.CategoryRisk },
			&Difference{Fields: []string{"reasons.category"}, Code: "2401", Published: "FRAUD, UNSPECIFIED",
				Present: "RISK, UNSPECIFIED"}},
		"no reason": {func(d *processor.Decision) { d.Reasons = nil },
			&Difference{Fields: []string{"reasons"}, Code: "2401", Published: "FRAUD, UNSPECIFIED", Present: "none"}},
	} {
		t.Run(name, func(t *testing.T) {
			list := Differences(aDecision(func(*processor.Decision) {}), aDecision(c.change))
			if c.want == nil {
				if list != nil {
					t.Errorf("%+v", list)
				}
				return
			}
			if len(list) != 1 || !slices.Equal(list[0].Fields, c.want.Fields) {
				t.Fatalf("%+v, want %+v", list, c.want)
			}
			got := list[0]
			got.Fields, c.want.Fields = nil, nil
			if got.Code != c.want.Code || got.Hidden != c.want.Hidden || got.Published != c.want.Published ||
				got.Present != c.want.Present || got.PublishedBasis != c.want.PublishedBasis ||
				got.PresentBasis != c.want.PresentBasis {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// TestOverdueDifferences: a notice is what the present rules would write, unless they give another time or none.
func TestOverdueDifferences(t *testing.T) {
	catalog := rules.Embedded()
	v := catalog.Vocabulary("yousign", "video")
	at := slices.IndexFunc(v.Statuses, func(s *rules.Status) bool { return s.OverdueAfter > 0 })
	s := v.Statuses[at]
	notice := &processor.Decision{Provider: v.Provider, Product: v.Product, ProviderStatus: s.Name,
		Overdue: processor.Overdue{Since: 1_000_000, Deadline: 1_000_000 + s.OverdueAfter.Microseconds(),
			Basis: s.OverdueBasis}}
	if list := OverdueDifferences(catalog, notice); list != nil {
		t.Errorf("%+v", list)
	}
	notice.Overdue.Deadline++
	if list := OverdueDifferences(catalog, notice); len(list) != 1 || !slices.Equal(list[0].Fields, []string{"deadline"}) {
		t.Errorf("another time: %+v", list)
	}
	notice.ProviderStatus = "of no vocabulary"
	if list := OverdueDifferences(catalog, notice); len(list) != 1 || list[0].Present != "no limit" {
		t.Errorf("none: %+v", list)
	}
}
