package kafka_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka/cluster"
)

// door leads to a broker until it is frozen: then it takes connections, and nothing comes out of any.
type door struct {
	net.Listener
	target string
	frozen atomic.Bool
	wait   sync.WaitGroup
	mu     sync.Mutex
	conns  []net.Conn
}

func openDoor(t *testing.T, target string) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{Listener: l, target: target}
	d.wait.Go(d.serve)
	t.Cleanup(d.close)
	return d
}

func (d *door) serve() {
	for {
		in, err := d.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", d.target)
		if err != nil {
			in.Close()
			continue
		}
		d.mu.Lock()
		d.conns = append(d.conns, in, out)
		d.mu.Unlock()
		d.wait.Go(func() { d.pass(in, out) })
		d.wait.Go(func() { d.pass(out, in) })
	}
}

// pass copies from one side to the other.
func (d *door) pass(from, to net.Conn) {
	_, _ = io.Copy(writerFunc(func(b []byte) (int, error) {
		if d.frozen.Load() {
			return len(b), nil
		}
		return to.Write(b)
	}), from)
	to.Close()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func (d *door) close() {
	d.Listener.Close()
	d.mu.Lock()
	for _, c := range d.conns {
		c.Close()
	}
	d.mu.Unlock()
	d.wait.Wait()
}

// A bootstrap broker that freezes must not cost each request its whole timeout: another one can be asked for
// coordinators and leaders.
func TestFrozenBootstrapBroker(t *testing.T) {
	c := newCluster(t)
	d := openDoor(t, c.ListenAddrs()[0])
	frozen, live := d.Addr().String(), c.ListenAddrs()[1]
	// the client picks one at random
	r := start(t, config([]string{frozen, frozen, frozen, frozen, frozen, frozen, live}))
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	p, out := producer(t, c.ListenAddrs()), collect(t, c.ListenAddrs(), "decisions")
	produce(t, p, events(0, 40)...)
	out.until(40)
	d.frozen.Store(true)
	begin := time.Now()
	produce(t, p, events(40, 40)...)
	out.until(80)
	if took := time.Since(begin); took > 7*time.Second {
		t.Errorf("it took %s: one request may wait for an answer (3 s), not each for its own timeout (10 s)", took)
	}
}

// One cut connection to the coordinator must not keep an instance out of its group: the coordinator is alive.
func TestACutCoordinatorConnection(t *testing.T) {
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	r := start(t, cfg)
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	before := r.value("verdict_rebalances_total")
	var done atomic.Bool
	c.ControlKey(int16(kmsg.Heartbeat), func(kmsg.Request) (kmsg.Response, error, bool) {
		done.Store(true)
		return nil, errors.New("cut"), true
	})
	eventually(t, "a cut", done.Load)
	begin := time.Now()
	eventually(t, "in the group again",
		func() bool { return r.value("verdict_rebalances_total") > before && r.Ready() == nil })
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Readiness must not claim progress while nothing can be fetched.
func TestUnansweredFetchesAreNotReady(t *testing.T) {
	c := newCluster(t)
	r := start(t, config(c.ListenAddrs()))
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	var dead atomic.Bool
	dead.Store(true)
	c.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return nil, errors.New("cut"), dead.Load()
	})
	eventually(t, "not ready", func() bool {
		return r.Ready() != nil &&
			r.value("verdict_partitions_held") == partitions
	})
	dead.Store(false)
	eventually(t, "ready again", func() bool { return r.Ready() == nil && r.value("verdict_partitions_held") == 0 })
}

// frozenDoor is one that nothing has ever come out of.
func frozenDoor(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") // connections are taken for it, and never read
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// A broker that says nothing while it is logged in to keeps nobody from the others.
func TestALoginAtAFrozenBroker(t *testing.T) {
	t.Parallel()
	c := newCluster(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "p", "secret"))
	live := c.ListenAddrs()[0]
	// the group begins with the first one, the client with one at random
	cfg := config([]string{frozenDoor(t), live, live, live, live, live})
	cfg.SASL = &cluster.SASL{Mechanism: "PLAIN", Username: "p", Password: "secret"}
	r := start(t, cfg)
	eventually(t, "it is in the group", func() bool { return r.Ready() == nil })
}

// Where all brokers are frozen before the login, both a signal and the limit for a silent cluster end the runner.
func TestALoginAtAFrozenCluster(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]time.Duration{"it is told to end": time.Hour, "the limit": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config([]string{frozenDoor(t)})
			cfg.SASL = &cluster.SASL{Mechanism: "PLAIN", Username: "p", Password: "secret"}
			cfg.SilentClusterTimeout = silent
			r := start(t, cfg)
			if silent == time.Hour {
				eventually(t, "it says why it is not in the group", func() bool {
					err := r.Ready()
					return err != nil && strings.Contains(err.Error(), "not in the consumer group: ")
				})
				if err := r.end(); err != nil {
					t.Error(err)
				}
				return
			}
			eventually(t, "it ends by itself", func() bool { return len(r.ended) > 0 })
			if err := r.end(); err == nil || !strings.Contains(err.Error(), "has answered nothing for") {
				t.Error(err)
			}
		})
	}
}
