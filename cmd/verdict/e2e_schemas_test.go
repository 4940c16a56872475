package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"

	"verdict/schemas"
)

// TestRealSchemas looks at schemas in a real registry, of topics that nobody else has: none are there, all are
// registered, twice, and a history that would break a subscriber is told and left alone.
func TestRealSchemas(t *testing.T) {
	registry := os.Getenv("VERDICT_TEST_REGISTRY")
	if registry == "" {
		t.Skip("needs a real schema registry in VERDICT_TEST_REGISTRY (URL): run `make e2e`")
	}
	withoutSettings(t)
	prefix := fmt.Sprintf("schemas-%08x-", rand.Uint32())
	says := func(want int, args ...string) string {
		t.Helper()
		for _, name := range []string{"decisions", "verifications", "billing", "risk", "overdue"} {
			args = append(args, "--set", "topics."+name+"="+prefix+name)
		}
		out, errs := schemasSays(t, registry, want, args...)
		return out + errs
	}
	count := func(out, word string, want int) {
		t.Helper()
		if got := strings.Count(out, word); got != want {
			t.Errorf("%q is there %d times, want %d:\n%s", word, got, want, out)
		}
	}
	r := &realParts{t: t, registry: registry}

	count(says(exitOK), "new subject  ", 5)
	older := strings.Replace(schemas.Text("decision.avsc"), `"symbols": ["UNSPECIFIED", "LIVE", "SANDBOX"]`,
		`"symbols": ["UNSPECIFIED", "LIVE"]`, 1)
	r.register(prefix+"decisions-value", older)
	r.setRule(prefix+"decisions-value", "FULL_TRANSITIVE")
	out := says(exitOK)
	count(out, "new version  "+prefix+"decisions-value: after version 1, id ", 1)
	count(out, "environment: symbols added: SANDBOX", 1)
	count(out, "rule         FULL_TRANSITIVE of ", 1)
	count(says(exitOK, "--register"), ", registered now", 5)
	count(says(exitOK, "--register"), "registered   ", 5)
	out = says(exitOK) // four subjects have no rule of their own
	count(out, "rule         FULL_TRANSITIVE (the registry's for all) of ", 1)
	count(out, "warn", 0)

	prefix += "broken-"
	r.register(prefix+"risk-value", strings.Replace(schemas.Text("risk.avsc"),
		`{"name": "final", "type": "boolean"`, `{"name": "final", "type": "string"`, 1))
	r.setRule(prefix+"risk-value", "NONE")
	out = says(exitRejected, "--register")
	count(out, "field final is written as boolean and read as string", 1)
	count(out, "nothing was registered", 1)
	count(out, "breaks: the registry refuses it by its rule FULL_TRANSITIVE", 1) // for NONE it holds to the one for all
	r.setRule(prefix+"risk-value", "FULL_TRANSITIVE")
	out = says(exitRejected)
	count(out, "breaks: the registry refuses it by its rule FULL_TRANSITIVE", 1)
	count(out, "new subject  ", 4)
}

// withoutSettings takes VERDICT_* out of the environment for a test that calls the program in this process.
func withoutSettings(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "VERDICT_") {
			t.Setenv(name, "") // puts it back afterwards
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// setRule gives a subject a compatibility level.
func (r *realParts) setRule(subject, level string) {
	r.t.Helper()
	body, err := json.Marshal(map[string]string{"compatibility": level})
	if err != nil {
		r.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPut, r.registry+"/config/"+subject, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/vnd.schemaregistry.v1+json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		r.t.Fatalf("the rule of %s: status %s", subject, answer.Status)
	}
}
