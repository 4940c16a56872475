package cluster

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// AnswerTimeout is how long a broker may take over what brokers answer at once: metadata, who coordinates what.
const AnswerTimeout = 3 * time.Second

// controlConns are the client's connections for what any broker can be asked. kafka-go asks for a coordinator before
// each request to it, on a connection to some configured broker: if that one is frozen, each request would wait for it.
// So these connections have a deadline of their own, silent brokers are passed over, and the other connections to a
// silent broker are closed.
type controlConns struct {
	silence *silence
	limit   time.Duration

	mu   sync.Mutex
	open map[*controlConn]bool
}

func newControlConns(s *silence, limit time.Duration) *controlConns {
	c := &controlConns{silence: s, limit: limit, open: map[*controlConn]bool{}}
	s.onSilent = c.closeAll
	return c
}

// controlNetwork marks the configured brokers' addresses, by which kafka-go's transport makes control connections only.
const controlNetwork = "control"

type controlAddr struct{ net.Addr }

func (a controlAddr) Network() string {
	return strings.ReplaceAll(a.Addr.Network(), "tcp", controlNetwork)
}

// dial is what the transport calls, for requests to a certain broker, too: those don't concern us.
func (c *controlConns) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if network != controlNetwork {
		return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	}
	asked, err := c.silence.dial(ctx, address)
	if err != nil {
		return nil, err
	}
	conn := &controlConn{askedConn: asked, conns: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[conn] = true
	return conn, nil
}

func (c *controlConns) closeAll(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.open {
		if conn.address == address && !conn.owed.Load() {
			delete(c.open, conn)
			conn.Conn.Close()
		}
	}
}

type controlConn struct {
	*askedConn
	conns *controlConns
}

// SetDeadline sets the limit. The transport calls it before each request, with the request's own deadline, and before
// it logs in, with none. A request that has less time left is given up by its context, and says nothing about the
// broker.
func (c *controlConn) SetDeadline(time.Time) error {
	return c.Conn.SetDeadline(time.Now().Add(c.conns.limit))
}

func (c *controlConn) Close() error {
	c.conns.mu.Lock()
	delete(c.conns.open, c)
	c.conns.mu.Unlock()
	return c.askedConn.Close()
}

// controlAddress is where the transport looks for the cluster.
func controlAddress(brokers []string) net.Addr { return controlAddr{kafka.TCP(brokers...)} }
