package codec

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func newRisk() *Comparison {
	return &Comparison{Subject: riskSubject, File: "risk.avsc", State: NewSubject}
}

// A follower may not know yet what the leader has registered: the id is there, and the version comes later or not.
func TestRegisterNewLags(t *testing.T) {
	for name, c := range map[string]struct {
		late    int32 // answers that do not know it, of the look-ups
		status  int
		version int
	}{
		"a moment":        {2, 404, 1},
		"for good":        {1000, 404, 0},
		"no answer there": {1000, 503, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they pause
			s := newStage(t)
			var left atomic.Int32
			left.Store(c.late)
			s.failAt("POST /subjects/"+riskSubject, func(w http.ResponseWriter, r *http.Request) {
				if left.Add(-1) >= 0 {
					answer(c.status, `{"error_code":40403,"message":"Schema not found"}`)(w, r)
					return
				}
				s.fake.Handler().ServeHTTP(w, r)
			})
			got := newRisk()
			if err := s.client.RegisterNew(t.Context(), got); err != nil {
				t.Fatal(err)
			}
			if got.State != Registered || got.ID != 1 || got.Version != c.version ||
				(len(got.Warnings) == 1) != (c.version == 0) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A registry that has just started may fail once where several register at once.
func TestRegisterAfterAServerError(t *testing.T) {
	s := newStage(t)
	var failures atomic.Int32
	failures.Store(1)
	s.failAt("POST /subjects/"+riskSubject+"/versions", func(w http.ResponseWriter, r *http.Request) {
		if failures.Add(-1) >= 0 {
			answer(500, `{"error_code":50001,"message":"duplicate key"}`)(w, r)
			return
		}
		s.fake.Handler().ServeHTTP(w, r)
	})
	if got := newRisk(); s.client.RegisterNew(t.Context(), got) != nil || got.Version != 1 {
		t.Errorf("got %+v", got)
	}
	failures.Store(2)
	if err := s.client.RegisterNew(t.Context(), newRisk()); err == nil || !strings.Contains(err.Error(), "HTTP status 500") {
		t.Errorf("it fails for good: %v", err)
	}
}

// A refusal is told in the comparison, by its rule.
func TestRegisterNewRefused(t *testing.T) {
	t.Parallel() // it pauses
	s := newStage(t)
	s.failAt("POST /subjects/"+riskSubject+"/versions", answer(409, `{"error_code":409,"message":"not this one"}`))
	got := newRisk()
	got.Rule = "FULL"
	err := s.client.RegisterNew(t.Context(), got)
	if err == nil || got.State != NewSubject || len(got.Breaks) != 1 ||
		got.Breaks[0] != "the registry refuses it by its rule FULL: not this one" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRegisterNewTogether(t *testing.T) {
	s := newStage(t)
	var runs sync.WaitGroup
	got := make([]Comparison, 4)
	for i := range got {
		runs.Go(func() {
			got[i] = Comparison{Subject: riskSubject, File: "risk.avsc"}
			if err := s.client.RegisterNew(t.Context(), &got[i]); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	for _, c := range got {
		if c.Version != 1 || c.ID != got[0].ID || c.State != Registered {
			t.Errorf("%+v beside %+v", c, got[0])
		}
	}
}
