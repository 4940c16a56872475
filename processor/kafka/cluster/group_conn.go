package cluster

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// GroupConns knows the consumer group's connections. A shutdown cuts them, so that it need not wait for a join to be
// answered. And a broker that does not answer is passed over, because kafka-go always asks the first broker of its list
// that takes a connection for the group's coordinator.
type GroupConns struct {
	silence *silence

	mu   sync.Mutex
	open map[net.Conn]bool
	shut bool
}

// NewGroupConns passes over the brokers that are silent towards the client.
func NewGroupConns(c *Client) *GroupConns {
	return &GroupConns{silence: c.silent, open: map[net.Conn]bool{}}
}

// Dialer is what the group is to connect with.
func (g *GroupConns) Dialer(to Connection) (*kafka.Dialer, error) {
	mechanism, err := to.mechanism()
	if err != nil {
		return nil, err
	}
	return &kafka.Dialer{ClientID: to.ClientID, Timeout: to.RequestTimeout, TLS: to.TLS, SASLMechanism: mechanism,
		DialFunc: g.dial}, nil
}

func (g *GroupConns) dial(ctx context.Context, _, address string) (net.Conn, error) {
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

// Cut closes all connections and allows no more.
func (g *GroupConns) Cut() {
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
	conns *GroupConns
}

// SetReadDeadline has a limit where there would be none: kafka-go logs in without one, and would wait for a frozen
// broker for ever. Before each request of the group, long ones such as a join, too, it sets the request's own.
func (c *groupConn) SetReadDeadline(t time.Time) error {
	if t.IsZero() {
		t = time.Now().Add(AnswerTimeout)
	}
	return c.askedConn.SetReadDeadline(t)
}

func (c *groupConn) Close() error {
	c.conns.mu.Lock()
	delete(c.conns.open, c)
	c.conns.mu.Unlock()
	return c.askedConn.Close()
}
