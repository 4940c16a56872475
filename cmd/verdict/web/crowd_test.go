package web

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// patience bounds what a test waits for; nothing that works takes that long.
const patience = 10 * time.Second

// serve starts a server that is ready, with one metric.
func serve(t *testing.T) *Server {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "some_metric", Help: "Something."}))
	ready := &Readiness{}
	ready.Asking(func() error { return nil })
	s, err := Start(t.Context(), "127.0.0.1:0", reg, ready, func() any { return nil }, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(t.Context()) })
	return s
}

// dial opens a connection and sends something on it.
func dial(t *testing.T, s *Server, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// closed waits until the other side has closed a connection.
func closed(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection stays open")
	}
}

// answer asks by a connection of its own.
func answer(t *testing.T, s *Server, path string) (int, string) {
	t.Helper()
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + s.Address() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// Connections that send nothing, or a part of a request, keep nobody from being answered, and only so many stay open.
func TestAFloodOfHalfOpenConnections(t *testing.T) {
	s := serve(t)
	var flood []net.Conn
	for i := range 3 * mostConnections {
		flood = append(flood, dial(t, s, []string{"", "GET /met", "GET /readyz HTTP/1.1\r\nHost: a\r\nX-Slow: "}[i%3]))
		if i%mostConnections == mostConnections/2 {
			if code, text := answer(t, s, "/readyz"); code != http.StatusOK || text != "ready\n" {
				t.Errorf("with %d half-open connections: %d %s", i, code, text)
			}
		}
	}
	if code, _ := answer(t, s, "/readyz"); code != http.StatusOK {
		t.Errorf("after the flood: %d", code)
	}
	closed(t, flood[0])
	crowd := s.listener.(*crowd)
	crowd.mu.Lock()
	defer crowd.mu.Unlock()
	if n := len(crowd.open); n > mostConnections {
		t.Errorf("%d connections are open, at most %d", n, mostConnections)
	}
}

// Who has just asked stays while others come that do nothing.
func TestWhoAsksStays(t *testing.T) {
	s := serve(t)
	const request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
	asks := dial(t, s, request)
	got := make([]byte, 1000)
	for range 2 * mostConnections {
		dial(t, s, "")
		if _, err := asks.Read(got); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(asks, request); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHugeRequestsAreRefused(t *testing.T) {
	s := serve(t)
	for text, want := range map[string]string{
		"GET /readyz HTTP/1.1\r\nHost: a\r\nX-Huge: " + strings.Repeat("x", 20_000): "431 ",
		"GET /readyz HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000000\r\n\r\nx":   "413 ",
		"GET /readyz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n":     "413 ",
		"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n":            "405 ",
	} {
		conn := dial(t, s, text)
		status := make([]byte, len("HTTP/1.1 413 "))
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, status); err != nil || !strings.HasSuffix(string(status), want) {
			t.Errorf("%.60q: %q, error %v, want %s", text, status, err, want)
		}
	}
}

// Metrics are gathered once for all who ask at a time, and anew after it.
func TestMetricsAreGatheredForAll(t *testing.T) {
	reg := prometheus.NewRegistry()
	asked := 0
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "asked", Help: "How often."}, func() float64 {
		asked++
		return float64(asked)
	}))
	now := time.Now()
	page := newMetricsPage(reg)
	page.now = func() time.Time { return now }
	for _, at := range []struct {
		later time.Duration
		want  int
	}{{0, 1}, {0, 1}, {freshFor - 1, 1}, {1, 2}, {freshFor, 3}} {
		now = now.Add(at.later)
		text, err := page.current()
		if want := fmt.Sprintf("asked %d\n", at.want); err != nil || !strings.HasSuffix(string(text), want) {
			t.Errorf("%s, error %v, want %s", text, err, want)
		}
	}
}

func TestMetricsThatCannotBeGathered(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(broken{prometheus.NewDesc("broken", "Broken.", nil, nil)})
	if _, err := newMetricsPage(reg).current(); err == nil || !strings.Contains(err.Error(), "on purpose") {
		t.Error(err)
	}
}

// broken is a collector that fails.
type broken struct{ desc *prometheus.Desc }

func (b broken) Describe(to chan<- *prometheus.Desc) { to <- b.desc }
func (b broken) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.NewInvalidMetric(b.desc, errors.New("on purpose"))
}
