package codec

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	"verdict/processor"
	"verdict/schemas"
)

const riskSubject = "idv.risk.v1-value"

var onlyRisk = Subjects{processor.RouteRisk: riskSubject}

// earlierRisk is the schema of risk events with something replaced in it.
func earlierRisk(t *testing.T, oldNew ...string) sr.Schema {
	t.Helper()
	text := schemas.Text("risk.avsc")
	changed := strings.NewReplacer(oldNew...).Replace(text)
	if changed == text {
		t.Fatalf("nothing was replaced: %q", oldNew)
	}
	return sr.Schema{Schema: changed}
}

func (s *stage) compareRisk(t *testing.T) *Comparison {
	t.Helper()
	all, err := s.client.Compare(t.Context(), onlyRisk)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %+v, %v", all, err)
	}
	return &all[0]
}

// Changes of the schema of risk events, as a version before or after ours might have them.
var (
	lacksFinal  = []string{`{"name": "final", "type": "boolean"`, `{"name": "was_final", "type": "boolean"`}
	finalText   = []string{`{"name": "final", "type": "boolean"`, `{"name": "final", "type": "string"`}
	lacksSymbol = []string{`"symbols": ["UNSPECIFIED", "LIVE", "SANDBOX"]`, `"symbols": ["UNSPECIFIED", "LIVE"]`}
	lacksRef    = []string{`    {"name": "journey_ref", "type": ["null", "string"], "default": null, ` +
		`"doc": "The caller's pseudonymous reference to the chain of attempts; null if none."},` + "\n", ""}
	millis = []string{`timestamp-micros`, `timestamp-millis`}
)

func TestCompareStates(t *testing.T) {
	s := newStage(t)
	c := s.compareRisk(t)
	if c.State != NewSubject || c.Version != 0 || c.Breaks != nil || c.Rule != "BACKWARD" || c.File != "risk.avsc" {
		t.Errorf("an empty registry: %+v", c)
	}
	s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, append(lacksSymbol, lacksRef...)...))
	c = s.compareRisk(t)
	if c.State != NewVersion || c.Version != 1 || c.ID != 4 || c.Breaks != nil || c.Warnings != nil || c.Unknown != "" {
		t.Errorf("beside an earlier version: %+v", c)
	}
	want := "journey_ref: added, null or string, default null|environment: symbols added: SANDBOX"
	if got := strings.Join(c.Differences, "|"); got != want {
		t.Errorf("differences %q, want %q", got, want)
	}
	if err := s.client.RegisterNew(t.Context(), c); err != nil || c.State != Registered || c.Version != 2 {
		t.Errorf("registered: %+v, %v", c, err)
	}
	registered := s.compareRisk(t)
	if registered.State != Registered || registered.ID != c.ID || registered.Newer != nil {
		t.Errorf("after that: %+v", registered)
	}
	s.fake.SeedSchema(riskSubject, 3, 9, earlierRisk(t, `"fields": [`+"\n    {\"name\": \"decision_id\"",
		`"fields": [{"name":"later","type":"int","default":0},{"name":"decision_id"`))
	c = s.compareRisk(t)
	if c.State != Registered || c.Version != 2 || len(c.Newer) != 1 || c.Newer[0] != 3 || c.Breaks != nil {
		t.Errorf("a program that is set back: %+v", c)
	}
}

// A break is found in both directions, and against a version that is not the latest.
func TestCompareBreaks(t *testing.T) {
	const present, updated = "a subscriber with version 1 cannot read what is written: ",
		"a subscriber who takes the new schema cannot read what was written with version 1: "
	for name, c := range map[string]struct {
		first sr.Schema
		want  []string
	}{
		"another name": {earlierRisk(t, lacksFinal...), []string{present + "field was_final is not written, and the reader's has no default",
			updated + "field final is not written, and the reader's has no default"}},
		"another type": {earlierRisk(t, finalText...), []string{present + "field final is written as boolean and read as string",
			updated + "field final is written as string and read as boolean"}},
		"a wider number": {earlierRisk(t, `{"name": "attempt", "type": "int"`, `{"name": "attempt", "type": "long"`),
			[]string{updated + "field attempt is written as long and read as int"}},
		"milliseconds": {earlierRisk(t, millis...), []string{present + "field occurred_at is written as timestamp-micros (long) and read as " +
			"timestamp-millis (long): it would be taken for another value",
			updated + "field occurred_at is written as timestamp-millis (long) and read as timestamp-micros (long): " +
				"it would be taken for another value"}},
		"JSON Schema": {
			sr.Schema{Type: sr.TypeJSON, Schema: `{}`},
			[]string{"version 1 cannot be compared: the schema with id 4: it is of type JSON, not AVRO"},
		},
		"no schema": {
			sr.Schema{Schema: `{"type":"nonsense"}`},
			[]string{"version 1 cannot be compared: the schema with id 4: it, or one that it refers to, is not a valid Avro schema"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.fake.SeedSchema(riskSubject, 1, 4, c.first)
			s.fake.SeedSchema(riskSubject, 2, 5, earlierRisk(t, lacksRef...))
			got := s.compareRisk(t)
			if strings.Join(got.Breaks, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got  %q\nwant %q", got.Breaks, c.want)
			}
			if got.State != NewVersion || got.Version != 2 || got.Rule != "BACKWARD" || len(got.Differences) != 1 {
				t.Errorf("beside the latest: %+v", got)
			}
		})
	}
}

// A schema that refers to others is compared as a whole.
func TestCompareReferences(t *testing.T) {
	s := newStage(t)
	const environment = `{"type":"enum","name":"Environment","namespace":"idv.verdict.v1","symbols":["UNSPECIFIED","LIVE"]%s}`
	text := schemas.Text("risk.avsc")
	begin := strings.Index(text, `"default": "UNSPECIFIED", "type": {`+"\n"+`      "type": "enum", "name": "Environment"`)
	end := begin + strings.Index(text[begin:], `"SANDBOX"]}}`) + len(`"SANDBOX"]}}`)
	referring := sr.Schema{Schema: text[:begin] + `"type": "idv.verdict.v1.Environment"}` + text[end:],
		References: []sr.SchemaReference{{Name: "idv.verdict.v1.Environment", Subject: "environment", Version: 1}}}
	s.fake.SeedSchema("environment", 1, 1, sr.Schema{Schema: strings.Replace(environment, "%s", "", 1)})
	s.fake.SeedSchema(riskSubject, 1, 2, referring)
	c := s.compareRisk(t)
	const want = "a subscriber with version 1 cannot read what is written: field environment may be written as SANDBOX, " +
		"which the reader's idv.verdict.v1.Environment lacks, and it has no default"
	if len(c.Breaks) != 1 || c.Breaks[0] != want {
		t.Errorf("got %q", c.Breaks)
	}
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/subjects/environment/") {
			answer(404, `{"error_code":40401,"message":"No subject"}`)(w, r)
			return
		}
		s.fake.Handler().ServeHTTP(w, r)
	})
	const gone = "version 1 cannot be compared: the schema registry does not know subject environment version 1, " +
		"which the schema with id 2 refers to"
	if c = s.compareRisk(t); len(c.Breaks) != 1 || c.Breaks[0] != gone {
		t.Errorf("got %q", c.Breaks)
	}
}

// What is deleted softly may be in the topic still; nobody is said to read by it.
func TestCompareDeleted(t *testing.T) {
	s := newStage(t)
	s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, finalText...))
	request := func(path string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodDelete, s.server.URL+"/subjects/"+riskSubject+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", answer, err)
		}
		_ = answer.Body.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	}
	s.fake.SeedSchema(riskSubject, 2, 5, earlierRisk(t, lacksRef...))
	request("/versions/1")
	c := s.compareRisk(t)
	if c.State != NewVersion || c.Version != 2 || c.Breaks != nil || len(c.Warnings) != 2 || len(c.Deleted) != 1 ||
		!strings.Contains(c.Warnings[1], "written with version 1 (deleted in the registry): field final") {
		t.Errorf("one version is deleted: %+v", c)
	}
	request("")
	c = s.compareRisk(t)
	if c.State != NewSubject || c.Version != 0 || c.Breaks != nil || len(c.Warnings) != 2 || len(c.Deleted) != 2 {
		t.Errorf("the subject is deleted: %+v", c)
	}
}

// The registry's own rule is asked, and what it says is told; where it does not say, that is.
func TestCompareAsksTheRegistry(t *testing.T) {
	for name, c := range map[string]struct {
		path    string
		answer  http.HandlerFunc
		breaks  string
		unknown string
		warning string
	}{
		"it refuses": {path: "/compatibility/", answer: answer(200, `{"is_compatible":false,"messages":["no\n default"]}`),
			breaks: "the registry refuses it by its rule BACKWARD: no default"},
		"it refuses the question": {path: "/compatibility/", answer: answer(422, `{"error_code":42201,"message":"invalid"}`),
			unknown: "the registry does not compare (HTTP status 422, error code 42201): invalid"},
		"nobody may ask": {
			path:    "/compatibility/",
			answer:  answer(403, ``),
			unknown: "check the registry's username, password and permissions",
		},
		"nobody may see the rule": {path: "/config/", answer: answer(403, ``),
			warning: "its compatibility rule cannot be read: "},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, lacksRef...))
			s.fail(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, c.path) {
					c.answer(w, r)
					return
				}
				s.fake.Handler().ServeHTTP(w, r)
			})
			got := s.compareRisk(t)
			if strings.Join(got.Breaks, "|") != c.breaks || !strings.Contains(got.Unknown, c.unknown) ||
				(got.Unknown == "") != (c.unknown == "") {
				t.Errorf("%+v", got)
			}
			if warned := strings.Join(got.Warnings, "|"); !strings.Contains(warned, c.warning) || (warned == "") != (c.warning == "") {
				t.Errorf("warned of %q", warned)
			}
		})
	}
}

// A registry that does not know the subject's level has one for all.
func TestRuleForAll(t *testing.T) {
	s := newStage(t)
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/config/"+riskSubject {
			answer(404, `{"error_code":40401,"message":"No subject"}`)(w, r)
			return
		}
		s.fake.Handler().ServeHTTP(w, r)
	})
	if c := s.compareRisk(t); c.Rule != "BACKWARD" || !c.RuleForAll || c.Warnings != nil {
		t.Errorf("%+v", c)
	}
}

func TestCompareUnanswered(t *testing.T) {
	s := newStage(t)
	s.fail(answer(503, ""))
	if _, err := s.client.Compare(t.Context(), onlyRisk); !errors.Is(err, ErrRegistryUnavailable) ||
		!strings.Contains(err.Error(), riskSubject) {
		t.Errorf("got %v", err)
	}
}

// What is registered and breaks a reader is told, of versions before and after it, and breaks nothing that is new.
func TestCompareRegistered(t *testing.T) {
	s := newStage(t)
	s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, finalText...))
	s.fake.SeedSchema(riskSubject, 2, 5, earlierRisk(t, lacksRef...))
	s.fake.SeedSchema(riskSubject, 3, 6, ownSchema("risk.avsc"))
	s.fake.SeedSchema(riskSubject, 4, 7, earlierRisk(t, millis...))
	s.fake.SeedSchema(riskSubject, 5, 8, sr.Schema{Type: sr.TypeJSON, Schema: `{}`})
	c := s.compareRisk(t)
	want := []string{
		"version 5 cannot be compared: the schema with id 8: it is of type JSON, not AVRO",
		"a subscriber with version 4 cannot read what is written: field occurred_at is written as timestamp-micros " +
			"(long) and read as timestamp-millis (long): it would be taken for another value",
		"a subscriber with this schema cannot read what was written with version 4: field occurred_at is written as " +
			"timestamp-millis (long) and read as timestamp-micros (long): it would be taken for another value",
		"a subscriber with version 1 cannot read what is written: field final is written as boolean and read as string",
		"a subscriber with this schema cannot read what was written with version 1: field final is written as string " +
			"and read as boolean",
	}
	if c.State != Registered || c.Version != 3 || c.Breaks != nil || strings.Join(c.Warnings, "\n") != strings.Join(want, "\n") {
		t.Errorf("%+v\ngot\n%s\nwant\n%s", c, strings.Join(c.Warnings, "\n"), strings.Join(want, "\n"))
	}
}

// Versions that break alike are told in one line.
func TestCompareTellsAlikeOnce(t *testing.T) {
	s := newStage(t)
	for v := 1; v <= 5; v++ {
		if v != 4 {
			s.fake.SeedSchema(riskSubject, v, 10+v, earlierRisk(t, append(finalText, "decision_id", "decision_id")...))
		}
	}
	s.fake.SeedSchema(riskSubject, 6, 20, earlierRisk(t, lacksRef...))
	c := s.compareRisk(t)
	const want = "a subscriber with versions 1 to 3, 5 cannot read what is written: field final is written as boolean " +
		"and read as string"
	if len(c.Breaks) != 2 || c.Breaks[0] != want {
		t.Errorf("got %q", c.Breaks)
	}
}

// A logical type on one side alone may be meant on the other: it is no break.
func TestCompareWarnsOfDoubts(t *testing.T) {
	s := newStage(t)
	s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, `{"type": "long", "logicalType": "timestamp-micros"}`, `"long"`))
	c := s.compareRisk(t)
	want := []string{
		"a subscriber with version 1 may take what is written for another value: field occurred_at is written as " +
			"timestamp-micros (long) and read as long",
		"a subscriber who takes the new schema may take what was written with version 1 for another value: field " +
			"occurred_at is written as long and read as timestamp-micros (long)",
	}
	if c.State != NewVersion || c.Breaks != nil || strings.Join(c.Warnings, "\n") != strings.Join(want, "\n") {
		t.Errorf("%+v", c)
	}
}

// Not to see what was deleted is no reason to tell nothing.
func TestCompareWithoutTheDeleted(t *testing.T) {
	s := newStage(t)
	s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, lacksRef...))
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("deleted") == "true" {
			answer(403, "")(w, r)
			return
		}
		s.fake.Handler().ServeHTTP(w, r)
	})
	c := s.compareRisk(t)
	if c.State != NewVersion || c.Breaks != nil || len(c.Warnings) != 1 ||
		!strings.HasPrefix(c.Warnings[0], "whether it has deleted versions cannot be seen: ") {
		t.Errorf("%+v", c)
	}
}

// An answer that lacks what was asked for is no "registered", and says once whose it is.
func TestCompareLooksAtTheAnswer(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":4}`:                "the schema registry gave the version 0",
		`{"version":3}`:           "the schema registry gave the id 0",
		`{"id":-1,"version":3}`:   "the schema registry gave the id -1",
		`{"version":-1,"id":117}`: "the schema registry gave the version -1",
	} {
		s := newStage(t)
		s.fake.SeedSchema(riskSubject, 1, 4, ownSchema("risk.avsc"))
		s.failAt("POST /subjects/"+riskSubject, answer(200, body))
		_, err := s.client.Compare(t.Context(), onlyRisk)
		if err == nil || err.Error() != "subject "+riskSubject+": "+want+", which is none" {
			t.Errorf("%s: got %v", body, err)
		}
	}
}
