package processor_test

import (
	"fmt"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

var products = map[string][2]string{
	"yousign": {"yousign", "video"},
	"idv":     {"fourthline", "identity_verification"},
	"docauth": {"fourthline", "document_authentication"},
	"ubble":   {"ubble", "identity_verification"},
	"veriff":  {"veriff", "identity_verification"},
}

func vocabulary(t testing.TB, short string) *rules.Vocabulary {
	t.Helper()
	v := rules.Embedded().Vocabulary(products[short][0], products[short][1])
	if v == nil {
		t.Fatalf("no vocabulary %s", short)
	}
	return v
}

// event builds an event from a line: "status [risk=N] [code ...]", with sdk, api, sandbox, attempt=N and at=MICROS as
// further words.
func event(t testing.TB, line string) *processor.Event {
	t.Helper()
	words := strings.Fields(line)
	e := &processor.Event{Status: words[0], VerificationID: "v-1", EventID: "e-1"}
	for _, word := range words[1:] {
		var n int32
		var at int64
		switch {
		case word == "sdk":
			e.Integration = rules.IntegrationSDK
		case word == "api":
			e.Integration = rules.IntegrationAPI
		case word == "sandbox":
			e.Environment = processor.EnvironmentSandbox
		case scan(word, "risk=%d", &n):
			e.RiskCode, e.HasRiskCode = n, true
		case scan(word, "at=%d", &at):
			e.OccurredAt, e.HasOccurredAt = at, true
		case scan(word, "attempt=%d", &n):
			e.Attempt = n
		default:
			e.Codes = append(e.Codes, word)
		}
	}
	return e
}

func scan[N int32 | int64](word, format string, n *N) bool {
	count, err := fmt.Sscanf(word, format, n)
	return err == nil && count == 1
}

// say writes all that Decide decides, a line for each question.
func say(d *processor.Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "outcome %s by %s\n", d.Outcome, d.OutcomeBasis)
	fmt.Fprintf(&b, "final %v, ended %v, report %v\n", d.Final, d.Ended, d.ReportAvailable)
	if d.Signature != rules.SignatureNone {
		fmt.Fprintf(&b, "signature %s\n", d.Signature)
	}
	fmt.Fprintf(&b, "category %s %s\n", d.Category, or(d.PrimaryCode, "-"))
	if d.HasRisk {
		fmt.Fprintf(&b, "risk %d %s\n", d.Risk.Code, d.Risk.Level)
	}
	for _, r := range d.Reasons {
		fmt.Fprintf(&b, "reason %s %s %s %s", r.Code, or(r.Series, "-"), r.Category, r.Effect)
		for _, f := range []struct {
			set  bool
			name string
		}{{r.NoRetry, "no_retry"}, {r.Disclosable, "disclosable"}, {r.RiskBearing, "risk"}, {!r.Known, "unknown"}} {
			if f.set {
				b.WriteString(" " + f.name)
			}
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "billing %s by %s\n", d.Billing.Flag, d.Billing.Basis)
	fmt.Fprintf(&b, "retry %s %s [%s] by %s\n", d.Retry.Advice, d.Retry.Scope, strings.Join(actionNames(d.Retry.Actions), " "),
		d.Retry.Basis)
	if len(d.RetryFields) > 0 {
		fmt.Fprintf(&b, "fields %s\n", strings.Join(d.RetryFields, " "))
	}
	if d.HasRetryExpiry {
		fmt.Fprintf(&b, "expires at %d\n", d.RetryExpiresAt)
	}
	for set := d.Anomalies; set != 0; {
		var a processor.Anomaly
		a, set = set.Next()
		fmt.Fprintf(&b, "anomaly %s\n", a)
	}
	return b.String()
}

func actionNames(set rules.ActionSet) []string {
	var names []string
	for set != 0 {
		var a rules.Action
		a, set = set.Next()
		names = append(names, a.String())
	}
	return names
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
