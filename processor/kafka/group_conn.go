package kafka

import (
	"context"
	"net"
	"sync"
)

// groupConns knows the consumer group's connections. A shutdown cuts them, so that it need not wait for a join to be answered.
// And a broker that does not answer is passed over, because kafka-go always asks the first broker of its list that takes a
// connection for the group's coordinator.
type groupConns struct {
	silence *silence

	mu   sync.Mutex
	open map[net.Conn]bool
	shut bool
}

func newGroupConns(s *silence) *groupConns { return &groupConns{silence: s, open: map[net.Conn]bool{}} }

func (g *groupConns) dial(ctx context.Context, _, address string) (net.Conn, error) {
	conn, err := g.silence.dial(ctx, address)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		conn.Close()
		return nil, net.ErrClosed
	}
	tracked := &groupConn{askedConn: conn, conns: g}
	g.open[tracked] = true
	return tracked, nil
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
	*askedConn
	conns *groupConns
}

func (c *groupConn) Close() error {
	c.conns.mu.Lock()
	delete(c.conns.open, c)
	c.conns.mu.Unlock()
	return c.askedConn.Close()
}
