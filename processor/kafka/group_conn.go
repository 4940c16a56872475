package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"
)

// avoidFor is how long a broker whose connection failed is passed over.
const avoidFor = 5 * time.Second

// groupConns knows the consumer group's connections. A shutdown cuts them, so that it need not wait for a join to be answered.
// And a broker that takes connections but does not answer (frozen, or behind a load balancer) is passed over for a while, because
// kafka-go always asks the first broker of its list that takes a connection for the group's coordinator. One that did answer and
// then cut the connection is not: it may be the coordinator, and alive.
type groupConns struct {
	brokers []string // the configured ones; a single one is never passed over

	mu     sync.Mutex
	open   map[net.Conn]bool
	failed map[string]time.Time
	shut   bool
}

func newGroupConns(brokers []string) *groupConns {
	return &groupConns{brokers: brokers, open: map[net.Conn]bool{}, failed: map[string]time.Time{}}
}

func (g *groupConns) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if g.avoids(address) {
		return nil, fmt.Errorf("dial %s: passed over, because its last connection failed less than %s ago", address, avoidFor)
	}
	conn, err := (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		conn.Close()
		return nil, net.ErrClosed
	}
	tracked := &groupConn{Conn: conn, address: address, conns: g}
	g.open[tracked] = true
	return tracked, nil
}

func (g *groupConns) avoids(address string) bool {
	if len(g.brokers) < 2 || !slices.Contains(g.brokers, address) {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Since(g.failed[address]) < avoidFor
}

func (g *groupConns) fail(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed[address] = time.Now()
}

// cut closes all connections and allows no more.
func (g *groupConns) cut() {
	g.mu.Lock()
	g.shut = true
	var all []net.Conn
	for c := range g.open {
		all = append(all, c)
	}
	g.mu.Unlock()
	for _, c := range all {
		c.Close()
	}
}

type groupConn struct {
	net.Conn
	address  string
	conns    *groupConns
	answered bool
}

func (c *groupConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.answered = c.answered || n > 0
	if errors.Is(err, os.ErrDeadlineExceeded) || err != nil && !c.answered && !errors.Is(err, net.ErrClosed) {
		c.conns.fail(c.address)
	}
	return n, err
}

func (c *groupConn) Close() error {
	c.conns.mu.Lock()
	delete(c.conns.open, c)
	c.conns.mu.Unlock()
	return c.Conn.Close()
}
