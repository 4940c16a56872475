package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"verdict/schemas"
)

// schemasSays calls verdict schemas and requires an exit code; it gives what it prints.
func schemasSays(t *testing.T, url string, want int, args ...string) (out, errs string) {
	t.Helper()
	var o, e strings.Builder
	code := run(append([]string{"schemas", "--set", "registry.url=" + url}, args...),
		streams{strings.NewReader(""), &o, &e})
	if code != want {
		t.Fatalf("verdict schemas %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, o.String(), e.String())
	}
	return o.String(), e.String()
}

func startRegistry(t *testing.T) *srfake.Registry {
	t.Helper()
	r := srfake.New()
	t.Cleanup(r.Close)
	return r
}

func seed(t *testing.T, r *srfake.Registry, subject string, version, id int, file string, oldNew ...string) {
	t.Helper()
	text := strings.NewReplacer(oldNew...).Replace(schemas.Text(file))
	if (text == schemas.Text(file)) != (oldNew == nil) {
		t.Fatalf("%s: nothing is replaced", file)
	}
	r.SeedSchema(subject, version, id, sr.Schema{Schema: text})
}

// A release pipeline looks, registers what is new, and finds all there; a second run changes nothing.
func TestSchemasRegister(t *testing.T) {
	r := startRegistry(t)
	out, _ := schemasSays(t, r.URL(), exitOK)
	if strings.Count(out, "new subject  ") != 5 || !strings.Contains(out, "\n5 schemas to be registered: ") ||
		r.SubjectExists("idv.risk.v1-value") {
		t.Errorf("an empty registry:\n%s", out)
	}
	_ = r.SetCompat("idv.decisions.v1-value", sr.CompatFullTransitive)
	out, _ = schemasSays(t, r.URL(), exitOK, "--register", "--set", "registry.register=false")
	if strings.Count(out, ", registered now\n") != 5 || !strings.HasSuffix(out, "\n5 schemas registered now, 0 before.\n") {
		t.Errorf("--register:\n%s", out)
	}
	out, _ = schemasSays(t, r.URL(), exitOK, "--register")
	if strings.Count(out, "registered   ") != 5 || !strings.HasSuffix(out, "\nAll 5 schemas are registered.\n") {
		t.Errorf("--register again:\n%s", out)
	}
}

// toldSchemas is what --format json prints.
type toldSchemas struct {
	Needed, Breaks bool
	Subjects       []struct {
		Subject, Schema, State, Rule, Unknown string
		RuleForAll                            bool `json:"rule_for_all"`
		RegisteredNow                         bool `json:"registered_now"`
		Version, ID                           int
		Newer, Deleted                        []int
		Breaks, Differences, Warnings         []string
	}
}

func schemasTold(t *testing.T, out string) (told toldSchemas) {
	t.Helper()
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return told
}

// What breaks is told with its place, and nothing is registered; check says the same.
func TestSchemasBreak(t *testing.T) {
	r := startRegistry(t)
	seed(t, r, "idv.decisions.v1-value", 1, 5, "decision.avsc",
		`"symbols": ["UNSPECIFIED", "LIVE", "SANDBOX"]`, `"symbols": ["UNSPECIFIED", "LIVE"]`)
	_ = r.SetCompat("idv.decisions.v1-value", sr.CompatFullTransitive)
	seed(t, r, "idv.billing.v1-value", 1, 2, "billing.avsc")
	seed(t, r, "idv.billing.v1-value", 2, 3, "billing.avsc", `"fields": [`, `"fields": [{"name":"later","type":"int","default":0},`)
	seed(t, r, "idv.risk.v1-value", 1, 4, "risk.avsc", `{"name": "final", "type": "boolean"`, `{"name": "final", "type": "string"`)
	_ = r.SetCompat("idv.risk.v1-value", sr.CompatNone)
	settings := []string{"--set", "state.enabled=false", "--set", "topics.verifications="}

	const want = `new version  idv.decisions.v1-value: after version 1, id 5
             environment: symbols added: SANDBOX
registered   idv.billing.v1-value: version 1, id 2; the registry has version 2 too, newer than this program's
BREAKS       idv.risk.v1-value: after version 1, id 4
             final: was string, is boolean
             breaks: a subscriber with version 1 cannot read what is written: field final is written as boolean and read as string
             breaks: a subscriber who takes the new schema cannot read what was written with version 1: field final is written as string and read as boolean
rule         FULL_TRANSITIVE of idv.decisions.v1-value
warn         rule BACKWARD of idv.billing.v1-value: the registry takes schemas that present subscribers cannot read
             cure: set it to FULL_TRANSITIVE, which Verdict's own schemas keep to (docs/kafka.md has the call)
warn         rule BACKWARD (the registry's for all) of idv.risk.v1-value: the registry takes schemas that present subscribers cannot read
             cure: set it to FULL_TRANSITIVE, which Verdict's own schemas keep to (docs/kafka.md has the call)

A schema would break who reads: nothing was registered. Use other topic names (their version counts
up with each incompatible change).
`
	out, _ := schemasSays(t, r.URL(), exitRejected, append(settings, "--register")...)
	if out != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	if _, there := r.GetSchema("idv.decisions.v1-value", 2); there {
		t.Error("something was registered")
	}

	out, _ = schemasSays(t, r.URL(), exitRejected, append(settings, "--format", "json")...)
	told := schemasTold(t, out)
	if !told.Needed || !told.Breaks || len(told.Subjects) != 3 {
		t.Fatal(out)
	}
	if s := told.Subjects[2]; s.Subject != "idv.risk.v1-value" || s.Schema != "schemas/risk.avsc" || s.State != "new version" ||
		s.Rule != "BACKWARD" || !s.RuleForAll || s.ID != 4 || len(s.Breaks) != 2 || s.Newer == nil || s.Deleted == nil ||
		len(s.Warnings) != 1 || s.Warnings[0] != "rule BACKWARD (the registry's for all): the registry takes schemas "+
		"that present subscribers cannot read" {
		t.Errorf("got %+v", s)
	}
	if s := told.Subjects[0]; s.Rule != "FULL_TRANSITIVE" || s.RuleForAll || s.Warnings == nil || len(s.Warnings) != 0 {
		t.Errorf("got %+v", s)
	}

	var checked, errs strings.Builder
	run(append([]string{"check", "--connect", "--set", "registry.url=" + r.URL(), "--set", "kafka.brokers=127.0.0.1:1",
		"--set", "kafka.request_timeout=100ms"}, settings...), streams{strings.NewReader(""), &checked, &errs})
	if !strings.Contains(checked.String(), "FAILED  the registry has the output schemas: "+
		"idv.risk.v1-value: a subscriber with version 1 cannot") {
		t.Errorf("check:\n%s%s", checked.String(), errs.String())
	}
}

// answerAt makes a registry answer so where the method and the path are these.
func answerAt(r *srfake.Registry, method, path string, status int, body string) {
	r.Intercept(func(w http.ResponseWriter, request *http.Request) bool {
		if request.Method != method || request.URL.Path != path {
			return false
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	})
}

// A registry that takes one schema and refuses the next: what was done is told, and what was not.
func TestSchemasRefused(t *testing.T) {
	r := startRegistry(t)
	answerAt(r, http.MethodPost, "/subjects/idv.verifications.v1-value/versions", http.StatusConflict,
		`{"error_code":409,"message":"not this one"}`)
	out, errs := schemasSays(t, r.URL(), exitRejected, "--register")
	for _, want := range []string{
		"\nBREAKS       idv.verifications.v1-value: it has no version yet\n" +
			"             breaks: the registry refuses it by its rule BACKWARD: not this one\n",
		"\nThe registry refused a schema while registering; what is registered stays: 1 schema registered now,\n" +
			"0 before, 4 not. Use other topic names (their version counts up with each incompatible change), or\n" +
			"relax the subject's rule.\n",
	} {
		if !strings.Contains(out, want) || errs != "" {
			t.Errorf("%q is missing:\n%s%s", want, out, errs)
		}
	}
	out, errs = schemasSays(t, r.URL(), exitRejected, "--register", "--format", "json")
	if told := schemasTold(t, out); !told.Breaks || len(told.Subjects[1].Breaks) != 1 || told.Subjects[0].State != "registered" || errs != "" {
		t.Errorf("as JSON:\n%s%s", out, errs)
	}
}

// What is registered and breaks a reader is a warning: there is nothing that a release should wait for.
func TestSchemasBrokenAlready(t *testing.T) {
	r := startRegistry(t)
	seed(t, r, "idv.risk.v1-value", 1, 4, "risk.avsc", `{"name": "final", "type": "boolean"`, `{"name": "final", "type": "string"`)
	seed(t, r, "idv.risk.v1-value", 2, 5, "risk.avsc")
	out, _ := schemasSays(t, r.URL(), exitOK)
	const want = `registered   idv.risk.v1-value: version 2, id 5
             warn: a subscriber with version 1 cannot read what is written: field final is written as boolean and read as string
             warn: a subscriber with this schema cannot read what was written with version 1: field final is written as string and read as boolean
`
	if !strings.Contains(out, want) {
		t.Errorf("got\n%s", out)
	}
}

// A subject whose versions were all deleted is told from one that never was.
func TestSchemasDeleted(t *testing.T) {
	r := startRegistry(t)
	seed(t, r, "idv.risk.v1-value", 1, 5, "risk.avsc", `"doc": "`, `"doc": "Earlier: `)
	request, err := http.NewRequest(http.MethodDelete, r.URL()+"/subjects/idv.risk.v1-value", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer, err)
	}
	_ = answer.Body.Close()
	out, _ := schemasSays(t, r.URL(), exitOK)
	if !strings.Contains(out, "new subject  idv.risk.v1-value: it has no version but deleted ones, version 1\n") {
		t.Errorf("got\n%s", out)
	}
}

// An exit code of 1 beside a report without a break says why.
func TestSchemasUnknown(t *testing.T) {
	r := startRegistry(t)
	seed(t, r, "idv.risk.v1-value", 1, 5, "risk.avsc", `"symbols": ["UNSPECIFIED", "LIVE", "SANDBOX"]`, `"symbols": ["UNSPECIFIED", "LIVE"]`)
	answerAt(r, http.MethodPost, "/compatibility/subjects/idv.risk.v1-value/versions", http.StatusForbidden, "")
	out, errs := schemasSays(t, r.URL(), exitFailure)
	if !strings.HasSuffix(out, "of an\ninstance. Whether the registry takes the one marked unknown could not be had from it: "+
		"exit code 1.\n") || errs != "" {
		t.Errorf("got\n%s%s", out, errs)
	}
	answerAt(r, http.MethodPost, "/subjects/idv.billing.v1-value", http.StatusServiceUnavailable, "")
	_, errs = schemasSays(t, r.URL(), exitFailure)
	if !strings.Contains(errs, "(compared before: 2 of 5 subjects)") {
		t.Errorf("got %s", errs)
	}
}

// What cannot be told is no all-clear, and what is not needed is no mistake.
func TestSchemasUntold(t *testing.T) {
	r := startRegistry(t)
	_, errs := schemasSays(t, r.URL()+"/nowhere", exitFailure)
	if !strings.Contains(errs, "check the base address of the registry's URL") {
		t.Errorf("a wrong address: %s", errs)
	}
	r.Close()
	_, errs = schemasSays(t, r.URL(), exitFailure, "--format", "json")
	if !strings.Contains(errs, "the schema registry does not answer") || !strings.Contains(errs, "cure: start the registry") {
		t.Errorf("a registry that is away: %s", errs)
	}
	_, errs = schemasSays(t, "", exitUsage)
	if !strings.Contains(errs, "registry.url: is empty") {
		t.Errorf("no registry: %s", errs)
	}
	_, errs = schemasSays(t, "", exitUsage, "--format", "yaml")
	if !strings.Contains(errs, "--format yaml: write text or json") {
		t.Errorf("another format: %s", errs)
	}
	out, _ := schemasSays(t, "", exitOK, "--set", "output.format=json", "--register")
	if out != "no schemas are needed: output.format is json\n" {
		t.Errorf("JSON outputs: %s", out)
	}
	out, _ = schemasSays(t, "", exitOK, "--set", "output.format=json", "--format", "json")
	if !strings.Contains(out, `"needed": false`) {
		t.Errorf("JSON outputs: %s", out)
	}
}
