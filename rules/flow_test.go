package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"verdict/rules"
)

// What follows what by each flow, with what has to hold, what it does and who says so.
func TestEmbeddedFlows(t *testing.T) {
	for name, want := range map[string]string{
		"yousign-video": `
pending > inconclusive: source
pending > approved: source
pending > declined: source`,
		"ubble-idv": `
created > pending: reading
pending > capture_in_progress: reading
capture_in_progress > checks_in_progress: reading
checks_in_progress > approved: reading
checks_in_progress > declined: reading
checks_in_progress > retry_required: reading
checks_in_progress > refused: reading
checks_in_progress > inconclusive: reading
retry_required > pending: reading
retry_required > capture_in_progress: reading
retry_required > checks_in_progress: reading`,
		"veriff-idv": `
created > started: reading
created > submitted: reading
created > expired: reading
started > submitted: reading
started > abandoned: reading
submitted > approved: reading
submitted > declined: reading
submitted > resubmission_requested: reading
submitted > review: reading
submitted > abandoned: reading
resubmission_requested > started: reading
resubmission_requested > submitted: reading
resubmission_requested > abandoned: reading
review > approved: reading
review > declined: reading
review > resubmission_requested: reading`,
		"fourthline-idv": `
new > pending: source
new > invalid_data: reading
pending > inconsistent_data: source
pending > invalid_data: source
pending > completed: source
inconsistent_data > pending: reopens unexpected reading
inconsistent_data > invalid_data: reopens unexpected reading
inconsistent_data > completed: reopens unexpected reading
invalid_data > pending: reopens unexpected reading
invalid_data > inconsistent_data: reopens unexpected reading
invalid_data > completed: reopens unexpected reading
completed > completed/signature-open: reopens source
completed > completed/not-final: reading`,
		"fourthline-docauth": `
new > pending: source
pending > inconsistent_data: source
pending > invalid_data: source
pending > completed: source
inconsistent_data > pending/not-final: reopens reading
inconsistent_data > invalid_data/not-final: reopens reading
inconsistent_data > completed/not-final: reopens reading
invalid_data > pending/not-final: reopens reading
invalid_data > inconsistent_data/not-final: reopens reading
invalid_data > completed/not-final: reopens reading
completed > completed/not-final: reading`,
	} {
		if got := flowText(vocabulary(t, name)); got != want {
			t.Errorf("%s has the flow%s\nwanted%s", name, got, want)
		}
	}
}

// flowText has one line a step. It reads the conditions from the step and from its basis.
func flowText(v *rules.Vocabulary) string {
	var b strings.Builder
	for _, s := range v.Statuses {
		for _, step := range s.Steps {
			origin, path, _ := strings.Cut(step.Basis, ":"+v.Name+"/flow/"+s.Name+"/")
			if strings.Contains(path, "/not-final") != step.NotFinal ||
				strings.Contains(path, "/signature-open") != step.OnOpen || step.Unexpected != (step.Reason != "") ||
				step.To != v.Status(strings.Split(path, "/")[0]).Mask {
				origin = fmt.Sprintf("%+v", step)
			}
			fmt.Fprintf(&b, "\n%s > %s: ", s.Name, path)
			if step.Reopens {
				b.WriteString("reopens ")
			}
			if step.Unexpected {
				b.WriteString("unexpected ")
			}
			b.WriteString(origin)
		}
	}
	return b.String()
}

// The ends that nothing follows: yousign's three, ubble's and veriff's four each, a case that is completed with a known
// risk code, and a code that asks for a new case. identity_verification's resubmissions are final and may go on all the
// same.
func TestWhatCloses(t *testing.T) {
	closing := map[string]bool{
		"yousign-video/inconclusive": true, "yousign-video/approved": true, "yousign-video/declined": true,
		"ubble-idv/approved": true, "ubble-idv/declined": true, "ubble-idv/refused": true,
		"ubble-idv/inconclusive": true, "fourthline-idv/completed": true,
		"veriff-idv/approved": true, "veriff-idv/declined": true, "veriff-idv/expired": true,
		"veriff-idv/abandoned":                 true,
		"fourthline-docauth/inconsistent_data": true, "fourthline-docauth/invalid_data": true,
		"fourthline-docauth/completed": true,
	}
	for _, v := range rules.Embedded().Vocabularies() {
		for _, s := range v.Statuses {
			if canBeFinal(s) && s.Closes(true, rules.SignatureNone) != closing[v.Name+"/"+s.Name] {
				t.Errorf("%s/%s: Closes is %v where final", v.Name, s.Name, s.Closes(true, rules.SignatureNone))
			}
			if s.Closes(false, rules.SignatureNone) {
				t.Errorf("%s/%s closes without being final", v.Name, s.Name)
			}
		}
	}
}

func canBeFinal(s *rules.Status) bool {
	for risk := int32(0); risk <= 500; risk += 100 {
		if rule := s.RuleWith(risk, risk > 0); rule.Final || rule.FinalOnNewCase {
			return true
		}
	}
	return false
}

// The same again is news only while a signature is open: a step of it has failed again. Where a risk code is missing,
// completed leads to completed as well, but the same again has not brought it.
func TestWhatRepeats(t *testing.T) {
	signatures := []rules.Signature{rules.SignatureNone, rules.SignatureOpen, rules.SignatureFailed}
	for _, v := range rules.Embedded().Vocabularies() {
		for _, s := range v.Statuses {
			for i, signature := range append(signatures, signatures...) {
				final := i < len(signatures)
				want := v.Name == "fourthline-idv" && s.Name == "completed" && signature == rules.SignatureOpen
				if got := s.Repeats(final, signature); got != want {
					t.Errorf("%s/%s: final %v, signature %s: Repeats is %v", v.Name, s.Name, final, signature, got)
				}
			}
		}
	}
	own := string(sample(t)["sample.yaml"].Data)
	open := flowOf(t, own, "  - {from: open, to: [unclear, done, open], origin: source}").Status("open")
	if !open.Repeats(false, rules.SignatureNone) {
		t.Error("a status that is never final, and has a step to itself, does not repeat")
	}
}

// flowOf is the sample vocabulary with another flow.
func flowOf(t testing.TB, content, flow string) *rules.Vocabulary {
	t.Helper()
	before, _, _ := strings.Cut(content, "\nflow:\n")
	c := load(t, fstest.MapFS{
		"catalog.yaml": {Data: []byte("version: flow\n")},
		"sample.yaml":  {Data: []byte(before + "\nflow:\n" + flow + "\n")},
	})
	return c.Vocabulary("acme", "check")
}

// Which step leads from an answer to another status: a direct one first, and only one that starts from that answer.
func TestStep(t *testing.T) {
	idv, docauth := vocabulary(t, "fourthline-idv"), vocabulary(t, "fourthline-docauth")
	none, open := rules.SignatureNone, rules.SignatureOpen
	for _, test := range []struct {
		v         *rules.Vocabulary
		from      string
		final     bool
		signature rules.Signature
		to, want  string
	}{
		{idv, "new", false, none, "invalid_data", "reading:fourthline-idv/flow/new/invalid_data"},
		{idv, "new", false, none, "completed", "source:fourthline-idv/flow/new/pending"}, // pending was missed
		{idv, "pending", false, none, "new", ""},
		{idv, "inconsistent_data", true, none, "inconsistent_data",
			"reading:fourthline-idv/flow/inconsistent_data/invalid_data"},
		{idv, "completed", true, none, "completed", ""},
		{idv, "completed", true, none, "pending", ""},
		{idv, "completed", false, none, "completed", "reading:fourthline-idv/flow/completed/completed/not-final"},
		{idv, "completed", true, open, "completed", "source:fourthline-idv/flow/completed/completed/signature-open"},
		{docauth, "invalid_data", false, none, "pending",
			"reading:fourthline-docauth/flow/invalid_data/pending/not-final"},
		{docauth, "invalid_data", true, none, "pending", ""},
	} {
		got := ""
		if step := test.v.Status(test.from).Step(test.v.Status(test.to), test.final, test.signature); step != nil {
			got = step.Basis
		}
		if got != test.want {
			t.Errorf("%s, from %s (final %v, signature %s) to %s: %q, wanted %q",
				test.v.Name, test.from, test.final, test.signature, test.to, got, test.want)
		}
	}
}

// One version says one thing: the order of the flow's rows counts for neither, also where several lead to a status with
// others between.
func TestOrderOfStepsDoesNotCount(t *testing.T) {
	head, rest, _ := strings.Cut(string(sample(t)["sample.yaml"].Data), "  - name: unclear\n")
	var more strings.Builder
	for i := range 4 {
		fmt.Fprintf(&more, "  - name: s%d\n    meaning: m\n    outcome: PENDING\n    origin: source\n"+
			"    final: false\n    retry: {advice: WAIT, scope: SAME_VERIFICATION, origin: source}\n", i)
	}
	content := head + more.String() + "  - name: unclear\n" + rest
	rows := []string{
		"  - {from: unclear, to: s0, reopens: true, unexpected: true, reason: so, origin: source}",
		"  - {from: unclear, to: s1, reopens: true, origin: source}",
		"  - {from: unclear, to: s2, reopens: true, origin: source}",
		"  - {from: done, final: false, to: s1, unexpected: true, reason: so, origin: source}",
		"  - {from: done, final: false, to: [s0, s2], origin: source}",
		"  - {from: [s0, s1, s2, open], to: s3, origin: source}",
		"  - {from: open, to: [unclear, done], origin: source}",
	}
	wanted := flowOf(t, content, strings.Join(rows, "\n"))
	for _, s := range [][3]string{{"unclear", "s3", "s1"}, {"done", "s3", "s0"}} {
		final := s[0] == "unclear"
		step := wanted.Status(s[0]).Step(wanted.Status(s[1]), final, rules.SignatureNone)
		if step == nil || step.To != wanted.Status(s[2]).Mask {
			t.Errorf("from %s to %s by %+v, wanted one by %s", s[0], s[1], step, s[2])
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		other := flowOf(t, content, strings.Join(rapid.Permutation(rows).Draw(rt, "rows"), "\n"))
		if got, want := stepsOf(other), stepsOf(wanted); got != want {
			rt.Fatalf("steps\n%s\nwanted\n%s", got, want)
		}
	})
}

// Between the same two statuses the step with more conditions is taken, and signature: OPEN before final: false.
// Neither the rows' order counts nor the names of an overlay's files, and all orders have one version.
func TestConditionsOfStepsBetweenTheSameStatuses(t *testing.T) {
	rows := []string{
		"{from: completed, to: pending, reopens: true, unexpected: true, reason: a, origin: operator}",
		"{from: completed, final: false, to: pending, unexpected: true, reason: b, origin: operator}",
		"{from: completed, signature: OPEN, to: pending, reopens: true, origin: operator}",
		"{from: completed, final: false, signature: OPEN, to: pending, origin: operator}",
	}
	versions := map[string]bool{}
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}, {1, 2, 0, 3}} {
		own := fstest.MapFS{}
		for i, row := range order {
			own[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{
				Data: []byte("vocabulary: fourthline-idv\nflow:\n  - " + rows[row] + "\n"),
			}
		}
		c, err := rules.LoadOver(nil, own)
		if err != nil {
			t.Fatal(err)
		}
		versions[c.Version] = true
		v := c.Vocabulary("fourthline", "identity_verification")
		for _, test := range []struct {
			final     bool
			signature rules.Signature
			want      string
		}{
			{true, rules.SignatureNone, ""},
			{false, rules.SignatureNone, "/not-final"},
			{true, rules.SignatureOpen, "/signature-open"},
			{false, rules.SignatureOpen, "/not-final/signature-open"},
		} {
			step := v.Status("completed").Step(v.Status("pending"), test.final, test.signature)
			if step == nil || step.Basis != "operator:fourthline-idv/flow/completed/pending"+test.want {
				t.Errorf("order %v, final %v, signature %s: %+v", order, test.final, test.signature, step)
			}
		}
	}
	if len(versions) != 1 {
		t.Errorf("versions %v", versions)
	}
}

// Of the two that overlap and neither of which has more conditions, signature: OPEN is taken, in any order.
func TestStepOfAnOpenSignatureGoesFirst(t *testing.T) {
	const head = "vocabulary: fourthline-idv\nflow:\n  - {from: completed, to: pending, origin: operator, "
	open, notFinal := head+"signature: OPEN, reopens: true}\n", head+"final: false, unexpected: true, reason: r}\n"
	for _, files := range [][2]string{{open, notFinal}, {notFinal, open}} {
		c, err := rules.LoadOver(nil, fstest.MapFS{"a.yaml": {Data: []byte(files[0])}, "b.yaml": {Data: []byte(files[1])}})
		if err != nil {
			t.Fatal(err)
		}
		v := c.Vocabulary("fourthline", "identity_verification")
		if step := v.Status("completed").Step(v.Status("pending"), false, rules.SignatureOpen); !step.Reopens {
			t.Errorf("by %s", step.Basis)
		}
	}
}

// stepsOf says which step leads from each status to each.
func stepsOf(v *rules.Vocabulary) string {
	var b strings.Builder
	for _, from := range v.Statuses {
		for _, to := range v.Statuses {
			for _, final := range []bool{false, true} {
				if step := from.Step(to, final, rules.SignatureNone); step != nil {
					fmt.Fprintf(&b, "%s > %s (final %v): %s\n", from.Name, to.Name, final, step.Basis)
				}
			}
		}
	}
	return b.String()
}

// Reach is To and what may follow in turn, whatever the flow: as a search finds it that goes from status to status.
func TestReachIsTheClosure(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		checkReach(t, v)
	}
	head, rest, _ := strings.Cut(string(sample(t)["sample.yaml"].Data), "  - name: unclear\n")
	var more strings.Builder
	for i := range 8 {
		fmt.Fprintf(&more, "  - name: s%d\n    meaning: m\n    outcome: PENDING\n    origin: source\n"+
			"    final: false\n    retry: {advice: WAIT, scope: SAME_VERIFICATION, origin: source}\n", i)
	}
	content := head + more.String() + "  - name: unclear\n" + rest
	rapid.Check(t, func(rt *rapid.T) {
		var flow strings.Builder
		for i := range 8 {
			for _, to := range rapid.SliceOfNDistinct(rapid.IntRange(0, 7), 0, 3, rapid.ID).Draw(rt, "to") {
				fmt.Fprintf(&flow, "  - {from: s%d, to: s%d, origin: source}\n", i, to)
			}
		}
		// What nothing mentions is refused: so open leads to all, and unclear to one of them.
		last := rapid.IntRange(0, 7).Draw(rt, "last")
		fmt.Fprintf(&flow, "  - {from: open, to: [unclear, done, s0, s1, s2, s3, s4, s5, s6, s7], origin: source}\n"+
			"  - {from: unclear, to: s%d, reopens: true, origin: source}\n", last)
		checkReach(rt, flowOf(t, content, flow.String()))
	})
}

func checkReach(t interface{ Errorf(string, ...any) }, v *rules.Vocabulary) {
	for _, s := range v.Statuses {
		for _, step := range s.Steps {
			found, todo := step.To, step.To
			for todo != 0 {
				next := uint64(0)
				for _, between := range v.Statuses {
					for _, onward := range between.Steps {
						if todo&between.Mask != 0 {
							next |= onward.To
						}
					}
				}
				todo = next &^ found
				found |= next
			}
			if step.Reach != found {
				t.Errorf("%s, %s: reaches %b, wanted %b", v.Name, step.Basis, step.Reach, found)
			}
		}
	}
}

// A provider that announces nothing but ends has an empty flow.
func TestFlowOfEndsOnly(t *testing.T) {
	c := load(t, fstest.MapFS{
		"catalog.yaml": {Data: []byte("version: ends\n")},
		"ends.yaml": {Data: []byte(`
vocabulary: ends
provider: acme
product: ends
title: Ends
sources: [{name: page, read: 2026-11}]
series: [{name: x}]
statuses:
  - {name: passed, meaning: m, outcome: APPROVED, origin: source, final: true,
     retry: {advice: NOT_APPLICABLE, scope: NONE, origin: source}}
flow: []
billing: {otherwise: {name: silent, flag: UNDETERMINED, origin: source}}
codes: [{code: 1, statuses: [passed], series: x, category: DATA, meaning: m}]
`)},
	})
	if s := c.Vocabulary("acme", "ends").Status("passed"); len(s.Steps) != 0 || !s.Closes(true, rules.SignatureNone) {
		t.Errorf("%+v, closes: %v", s.Steps, s.Closes(true, rules.SignatureNone))
	}
}
