// Package web is the HTTP side of a process: health, readiness and metrics.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Readiness is what /readyz answers: nil, or why the process cannot make progress. It is asked anew for each request.
type Readiness struct{ ask atomic.Pointer[func() error] }

// Waiting says that the process is not ready, and why.
func (r *Readiness) Waiting(reason string) {
	err := errors.New(reason)
	r.Asking(func() error { return err })
}

// Asking leaves the answer to a function.
func (r *Readiness) Asking(ask func() error) { r.ask.Store(&ask) }

// Ready is nil, or why the process cannot make progress.
func (r *Readiness) Ready() error { return (*r.ask.Load())() }

// Server is the HTTP side: health, readiness, status and metrics. It takes no other request.
type Server struct {
	http     http.Server
	listener net.Listener
	done     chan struct{}
}

const indexPage = `<!doctype html><html lang="en"><title>Verdict</title><h1>Verdict</h1><ul>
<li><a href="/healthz">/healthz</a> the process is alive</li>
<li><a href="/readyz">/readyz</a> it can make progress, or why not</li>
<li><a href="/status">/status</a> what each partition is doing, in JSON, for <code>verdict status</code></li>
<li><a href="/metrics">/metrics</a> for Prometheus</li>
</ul></html>
`

// Start listens and serves until stop. What status returns is shown as JSON.
func Start(ctx context.Context, address string, metrics prometheus.Gatherer, ready *Readiness, status func() any,
	log *zap.Logger) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("http.address: %w: free the address or set another", err)
	}
	s := &Server{listener: newCrowd(listener, mostConnections), done: make(chan struct{})}
	s.http = http.Server{
		Handler:           stirring(withoutBody(pages(metrics, ready, status))),
		ConnContext:       knownBy,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       2 * time.Minute, // longer than anybody's scrape interval, or each would connect anew
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          zap.NewStdLog(log),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the HTTP server ended", zap.Error(err))
		}
	}()
	return s, nil
}

func pages(metrics prometheus.Gatherer, ready *Readiness, status func() any) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, indexPage)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := ready.Ready(); err != nil {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintf(w, "not ready: %v\n", err)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(status()) // who has gone away needs no answer
	})
	mux.Handle("GET /metrics", newMetricsPage(metrics))
	return mux
}

// Address is where the server listens, as host:port.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Stop ends the server; requests under way have a second, also when ctx is done.
func (s *Server) Stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // the second is over
	}
	<-s.done
}
