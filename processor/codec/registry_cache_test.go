package codec

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"verdict/processor"
	"verdict/schemas"
)

// settled asks until the request in the background is finished, and gives its result. Only the first call may start a
// request.
func (s *stage) settled(t *testing.T, id uint32) (*avroPlan, error) {
	t.Helper()
	plan, err := s.client.plan(id)
	s.client.mu.RLock()
	e := s.client.entries[id]
	s.client.mu.RUnlock()
	if e == nil {
		return plan, err
	}
	select {
	case <-e.done:
	case <-time.After(20 * time.Second):
		t.Fatal("the request does not end")
	}
	return s.client.await(id, e)
}

func seedRaw(s *stage, id int) {
	s.fake.SeedSchema(fmt.Sprintf("raw-%d", id), 1, id, sr.Schema{Schema: schemas.RawEvent})
}

func TestOneRequestForEachID(t *testing.T) {
	s := newStage(t)
	seedRaw(s, 7)
	release := make(chan struct{})
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		<-release
		s.fake.Handler().ServeHTTP(w, r)
	})
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() { _, _ = s.client.plan(7) })
	}
	callers.Wait() // none waits for ever
	close(release)
	if _, err := s.settled(t, 7); err != nil {
		t.Fatal(err)
	}
	s.advance(1000 * time.Hour)
	s.server.Close() // a known id keeps working
	if plan, err := s.client.plan(7); plan == nil || err != nil {
		t.Errorf("after the registry went down: %v", err)
	}
	if n := s.count("/schemas/ids/7"); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestDecodeThroughRegistry(t *testing.T) {
	s := newStage(t)
	seedRaw(s, 7)
	if _, err := s.settled(t, 7); err != nil {
		t.Fatal(err)
	}
	d := NewDecoder(DecoderOptions{Registry: s.client})
	var e processor.Event
	value := append([]byte{0, 0, 0, 0, 7}, marshal(t, schemas.RawEvent, rawEvent())...)
	if err := d.Decode(&processor.Record{Value: value}, &e); err != nil || e.Status != "completed" {
		t.Errorf("got %+v, %v", e, err)
	}
}

// An id that nobody answers costs patience once: later calls do not wait, and other ids are served meanwhile.
func TestHangingID(t *testing.T) {
	s := newStage(t)
	seedRaw(s, 7)
	seedRaw(s, 8)
	release := make(chan struct{})
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/7") {
			<-release
		}
		s.fake.Handler().ServeHTTP(w, r)
	})
	defer close(release)
	_, err := s.client.plan(7)
	if !errors.Is(err, ErrRegistryUnavailable) {
		t.Fatalf("got %v", err)
	}
	s.advance(patience)
	start := time.Now()
	for range 100 {
		if _, err := s.client.plan(7); !errors.Is(err, ErrRegistryUnavailable) {
			t.Fatalf("got %v", err)
		}
	}
	if took := time.Since(start); took > 10*patience {
		t.Errorf("100 calls took %v: they wait", took)
	}
	if _, err := s.settled(t, 8); err != nil {
		t.Errorf("another id: %v", err)
	}
	if n := s.count("/schemas/ids/7"); n != 1 {
		t.Errorf("%d requests for the hanging id, want 1", n)
	}
}

// The second request of an id that failed is not waited for at all.
func TestSecondRequest(t *testing.T) {
	s := newStage(t)
	s.fail(answer(500, ""))
	if _, err := s.settled(t, 7); !errors.Is(err, ErrRegistryUnavailable) {
		t.Fatalf("got %v", err)
	}
	s.advance(firstPause)
	release := make(chan struct{})
	s.fail(func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	start := time.Now()
	for range 40 { // the clock stands still, so that each would wait
		if _, err := s.client.plan(7); !errors.Is(err, ErrRegistryUnavailable) {
			t.Fatalf("got %v", err)
		}
	}
	if took := time.Since(start); took > 10*patience {
		t.Errorf("40 calls took %v: they wait", took)
	}
}

func TestUnknownIDIsKeptBriefly(t *testing.T) {
	s := newStage(t)
	for range 3 {
		_, err := s.settled(t, 9)
		if err == nil || reasonOf(t, err) != processor.ReasonUnknownSchema {
			t.Fatalf("got %v", err)
		}
	}
	if n := s.count("/schemas/ids/9"); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	seedRaw(s, 9)
	s.advance(unknownFor - 1)
	if _, err := s.settled(t, 9); err == nil {
		t.Error("asked again too early")
	}
	s.advance(1)
	if _, err := s.settled(t, 9); err != nil {
		t.Errorf("after it was registered: %v", err)
	}
}

// What is no registry's answer to the question rejects no record, and is asked again after a pause.
func TestNoAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		fault http.HandlerFunc
		says  string
	}{
		"500": {answer(500, `{"error_code":50001,"message":"secret"}`), "HTTP status 500, error code 50001"},
		"503": {answer(503, "secret"), "HTTP status 503"},
		"429": {answer(429, ""), "HTTP status 429"},
		"401": {answer(401, `{"error_code":401}`), "check the registry's username"},
		"403": {answer(403, `{"error_code":40301}`), "check the registry's username"},
		"404 of a proxy": {answer(404, `<html>secret</html>`), "HTTP status 404 without a registry's error code: " +
			"check the base address of the registry's URL (Apicurio's ends with /apis/ccompat/v7)"},
		"404 of another service":   {answer(404, `{"error_code":404,"message":"HTTP 404 Not Found"}`), "check the base address"},
		"200 with garbage":         {answer(200, `<html>secret</html>`), "unable to decode ok response"},
		"200 without a schema":     {answer(200, `{}`), "the answer has no schema in it"},
		"200 that is far too long": {answer(200, `{"schema":"`+strings.Repeat("x", maxResponseBytes)+`"}`), "larger than 4194304 bytes"},
		"a broken connection":      {hangUp, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			seedRaw(s, 7)
			s.fail(c.fault)
			_, err := s.settled(t, 7)
			var r *processor.Rejection
			if !errors.Is(err, ErrRegistryUnavailable) || errors.As(err, &r) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "schema id 7") || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %q, want it to say %q", err, c.says)
			}
			s.fail(nil)
			if before := s.count("/schemas/ids/7"); !errors.Is(s.retry(t), ErrRegistryUnavailable) || s.count("/schemas/ids/7") != before {
				t.Error("asked again without a pause")
			}
			s.advance(firstPause)
			if err := s.retry(t); err != nil {
				t.Errorf("after the pause: %v", err)
			}
		})
	}
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	if connection, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = connection.Close()
	}
}

func (s *stage) retry(t *testing.T) error {
	_, err := s.settled(t, 7)
	return err
}

func TestPause(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: firstPause, 1: 2 * firstPause, 4: 4 * time.Second, 5: lastPause, 1_000_000: lastPause} {
		if got := pause(failures); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
	}
}

func TestImpossibleID(t *testing.T) {
	s := newStage(t)
	if _, err := s.client.plan(1 << 31); err == nil || reasonOf(t, err) != processor.ReasonUnknownSchema {
		t.Errorf("got %v", err)
	}
	if len(s.requests) > 0 {
		t.Errorf("asked: %v", s.requests)
	}
}

func TestRequestsInFlightAreBounded(t *testing.T) {
	s := newStage(t)
	release := make(chan struct{})
	s.fail(func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	for id := range uint32(maxInFlight) {
		if _, err := s.client.current(id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.client.plan(maxInFlight); !errors.Is(err, ErrRegistryUnavailable) || !strings.Contains(err.Error(), "16 other schemas") {
		t.Errorf("got %v", err)
	}
}

func TestFullCache(t *testing.T) {
	s := newStage(t)
	done := make(chan struct{})
	close(done)
	for id := range uint32(maxEntries) {
		s.client.entries[id] = &entry{done: done, plan: &avroPlan{}}
	}
	s.client.entries[77] = &entry{done: done, rejection: &processor.Rejection{}, until: s.time.Add(time.Hour)}
	s.client.makeRoom()
	if _, there := s.client.entries[77]; there || len(s.client.entries) != maxEntries-1 {
		t.Errorf("%d entries, the unknown one is there: %v", len(s.client.entries), there)
	}
	s.client.entries[77] = &entry{done: done, plan: &avroPlan{}}
	s.client.makeRoom()
	if len(s.client.entries) != maxEntries-1 {
		t.Errorf("%d entries", len(s.client.entries))
	}
}

func TestCloseEndsRequests(t *testing.T) {
	s := newStage(t)
	seedRaw(s, 7)
	if _, err := s.settled(t, 7); err != nil {
		t.Fatal(err)
	}
	s.fail(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	if _, err := s.client.current(8); err != nil {
		t.Fatal(err)
	}
	s.client.Close()
	if _, err := s.client.plan(7); err != nil {
		t.Errorf("a known id after Close: %v", err)
	}
	if _, err := s.client.plan(9); !errors.Is(err, ErrRegistryUnavailable) {
		t.Errorf("a new id after Close: %v", err)
	}
}
