package show

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

// edited is the built-in catalog with texts replaced, each of which must be there.
func edited(t *testing.T, edits ...[2]string) *rules.Catalog {
	t.Helper()
	own := fstest.MapFS{}
	names, err := fs.Glob(rules.EmbeddedFS(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := make([]bool, len(edits))
	for _, name := range names {
		content, err := fs.ReadFile(rules.EmbeddedFS(), name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		for i, e := range edits {
			found[i] = found[i] || strings.Contains(text, e[0])
			text = strings.Replace(text, e[0], e[1], 1)
		}
		own[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for i, e := range edits {
		if !found[i] {
			t.Fatalf("no file has %q", e[0])
		}
	}
	c, err := rules.Load(own)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestChanges: whatever an operator changes and decisions depend on is listed.
func TestChanges(t *testing.T) {
	const idv = "fourthline-idv: "
	for _, test := range []struct{ from, to, want string }{
		{"risk_codes:\n  - {code: 200, label: completed_low_risk, level: LOW}\n  - {code: 300",
			"unlisted_code_on_approval: accept\nrisk_codes:\n  - {code: 200, label: completed_low_risk, level: LOW}\n  - {code: 300",
			idv + "unlisted_code_on_approval accept (built in: review)"},
		{"level: MEDIUM", "level: HIGH", idv + "risk code 300: level HIGH (built in: MEDIUM)"},
		{"code_expected: [rejection, fraud]", "code_expected: [fraud]",
			idv + "status completed with risk code 500: code_expected fraud (built in: rejection or fraud)"},
		{"code_expected: [rejection, fraud]", "code_expected: true",
			idv + "status completed with risk code 500: code_expected yes (built in: rejection or fraud)"},
		{"expires: {after: 15m, origin: reading}", "expires: {after: 20m, origin: operator}",
			"retry WAIT SAME_VERIFICATION SHARE_VERIFICATION_URL for 20m (built in: WAIT SAME_VERIFICATION SHARE_VERIFICATION_URL for 15m)"},
		{"blocks_approval: false, risk_bearing: true,\n     meaning: \"PEP match that was confirmed\"",
			"blocks_approval: false, risk_bearing: true, asks_review: true, origin: operator,\n     meaning: \"PEP match that was confirmed\"",
			idv + "1 code with another asks_review: 120"},
		{"fields: [person.birthDate]", "fields: [person.born]", idv + "1 code with another fields: 1010"},
		{"{code: 5150, statuses: [completed], series: fraud", "{code: 5150, statuses: [completed], series: rejection",
			idv + "1 code with another series: 5150"},
		{"{code: 5150, statuses: [completed], series", "{code: 5150, statuses: [completed, pending], series",
			idv + "1 code with another statuses: 5150"},
		{"risk_codes: [500], meaning: \"ID document is a counterfeit\"",
			"risk_codes: [400, 500], meaning: \"ID document is a counterfeit\"", idv + "1 code with another risk_codes: 5150"},
		{"signature: FAILED,\n     meaning: \"fatal error during QEC creation\", action: \"new workflow: IDV and QES\",\n" +
			"     retry: {advice: RETRY_WITH_CHANGES, scope: NEW_VERIFICATION",
			"signature: OPEN,\n     meaning: \"fatal error during QEC creation\",\n" +
				"     retry: {advice: RETRY_WITH_CHANGES, scope: SAME_VERIFICATION",
			idv + "1 code with another signature: 6001"},
		{"actions: [INCLUDE_SIGNATURE], origin: source}}\n  - {code: 6002",
			"actions: [INCLUDE_SIGNATURE, CHECK_STATUS], origin: operator}}\n  - {code: 6002",
			idv + "1 code with another retry: 6001"},
		{"refusal: true", "refusal: false", "with another refusal: "},
		{"from: 2000, to: 2999, statuses: [inconsistent_data], series: home address, category: DATA, disclosable: true",
			"from: 2000, to: 2999, statuses: [invalid_data], series: home address, category: UNKNOWN, disclosable: false",
			idv + "range 2000-2999: statuses invalid_data (built in: inconsistent_data), category UNKNOWN (built in: DATA), " +
				"disclosable no (built in: yes)"},
		{"  - {name: qes, title: \"6000: QES errors\"}", "  - {name: qes, title: \"QES\"}\n  - {name: more, title: \"More\"}",
			idv + "1 series added: more"},
		{"    overdue_after: {after: 24h, origin: policy}\n", "", "status pending: overdue_after none (built in: 24h)"},
		{"overdue_after: {after: 24h, origin: policy}", "overdue_after: {after: 36h, origin: operator}",
			"yousign-video: status pending: overdue_after 36h (built in: 24h)"},
		{"  - {from: new, to: invalid_data, origin: reading}\n", "", idv + "1 step missing: new to invalid_data"},
		{"  - {from: new, to: invalid_data, origin: reading}",
			"  - {from: new, to: [invalid_data, inconsistent_data], origin: operator}",
			idv + "1 step added: new to inconsistent_data"},
		{"  - {from: completed, signature: OPEN, to: completed, reopens: true, origin: source}\n", "",
			idv + "1 step missing: completed to completed if its signature is OPEN"},
		{"to: [pending, inconsistent_data, completed], reopens: true, unexpected: true,",
			"to: [pending, inconsistent_data, completed], reopens: true,",
			idv + "step invalid_data to pending: unexpected no (built in: yes)"},
	} {
		lines := Changes(edited(t, [2]string{test.from, test.to}), rules.Embedded())
		// Two files may have the text, and one row of a flow has several steps.
		if len(lines) > 3 || !strings.Contains(strings.Join(lines, "\n"), test.want) {
			t.Errorf("%s: %s\nwant\n%s", test.to, strings.Join(lines, "\n"), test.want)
		}
	}
	if lines := Changes(rules.Embedded(), rules.Embedded()); lines != nil {
		t.Errorf("nothing is changed, and it says %q", lines)
	}
}

// TestChangesOfEnvelopes: so is how bodies are read, which no vocabulary shows.
func TestChangesOfEnvelopes(t *testing.T) {
	const yousign, ubble = "envelope yousign: ", "envelope ubble-v2: "
	for _, test := range []struct{ from, to, want string }{
		{"      - {path: sandbox, field: environment, as: sandbox}\n", "",
			yousign + "1 member missing: sandbox as environment (sandbox)"},
		{"      - {path: sandbox, field: environment, as: sandbox}\n", "      - {path: sandbox, field: journey_ref, as: text_if_any}\n",
			yousign + "1 member added: sandbox as journey_ref (text_if_any)"},
		{"name: face_recognition}", "name: face}", "as product_variant (variant face)"},
		{"      - [data.identity_video]\n", "      - [data.identity_video, data]\n",
			yousign + "1 shape added: data and data.identity_video"},
		{"product: topic", "product: own", "envelope fourthline: product identity_verification (built in: that of the topic or a header)"},
		{"envelopes: [fourthline]\n", "", "envelope fourthline: for identity_verification (built in: document_authentication and identity_verification)"},
		{"- name: ubble-v2\n", "- name: ubble-v3\n", "envelope ubble-v2: missing, its bodies are not read"},
		{"- name: ubble-v2\n", "- name: ubble-v3\n",
			"envelope ubble-v3: added, for ubble identity_verification, with the shape data.identity_verification_id and specversion"},
		{`{"specversion":"2.0",`, `{"specversion":"2.1",`, ubble + "1 example missing"},
		{`{"specversion":"2.0",`, `{"specversion":"2.1",`, ubble + "1 example added"},
	} {
		edits := [][2]string{{test.from, test.to}}
		if test.to == "product: own" { // then no other vocabulary may name the envelope
			edits = append(edits, [2]string{"envelopes: [fourthline]\n", ""})
		}
		lines := Changes(edited(t, edits...), rules.Embedded())
		if len(lines) > 3 || !strings.Contains(strings.Join(lines, "\n"), test.want) {
			t.Errorf("%s: %s\nwant\n%s", test.to, strings.Join(lines, "\n"), test.want)
		}
	}
}

// TestChangeOfEnded: what ends an attempt makes a billing event.
func TestChangeOfEnded(t *testing.T) {
	own := edited(t, [2]string{"        final: false\n        ended: true\n", "        final: false\n        ended: false\n"})
	lines := Changes(own, rules.Embedded())
	if len(lines) == 0 || !strings.Contains(lines[0], "without a risk code: ended no (built in: yes)") {
		t.Error(lines)
	}
}

// Many accounts are cut short, but not where what is cut makes the difference.
func TestChangeOfManyAccounts(t *testing.T) {
	const otherwise = "billing:\n  otherwise:"
	by := func(accounts string) *rules.Catalog {
		return edited(t, [2]string{otherwise, "billing:\n  rules:\n    - {name: few, when: {account: [" + accounts +
			"]}, flag: NOT_BILLABLE, origin: operator}\n  otherwise:"})
	}
	for want, base := range map[string]*rules.Catalog{
		"billing NOT_BILLABLE account a or b or c or 2 more, otherwise ":                             rules.Embedded(),
		"billing NOT_BILLABLE account a or b or c or d or e, otherwise UNDETERMINED (built in: NOT_": by("a, b, c, d, f"),
	} {
		if lines := Changes(by("a, b, c, d, e"), base); !strings.Contains(strings.Join(lines, "\n"), want) {
			t.Errorf("%s, wanted\n%s", strings.Join(lines, "\n"), want)
		}
	}
}
