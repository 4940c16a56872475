package diff

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/state"
	"verdict/schemas"
)

func settings(t testing.TB, set ...string) *config.Loaded {
	t.Helper()
	cfg, err := config.Load(config.Sources{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func writeFile(t testing.TB, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reportOf runs a comparison and reads its JSON.
func reportOf(t testing.TB, o Options) *show.Diff {
	t.Helper()
	var out bytes.Buffer
	o.Version, o.Show, o.Out, o.Err, o.Time = "test", show.DiffJSON, &out, &bytes.Buffer{}, at
	differs, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var report show.Diff
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if differs != report.Differs() {
		t.Errorf("it says that it differs: %v; by its report: %v", differs, report.Differs())
	}
	return &report
}

// lines compares lines of a file by two sets of rules.
func compareLines(t testing.TB, old, now *pipeline.Rules, lines ...string) *show.Diff {
	t.Helper()
	return reportOf(t, Options{Config: settings(t), New: now, Old: old, OldName: "old", File: "-",
		In: strings.NewReader(strings.Join(lines, "\n"))})
}

const (
	fourthline = `{"provider":"fourthline","product":"identity_verification","verification_id":"`
	november   = `,"occurred_at":"2026-11-20T08:00:00Z"}`
	december   = `,"occurred_at":"2026-12-01T08:00:00+09:00"}` // in UTC it is November
	january    = `,"occurred_at":"2027-01-03T08:00:00Z"}`
)

// TestWhatDiffers: each kind of difference, by hand.
func TestWhatDiffers(t *testing.T) {
	report := compareLines(t, pipeline.BuiltIn(), edited(t, "ubble-idv.yaml"),
		fourthline+`v-1","status":"completed","risk_code":300`+november,
		fourthline+`v-2","status":"completed","risk_code":500,"codes":[5150]`+november,
		fourthline+`v-2","status":"completed","risk_code":500,"codes":[5150]`+november, // a repeat
		fourthline+`v-3","status":"completed","risk_code":500,"codes":[5150]`+december,
		fourthline+`v-4","status":"completed","risk_code":500,"codes":[5150]`+january,
		fourthline+`v-5","status":"inconsistent_data","codes":[2999]`+november, // by its range
		`{"provider":"ubble","product":"identity_verification","verification_id":"v-6","status":"approved"`+november,
		`{"provider":"yousign","product":"video","verification_id":"v-7","status":"approved"`+november,
		`no event`,
	)
	if report.Events != 9 || report.Compared != 6 || report.Differ != 5 || report.Verifications.All != 6 {
		t.Errorf("%d events, %d compared, %d differ, %d verifications", report.Events, report.Compared, report.Differ,
			report.Verifications.All)
	}
	if report.OneSided != 1 || report.ChargesDiffer != 4 || !strings.HasSuffix(report.Result(),
		"(83 %); 1 event is decided on one side only; 4 charges have another flag") {
		t.Errorf("%d on one side only, %d charges: %s", report.OneSided, report.ChargesDiffer, report.Result())
	}
	counts := map[string]int{}
	for _, c := range report.Fields {
		counts[c.Name] = c.Count
	}
	if counts["outcome"] != 1 || counts["outcome_basis"] != 1 || counts["billing.flag"] != 3 ||
		counts["reasons.category"] != 1 || counts["reasons.disclosable"] != 1 || counts["lifecycle.transition"] != 0 {
		t.Errorf("by field: %v", counts)
	}
	if want := (show.DiffStatus{Vocabulary: "fourthline-idv", Status: "completed", RiskCode: "500", Count: 3}); len(
		report.Statuses) == 0 || report.Statuses[0] != want {
		t.Errorf("by status: %+v", report.Statuses)
	}
	if want := (show.DiffCode{Vocabulary: "fourthline-idv", Code: "5150", Count: 3}); len(report.Codes) != 2 ||
		report.Codes[0] != want {
		t.Errorf("by code: %+v", report.Codes)
	}
	var charges []string
	for _, c := range report.Charges {
		charges = append(charges, strings.Join([]string{c.Provider, c.Product, c.Month, c.Old, c.New, c.Effect,
			strings.Repeat("I", c.Count)}, " "))
	}
	if want := []string{"fourthline identity_verification 2026-11 UNDETERMINED BILLABLE became charged II",
		"fourthline identity_verification 2027-01 UNDETERMINED BILLABLE became charged I",
		"ubble identity_verification 2026-11 UNDETERMINED NONE no longer undetermined I"}; !slices.Equal(charges, want) {
		t.Errorf("charges:\n%s", strings.Join(charges, "\n"))
	}
	if len(report.Became) != 1 || report.Became[0].Old != "decision" ||
		report.Became[0].New != "dead letter: unknown_vocabulary" {
		t.Errorf("became: %+v", report.Became)
	}
	rule := report.Rules[slices.IndexFunc(report.Rules, func(r show.DiffRule) bool { return r.Part == "outcome" })]
	if rule.Old.Value != "REVIEW" || rule.New.Value != "APPROVED" ||
		rule.Old.Basis != "policy:fourthline-idv/status/completed/risk/300" ||
		rule.New.Basis != "operator:fourthline-idv/status/completed/risk/300" ||
		!strings.Contains(rule.New.Place, "/fourthline-idv.yaml:") || len(rule.Examples) != 1 ||
		rule.Examples[0].Topic != "-" || rule.Examples[0].Offset != 0 || rule.Examples[0].DecisionID == "" {
		t.Errorf("outcome: %+v", rule)
	}
	ranged := report.Rules[slices.IndexFunc(report.Rules, func(r show.DiffRule) bool { return r.Part == "reason" })]
	if ranged.Code != "2999" || !strings.HasPrefix(ranged.Old.Place, "built-in fourthline-idv.yaml:") {
		t.Errorf("reason: %+v", ranged)
	}
}

// TestTheSameRulesDifferInNothing, whatever goes wrong on the way.
func TestTheSameRulesDifferInNothing(t *testing.T) {
	var lines []string
	for _, line := range generated(5_000) {
		lines = append(lines, string(line))
	}
	report := compareLines(t, pipeline.BuiltIn(), pipeline.BuiltIn(), lines...)
	if report.Differs() || report.Compared < 4_000 || len(report.Fields)+len(report.Rules)+len(report.Catalog) > 0 {
		t.Errorf("%+v", report)
	}
}

// TestNoValueOfAnEventIsTold: ids, references, metadata, statuses and codes that no catalog has.
func TestNoValueOfAnEventIsTold(t *testing.T) {
	const secret = "Jane"
	line := `{"provider":"fourthline","product":"identity_verification","event_id":"Jane1","verification_id":"Jane2",` +
		`"subject_ref":"Jane3","journey_ref":"Jane4","account":"Jane5","product_variant":"Jane6","status":"%s",` +
		`"risk_code":300,"codes":["Jane7",2999],"metadata":{"Jane8":"Jane9"}` + november
	o := Options{Config: settings(t, "metadata.keys=Jane8"), New: edited(t), Old: pipeline.BuiltIn(), OldName: "old",
		File: "-", Version: "test", Time: at, Err: &bytes.Buffer{}}
	for _, format := range show.DiffFormats() {
		var out bytes.Buffer
		o.Show, o.Out = show.DiffFormat(format), &out
		o.In = strings.NewReader(strings.ReplaceAll(line, "%s", "completed") + "\n" + strings.ReplaceAll(line, "%s", "Jane"))
		if differs, err := Run(t.Context(), o); err != nil || !differs {
			t.Fatal(differs, err)
		}
		if text := out.String(); strings.Contains(text, secret) || !strings.Contains(text, "unreadable") {
			t.Errorf("%s:\n%s", format, text)
		}
	}
}

// TestEveryFieldIsCompared: what the decision's schema has is compared, or left out for a reason that show.Parts names.
func TestEveryFieldIsCompared(t *testing.T) {
	compared := map[string]bool{"rules_version": true, "source.topic": true, "source.partition": true,
		"source.offset": true, "reasons.code": true,
		"risk.code": true, "risk.level": true, "provider": true} // in risk, and in product
	for i := range show.Parts {
		for _, f := range show.Parts[i].Fields {
			compared[f.Name] = true
		}
	}
	for i := range show.OwnFields {
		compared[show.OwnFields[i].Name] = true
	}
	for _, f := range show.ReasonFields {
		compared[f.Name] = true
	}
	var schema any
	if err := json.Unmarshal([]byte(schemas.Text("decision.avsc")), &schema); err != nil {
		t.Fatal(err)
	}
	leaves := leavesOf("", schema)
	if len(leaves) < 40 {
		t.Fatalf("the schema has %d fields: %q", len(leaves), leaves)
	}
	for _, name := range leaves {
		if !compared[name] {
			t.Errorf("%s is not compared", name)
		}
	}
}

// leavesOf lists the paths of a schema's fields that have no fields of their own.
func leavesOf(path string, schema any) (leaves []string) {
	switch s := schema.(type) {
	case []any: // a union
		for _, branch := range s {
			if branch != "null" {
				leaves = append(leaves, leavesOf(path, branch)...)
			}
		}
	case map[string]any:
		switch s["type"] {
		case "record":
			for _, f := range s["fields"].([]any) {
				field := f.(map[string]any)
				name := field["name"].(string)
				if path != "" {
					name = path + "." + name
				}
				leaves = append(leaves, leavesOf(name, field["type"])...)
			}
		case "array":
			leaves = leavesOf(path, s["items"])
		default:
			leaves = []string{path}
		}
	default:
		leaves = []string{path}
	}
	return leaves
}

// TestShapesHoldAllThatRulesGive: two decisions have one shape exactly if nothing of parts and reasons tells them
// apart.
func TestShapesHoldAllThatRulesGive(t *testing.T) {
	cfg, r := settings(t), edited(t)
	both := sides{old: pipeline.NewComparing(cfg, "test", pipeline.BuiltIn(), &pipeline.Input{}, nil),
		new: pipeline.NewComparing(cfg, "test", r, &pipeline.Input{}, nil)}
	p := &published{catalog: r.Catalog, byShape: map[string]uint32{}}
	m := newMemories(state.Options{})
	defer m.free()
	equal, unequal := 0, 0
	var before *processor.Decision
	for n, line := range generated(5_000) {
		var was, is said
		record := processor.Record{Topic: "raw", Offset: int64(n), Timestamp: at.UnixMilli(), Value: line}
		if err := both.process(&record, m, &was, &is); err != nil {
			t.Fatal(err)
		}
		if !was.decided() || !is.decided() {
			continue
		}
		for _, other := range []*processor.Decision{was.decision, before} {
			if other == nil {
				continue
			}
			shape := p.shapes[p.shapeOf(other)].decision
			tells := differsInParts(shape, is.decision)
			if own := differsInParts(shape, other); own {
				t.Fatalf("line %d: a decision and its own shape differ: %+v %+v", n+1, shape, other)
			}
			if sameShape := p.shapeOf(other) == p.shapeOf(is.decision); sameShape == tells {
				t.Fatalf("line %d: one shape: %v; tells them apart: %v", n+1, sameShape, tells)
			}
			if tells {
				unequal++
			} else {
				equal++
			}
		}
		before = p.cloneShape(is.decision)
	}
	if equal < 100 || unequal < 100 {
		t.Errorf("%d pairs were equal, %d not", equal, unequal)
	}
}

func differsInParts(a, b *processor.Decision) bool {
	for i := range show.Parts {
		for _, f := range show.Parts[i].Fields {
			if !f.Same(a, b) {
				return true
			}
		}
	}
	return len(show.ReasonPairs(nil, a, b)) > 0 || a.Provider != b.Provider || a.Product != b.Product
}
