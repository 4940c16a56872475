package codec

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"verdict/processor"
	"verdict/schemas"
)

func TestUnusableSchemas(t *testing.T) {
	for name, c := range map[string]struct {
		body, want string
	}{
		"JSON Schema": {`{"schemaType":"JSON","schema":"{}"}`, "the schema with id 7: it is of type JSON, not AVRO"},
		"not Avro":    {`{"schema":"{\"type\":\"nonsense\"}"}`, "the schema with id 7: it, or one that it refers to, is not a valid Avro schema"},
		"not JSON":    {`{"schema":"{"}`, "the schema with id 7: it, or one that it refers to, is not a valid Avro schema"},
		"a string":    {`{"schema":"\"string\""}`, "the schema with id 7: its type is string, not record"},
		"a circle": {`{"schema":"\"x.T\"","subject":"s","version":1,"references":[{"name":"x.T","subject":"s","version":1}]}`,
			"the schema with id 7: it, or one that it refers to, is not a valid Avro schema"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.fail(answer(200, c.body))
			_, err := s.settled(t, 7)
			if err == nil || err.Error() != "incompatible_schema: "+c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestReferences(t *testing.T) {
	s := newStage(t)
	s.fake.SeedSchema("inner", 1, 1, sr.Schema{Schema: `{"type":"enum","name":"x.Status","symbols":["approved"]}`})
	s.fake.SeedSchema("middle", 1, 2, sr.Schema{
		Schema:     `{"type":"record","name":"x.Body","fields":[{"name":"status","type":"x.Status"}]}`,
		References: []sr.SchemaReference{{Name: "x.Status", Subject: "inner", Version: 1}},
	})
	s.fake.SeedSchema("outer", 1, 3, sr.Schema{
		Schema: strings.Replace(needed(`{"name":"body","type":"x.Body"}`), `"status","type":"string"`, `"status","type":"x.Status"`, 1),
		References: []sr.SchemaReference{
			{Name: "x.Body", Subject: "middle", Version: 1}, {Name: "x.Status", Subject: "inner", Version: 1},
		},
	})
	plan, err := s.settled(t, 3)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := readBody(plan, []byte("\x02a\x02b\x02c\x00\x00")); err != nil || e.Status != "approved" {
		t.Errorf("got %+v, %v", e, err)
	}
	if n := s.count("/subjects/inner/versions/1"); n != 1 {
		t.Errorf("the schema that two refer to was asked for %d times", n)
	}
}

func TestMissingReference(t *testing.T) {
	s := newStage(t)
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/schemas/ids/7" {
			answer(200, `{"schema":"\"string\"","references":[{"name":"x","subject":"gone","version":3}]}`)(w, r)
			return
		}
		s.fake.Handler().ServeHTTP(w, r)
	})
	_, err := s.settled(t, 7)
	if err == nil || reasonOf(t, err) != processor.ReasonUnknownSchema || !strings.Contains(err.Error(), "subject gone version 3") {
		t.Errorf("got %v", err)
	}
}

func TestTooManyReferences(t *testing.T) {
	s := newStage(t)
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		n := s.count("/schemas/ids/7")
		for version := range 1000 {
			n += s.count(fmt.Sprintf("/subjects/s/versions/%d", version))
		}
		answer(200, fmt.Sprintf(`{"schema":"\"string\"","references":[{"name":"x","subject":"s","version":%d}]}`, n))(w, r)
	})
	_, err := s.settled(t, 7)
	if err == nil || reasonOf(t, err) != processor.ReasonIncompatibleSchema || !strings.Contains(err.Error(), "more than 64") {
		t.Errorf("got %v", err)
	}
}

func TestOtherURL(t *testing.T) {
	down := httptest.NewServer(answer(503, ""))
	defer down.Close()
	fake := srfake.New()
	defer fake.Close()
	fake.SeedSchema("s", 1, 1, sr.Schema{Schema: schemas.RawEvent})
	var failed atomic.Int32
	r, err := NewRegistry(RegistryOptions{URLs: []string{down.URL, fake.URL()}, Failed: func() { failed.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.find(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := r.find(t.Context(), 2); err == nil {
		t.Error("an unknown schema is found")
	}
	if n := failed.Load(); n != 1 {
		t.Errorf("%d requests failed, want that to the first URL alone", n)
	}
	if r.preferred.Load() != 1 {
		t.Error("the URL that answered is not asked first")
	}
	fake.Close()
	err = r.Ping(t.Context())
	if n := failed.Load(); n != 3 {
		t.Errorf("%d requests failed, want 3: one, and one of each URL", n)
	}
	if !errors.Is(err, ErrRegistryUnavailable) || !strings.Contains(err.Error(), down.URL) || !strings.Contains(err.Error(), fake.URL()) {
		t.Errorf("got %v, want both URLs in it", err)
	}
}

func TestAccess(t *testing.T) {
	fake := srfake.NewRegistry(srfake.WithAuth("Basic " + base64.StdEncoding.EncodeToString([]byte("verdict:pass"))))
	server := httptest.NewTLSServer(fake.Handler())
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	ping := func(o RegistryOptions) error {
		o.URLs = []string{server.URL}
		r, err := NewRegistry(o)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		return r.Ping(t.Context())
	}
	trusted := &tls.Config{RootCAs: roots}
	if err := ping(RegistryOptions{Username: "verdict", Password: "pass", TLS: trusted}); err != nil {
		t.Error(err)
	}
	if err := ping(RegistryOptions{Username: "verdict", Password: "wrong-secret", TLS: trusted}); err == nil ||
		!strings.Contains(err.Error(), "check the registry's username") || strings.Contains(err.Error(), "secret") {
		t.Errorf("a wrong password: %v", err)
	}
	if err := ping(RegistryOptions{Username: "verdict", Password: "pass"}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown certificate: %v", err)
	}
}

func TestURLs(t *testing.T) {
	for address, want := range map[string]string{
		"ftp://host":                "write it like https://",
		"http://":                   "write it like https://",
		"http://user:secret@host":   "give username and password apart from the URL",
		"http://user:secret@host:x": "cannot be read",
		"http://host/%zz?x=secret":  "cannot be read",
	} {
		_, err := NewRegistry(RegistryOptions{URLs: []string{address}})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want it to say %q", address, err, want)
		}
	}
	if _, err := NewRegistry(RegistryOptions{}); err == nil {
		t.Error("no URL passes")
	}
}

// subjects are those of the default topics.
var subjects = func() Subjects {
	var topics [processor.NumRoutes]string
	for _, route := range processor.Routes() {
		topics[route] = route.Spec().Topic
	}
	return SubjectsOf(topics)
}()

func TestRegisterAndLookUp(t *testing.T) {
	s := newStage(t)
	_, err := s.client.LookUp(t.Context(), subjects)
	if !errors.Is(err, ErrNotRegistered) || !strings.Contains(err.Error(), "idv.decisions.v1-value") ||
		!strings.Contains(err.Error(), "schemas/decision.avsc") {
		t.Errorf("look up before: %v", err)
	}
	first, err := s.client.Register(t.Context(), subjects)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewAvroEncoder(first); err != nil {
		t.Error(err)
	}
	again, err := s.client.Register(t.Context(), subjects)
	if err != nil || again != first {
		t.Errorf("again: %v, %v; first %v", again, err, first)
	}
	found, err := s.client.LookUp(t.Context(), subjects)
	if err != nil || found != first {
		t.Errorf("looked up: %v, %v; registered %v", found, err, first)
	}
}

func TestRegisterOnlyWhatIsNamed(t *testing.T) {
	s := newStage(t)
	ids, err := s.client.Register(t.Context(), Subjects{processor.RouteDecision: "d"})
	if err != nil || ids != (SchemaIDs{processor.RouteDecision: ids[processor.RouteDecision]}) || ids == (SchemaIDs{}) {
		t.Errorf("got %v, %v", ids, err)
	}
}

// conflicting refuses to register and leaves all else, such as looking up, to another handler.
func conflicting(otherwise http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/versions") {
			answer(409, `{"error_code":409,"message":"already exists"}`)(w, r)
			return
		}
		otherwise(w, r)
	}
}

// Two instances that start together register the same schemas; some registries answer the second with a conflict, and
// know nothing of the schema before the first is done.
func TestRegisterBesideAnother(t *testing.T) {
	for name, unknown := range map[string]int{"which is done": 0, "which takes its time": 2} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			first, err := s.client.Register(t.Context(), subjects)
			if err != nil {
				t.Fatal(err)
			}
			s.fail(conflicting(func(w http.ResponseWriter, r *http.Request) {
				if unknown == 0 {
					s.fake.Handler().ServeHTTP(w, r)
					return
				}
				unknown-- // one request at a time
				answer(404, `{"error_code":40403,"message":"schema not found"}`)(w, r)
			}))
			if second, err := s.client.Register(t.Context(), subjects); err != nil || second != first {
				t.Errorf("got %v, %v; the first got %v", second, err, first)
			}
		})
	}
}

func TestRegisterRefused(t *testing.T) {
	s := newStage(t)
	s.fail(answer(409, `{"error_code":409,"message":"reader misses field x"}`))
	_, err := s.client.Register(t.Context(), subjects)
	if !errors.Is(err, ErrIncompatible) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"idv.decisions.v1-value", "schemas/decision.avsc", "reader misses field x", "compatibility rule"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	s.fail(conflicting(answer(500, ""))) // it cannot be told of what kind the conflict is
	_, err = s.client.Register(t.Context(), subjects)
	if !errors.Is(err, ErrRegistryUnavailable) || errors.Is(err, ErrIncompatible) || !strings.Contains(err.Error(), "conflict") {
		t.Errorf("got %v", err)
	}
	s.fail(answer(422, `{"error_code":42201,"message":"invalid"}`))
	_, err = s.client.Register(t.Context(), subjects)
	if err == nil || errors.Is(err, ErrRegistryUnavailable) || !strings.Contains(err.Error(), "42201") {
		t.Errorf("got %v", err)
	}
	s.fail(answer(500, ""))
	_, err = s.client.Register(t.Context(), subjects)
	if !errors.Is(err, ErrRegistryUnavailable) || !strings.Contains(err.Error(), "idv.decisions.v1-value") {
		t.Errorf("got %v", err)
	}
	s.fail(answer(404, `{"error_code":40401,"message":"No artifact"}`)) // to the second of two instances that start together
	_, err = s.client.Register(t.Context(), subjects)
	if !errors.Is(err, ErrRegistryUnavailable) || !strings.Contains(err.Error(), "idv.decisions.v1-value") {
		t.Errorf("got %v", err)
	}
	s.fail(answer(200, `{"id":0}`))
	if _, err = s.client.Register(t.Context(), subjects); err == nil || !strings.Contains(err.Error(), "gave the id 0") {
		t.Errorf("got %v", err)
	}
}

func TestPing(t *testing.T) {
	s := newStage(t)
	if err := s.client.Ping(t.Context()); err != nil {
		t.Errorf("an empty registry: %v", err)
	}
	seedRaw(s, 1)
	if err := s.client.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.client.Ping(ctx); !errors.Is(err, ErrRegistryUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestListedTopics(t *testing.T) {
	d := NewDecoder(DecoderOptions{Topics: map[string]TopicOptions{"a": {}}})
	var e processor.Event
	if err := d.Decode(&processor.Record{Topic: "a", Value: []byte("{}")}, &e); err == nil || reasonOf(t, err) != processor.ReasonMissingField {
		t.Errorf("a listed topic: %v", err)
	}
	err := d.Decode(&processor.Record{Topic: "b", Value: []byte("{}")}, &e)
	var r *processor.Rejection
	if err == nil || errors.As(err, &r) || !strings.Contains(err.Error(), "topic b has no known format") {
		t.Errorf("an unlisted topic: %v", err)
	}
}
