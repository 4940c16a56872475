package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	dialTimeout = 3 * time.Second
	// avoidFor is how long a silent broker is passed over at most, until one who asks tries it again. It is as long as
	// brokers take to go on without one of them.
	avoidFor = 10 * time.Second
)

// silence knows which of the configured brokers take connections but do not answer (frozen, or behind a load balancer),
// so that what any broker can be asked goes to another one. One that did answer and then cut the connection is not
// silent: it may be a coordinator, and alive. A connection that has waited in vain stays open for a while: by an answer
// that comes late the broker shows that it is back.
type silence struct {
	brokers  []string             // as host:port
	onSilent func(address string) // called when an answer did not come in time; nil: nothing

	mu      sync.Mutex
	noted   map[string]time.Time // when a broker was found silent, or was last tried since
	waiting map[net.Conn]bool    // for a late answer
	shut    bool
}

func newSilence(brokers []string) *silence {
	return &silence{brokers: strings.Split(kafka.TCP(brokers...).String(), ","), noted: map[string]time.Time{},
		waiting: map[net.Conn]bool{}}
}

// dial connects, unless the broker is to be passed over.
func (s *silence) dial(ctx context.Context, address string) (*askedConn, error) {
	if s.passesOver(address) {
		return nil, fmt.Errorf("dial %s: passed over, because it did not answer less than %s ago", address, avoidFor)
	}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", address)
	if err != nil {
		var timeout net.Error
		s.note(address, errors.As(err, &timeout) && timeout.Timeout() && ctx.Err() == nil)
		return nil, err
	}
	return &askedConn{Conn: conn, address: address, silence: s}, nil
}

// passesOver says whether to ask another broker: one that is not known to be silent, too. Once in a while it lets one
// through, who finds out whether the broker answers again.
func (s *silence) passesOver(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, silent := s.noted[address]
	if !silent || !slices.Contains(s.brokers, address) || !s.another(address) {
		return false
	}
	if time.Since(at) < avoidFor {
		return true
	}
	s.noted[address] = time.Now()
	return false
}

func (s *silence) another(address string) bool {
	return slices.ContainsFunc(s.brokers, func(other string) bool {
		_, silent := s.noted[other]
		return other != address && !silent
	})
}

func (s *silence) note(address string, silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if silent {
		s.noted[address] = time.Now()
	} else {
		delete(s.noted, address)
	}
}

// await waits for a late answer on a connection that nobody needs any more, and closes it.
func (s *silence) await(c *askedConn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting[c.Conn] {
		return nil
	}
	if s.shut || c.Conn.SetReadDeadline(time.Now().Add(avoidFor)) != nil {
		return c.Conn.Close()
	}
	s.waiting[c.Conn] = true
	go func() {
		_, err := c.Conn.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, net.ErrClosed) {
			s.note(c.address, false)
		}
		c.Conn.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiting, c.Conn)
	}()
	return nil
}

// close ends the waiting.
func (s *silence) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
	for c := range s.waiting {
		c.Close()
	}
}

// askedConn takes note of whether the broker answers.
type askedConn struct {
	net.Conn
	address  string
	silence  *silence
	answered bool
	owed     atomic.Bool // an answer did not come in time
}

func (c *askedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	late := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case n > 0:
		c.answered = true
		c.silence.note(c.address, false)
	case late || err != nil && !c.answered && !errors.Is(err, net.ErrClosed):
		c.owed.Store(late)
		c.silence.note(c.address, true)
		if late && c.silence.onSilent != nil {
			c.silence.onSilent(c.address)
		}
	}
	return n, err
}

func (c *askedConn) Close() error {
	if c.owed.Load() {
		return c.silence.await(c)
	}
	return c.Conn.Close()
}
