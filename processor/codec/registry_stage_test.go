package codec

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr/srfake"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// stage is an in-process registry that counts requests and can be made to fail, and a client with a clock that only the
// test moves.
type stage struct {
	fake   *srfake.Registry
	server *httptest.Server
	client *Registry

	mu       sync.Mutex
	requests map[string]int // by path
	fault    http.HandlerFunc
	time     time.Time
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{fake: srfake.NewRegistry(), requests: map[string]int{}, time: time.Unix(1_700_000_000, 0)}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	client, err := NewRegistry(RegistryOptions{URLs: []string{s.server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	client.now = func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.time
	}
	s.client = client
	t.Cleanup(func() {
		client.Close()
		s.server.Close()
	})
	return s
}

func (s *stage) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests[r.URL.Path]++
	fault := s.fault
	s.mu.Unlock()
	if fault != nil {
		fault(w, r)
		return
	}
	s.fake.Handler().ServeHTTP(w, r)
}

// fail makes the registry answer by f; nil: as it should.
func (s *stage) fail(f http.HandlerFunc) {
	s.mu.Lock()
	s.fault = f
	s.mu.Unlock()
}

func (s *stage) advance(d time.Duration) {
	s.mu.Lock()
	s.time = s.time.Add(d)
	s.mu.Unlock()
}

func (s *stage) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[path]
}

// answer is a registry's answer of this status and body.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// failAt makes the registry answer by f where the method and the path are these, "METHOD /path", and else as it should.
func (s *stage) failAt(where string, f http.HandlerFunc) {
	s.fail(func(w http.ResponseWriter, r *http.Request) {
		if r.Method+" "+r.URL.Path == where {
			f(w, r)
			return
		}
		s.fake.Handler().ServeHTTP(w, r)
	})
}
