//go:build unix

package faults

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// proxy is the network between one instance and one broker: a TCP proxy that can cut, hold back and slow down. A
// library (toxiproxy) would do the same, but brings an HTTP server, a logger and a metrics client with it.
type proxy struct {
	t        testing.TB
	address  string
	target   string
	listener net.Listener // nil: nobody listens, and connections are refused
	up, down atomic.Int64 // bytes carried to the broker and from it

	mu     sync.Mutex
	state  network
	change chan struct{} // closed when state changes
	links  map[*link]struct{}
	closed bool
	wait   sync.WaitGroup
}

// network is the state of a connection's way. The zero value is a healthy one.
type network struct {
	held        bool          // nothing gets through, and no connection ends: a firewall, a pulled cable
	latency     time.Duration // for each piece of at most 16 KiB, in each direction
	upBytesPerS int           // bytes per second towards the broker; 0: no limit
}

type link struct{ client, broker net.Conn }

// reset ends both connections without a goodbye, as a crashed router does.
func (l *link) reset() {
	for _, conn := range []net.Conn{l.client, l.broker} {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

func startProxy(t testing.TB, port int, target string) *proxy {
	t.Helper()
	p := &proxy{t: t, address: loopback(port), target: target, links: map[*link]struct{}{}, change: make(chan struct{})}
	p.listen()
	t.Cleanup(p.close)
	return p
}

// listen takes connections (again).
func (p *proxy) listen() {
	p.t.Helper()
	if p.listener != nil {
		return
	}
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Fatalf("proxy to %s: %v", p.target, err)
	}
	p.listener = listener
	p.wait.Go(func() { p.accept(listener) })
}

// refuse stops taking connections: clients find that nobody listens, as when the broker's process is not there. Those
// that are there stay.
func (p *proxy) refuse() {
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
}

// set changes the state of the network from now on, for connections that are there as well.
func (p *proxy) set(state network) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	close(p.change)
	p.change = make(chan struct{})
}

// cut resets all connections; new ones are taken as before. It says how many there were.
func (p *proxy) cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.reset()
	}
	return len(p.links)
}

func (p *proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.refuse()
	p.set(network{})
	p.cut()
	p.wait.Wait()
}

func (p *proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // closed
		}
		p.wait.Go(func() { p.connect(client) })
	}
}

func (p *proxy) connect(client net.Conn) {
	defer client.Close()
	broker, err := net.DialTimeout("tcp", p.target, 3*time.Second)
	if err != nil {
		return // the broker is down: the client sees its connection end
	}
	defer broker.Close()
	l := &link{client, broker}
	if !p.add(l) {
		return
	}
	defer p.remove(l)
	gone := make(chan struct{})
	p.wait.Go(func() {
		defer close(gone)
		p.carry(broker, client, &p.up, true)
		l.reset()
	})
	p.carry(client, broker, &p.down, false)
	l.reset()
	<-gone
}

func (p *proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.links[l] = struct{}{}
	return true
}

func (p *proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

func (p *proxy) now() (network, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state, p.change
}

// carry copies one direction until it ends.
func (p *proxy) carry(to, from net.Conn, count *atomic.Int64, upwards bool) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			p.delay(n, upwards)
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
			count.Add(int64(n))
		}
		if err != nil {
			return
		}
	}
}

// delay lets the time pass that n bytes take, which may be until the network is no longer held.
func (p *proxy) delay(n int, upwards bool) {
	state, changed := p.now()
	for state.held {
		<-changed
		state, changed = p.now()
	}
	d := state.latency
	if upwards && state.upBytesPerS > 0 {
		d += time.Duration(n) * time.Second / time.Duration(state.upBytesPerS)
	}
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	}
}
