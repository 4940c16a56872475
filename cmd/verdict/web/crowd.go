package web

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// mostConnections is how many connections are open at a time: many more than a Prometheus, probes and some people need,
// and few enough that they take next to no memory.
const mostConnections = 64

// crowd is the connections that are open. Where there are too many, the one gives way that has done nothing for the
// longest: it has just been opened, sends its request byte by byte, does not read the answer, or is kept for later. So
// whoever asks in one go is answered, however many others only hold a connection. A bound that has newcomers wait
// instead would be the hostile client's: it could keep a probe waiting until the instance is restarted.
type crowd struct {
	net.Listener
	most int

	mu   sync.Mutex
	open map[*visitor]time.Time // since when it has done nothing
}

// visitor is one connection.
type visitor struct {
	net.Conn
	crowd *crowd
}

func newCrowd(l net.Listener, most int) *crowd {
	return &crowd{Listener: l, most: most, open: map[*visitor]time.Time{}}
}

// Accept waits for the next connection, and closes another one if there are too many.
func (c *crowd) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	v := &visitor{conn, c}
	if idle := c.enter(v); idle != nil {
		_ = idle.Close()
	}
	return v, nil
}

// enter takes a visitor in, and returns the one that has to give way.
func (c *crowd) enter(v *visitor) (idle *visitor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.most {
		for other, since := range c.open {
			if idle == nil || since.Before(c.open[idle]) {
				idle = other
			}
		}
	}
	delete(c.open, idle)
	c.open[v] = time.Now()
	return idle
}

// Close closes the connection, once or more often.
func (v *visitor) Close() error {
	v.crowd.mu.Lock()
	delete(v.crowd.open, v)
	v.crowd.mu.Unlock()
	return v.Conn.Close()
}

// stirs notes that a visitor has done something.
func (v *visitor) stirs() {
	v.crowd.mu.Lock()
	defer v.crowd.mu.Unlock()
	if _, open := v.crowd.open[v]; open {
		v.crowd.open[v] = time.Now()
	}
}

type visitorKey struct{}

// knownBy lets pages find the visitor that asks, by http.Server.ConnContext.
func knownBy(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, visitorKey{}, conn)
}

// stirring notes of each request that its visitor has done something: a whole request, and not a part of one.
func stirring(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, ok := r.Context().Value(visitorKey{}).(*visitor); ok {
			v.stirs()
		}
		next.ServeHTTP(w, r)
	})
}

// withoutBody refuses a request that brings something: no page takes anything.
func withoutBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			w.Header().Set("Connection", "close")
			http.Error(w, "no page here takes a body: ask by GET without one", http.StatusRequestEntityTooLarge)
			return
		}
		next.ServeHTTP(w, r)
	})
}
