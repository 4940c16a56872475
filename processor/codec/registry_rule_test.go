package codec

import (
	"net/http"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
)

// Karapace and Redpanda compare with one version alone; a registry may compare with none.
func TestCompareWithoutTheRouteForAll(t *testing.T) {
	const all = "/compatibility/subjects/" + riskSubject + "/versions"
	noRoute := answer(404, `{"error_code":404,"message":"HTTP 404 Not Found"}`)
	for name, c := range map[string]struct {
		latest  http.HandlerFunc
		breaks  string
		unknown string
	}{
		"it takes it": {latest: answer(200, `{"is_compatible":true}`)},
		"it refuses it": {
			latest: answer(200, `{"is_compatible":false,"messages":["no"]}`),
			breaks: "the registry refuses it by its rule BACKWARD: no",
		},
		"none at all":    {latest: noRoute, unknown: "this registry cannot compare"},
		"a proxy's page": {latest: answer(404, `<html>`), unknown: "this registry cannot compare"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, lacksRef...))
			s.fail(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case all:
					noRoute(w, r)
				case all + "/latest":
					c.latest(w, r)
				default:
					s.fake.Handler().ServeHTTP(w, r)
				}
			})
			got := s.compareRisk(t)
			if strings.Join(got.Breaks, "|") != c.breaks || got.Unknown != c.unknown {
				t.Errorf("breaks %q, unknown %q", got.Breaks, got.Unknown)
			}
		})
	}
}

// Apicurio says NONE of a subject that has no rule of its own, and holds to the one for all.
func TestRuleNoneOfTheSubject(t *testing.T) {
	s := newStage(t)
	s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, lacksRef...))
	if err := s.fake.SetCompat(riskSubject, sr.CompatNone); err != nil {
		t.Fatal(err)
	}
	if c := s.compareRisk(t); c.Rule != "BACKWARD" || !c.RuleForAll || c.Warnings != nil {
		t.Errorf("the rule for all holds: %+v", c)
	}
	s.failAt("GET /config", answer(403, ``))
	if c := s.compareRisk(t); c.Rule != "NONE" || c.RuleForAll || len(c.Warnings) != 1 ||
		!strings.Contains(c.Warnings[0], "the rule for all cannot be read") {
		t.Errorf("the rule for all may not be read: %+v", c)
	}
	s.failAt("GET /config", answer(200, `{"compatibilityLevel":"NONE"}`))
	if c := s.compareRisk(t); c.Rule != "NONE" || c.RuleForAll || c.Warnings != nil {
		t.Errorf("none holds: %+v", c)
	}
}

// A registry that refuses by no rule that it has told is not said to refuse by it; one that says nothing gave no
// reason.
func TestRefusedByNoRule(t *testing.T) {
	s := newStage(t)
	s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, lacksRef...))
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/config"):
			answer(200, `{"compatibilityLevel":"NONE"}`)(w, r)
		case strings.HasPrefix(r.URL.Path, "/compatibility/"):
			answer(200, `{"is_compatible":false,"reason":"told elsewhere"}`)(w, r)
		default:
			s.fake.Handler().ServeHTTP(w, r)
		}
	})
	if c := s.compareRisk(t); len(c.Breaks) != 1 || c.Breaks[0] != "the registry refuses it: it gives no reason" {
		t.Errorf("got %q", c.Breaks)
	}
}

// What a registry says may not steer a terminal, wherever it is told.
func TestSaidIsPrintable(t *testing.T) {
	t.Parallel() // it pauses
	const hostile = `"\u001b[2Jno\u0007\u009b31m \u202e"`
	s := newStage(t)
	s.fake.SeedSchema(riskSubject, 1, 4, earlierRisk(t, lacksRef...))
	s.failAt("POST /compatibility/subjects/"+riskSubject+"/versions", answer(200,
		`{"is_compatible":false,"messages":[`+hostile+`]}`))
	told := s.compareRisk(t).Breaks
	for _, status := range []int{http.StatusConflict, http.StatusUnprocessableEntity} {
		s.failAt("POST /subjects/"+riskSubject+"/versions", answer(status, `{"error_code":1,"message":`+hostile+`}`))
		_, err := s.client.Register(t.Context(), onlyRisk)
		if err == nil {
			t.Fatal("it was registered")
		}
		told = append(told, err.Error())
	}
	for _, text := range told {
		if !strings.Contains(text, ": ?[2Jno??31m ?") || strings.ContainsAny(text, "\x1b\x07\u009b\u202e") {
			t.Errorf("got %q", text)
		}
	}
}

// Nor may the name of a subject that a schema refers to.
func TestReferencesArePrintable(t *testing.T) {
	const other = "a\x1b[2J"
	s := newStage(t)
	s.fake.SeedSchema(other, 1, 3, sr.Schema{Schema: `{"type":"fixed","name":"x.T","size":1}`})
	s.fake.SeedSchema(riskSubject, 1, 4, sr.Schema{Schema: `"x.T"`,
		References: []sr.SchemaReference{{Name: "x.T", Subject: other, Version: 1}}})
	s.failAt("GET /subjects/"+other+"/versions/1", answer(404, `{"error_code":40401,"message":"gone"}`))
	const want = "version 1 cannot be compared: the schema registry does not know subject a?[2J version 1, "
	if c := s.compareRisk(t); len(c.Breaks) != 1 || !strings.HasPrefix(c.Breaks[0], want) {
		t.Errorf("got %q", c.Breaks)
	}
}
