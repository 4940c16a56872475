package cluster

import (
	"errors"
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// deaf takes connections and never answers.
func deaf(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestSilentBrokersArePassedOver(t *testing.T) {
	const a, b, elsewhere = "a:9092", "b:9092", "c:9092"
	s := newSilence([]string{"a", b})
	passed := func(want bool, address, when string) {
		t.Helper()
		if got := s.passesOver(address); got != want {
			t.Errorf("%s, %s: passed over: %v", address, when, got)
		}
	}
	passed(false, a, "when nothing is known")
	s.note(elsewhere, true)
	passed(false, elsewhere, "which is not configured")
	s.note(a, true)
	passed(true, a, "when it is silent")
	passed(false, b, "when only the other is silent")
	s.note(b, true)
	passed(false, a, "when all are silent")
	passed(false, b, "when all are silent")
	s.note(b, false)
	s.noted[a] = time.Now().Add(-avoidFor)
	passed(false, a, "after a while")
	passed(true, a, "while somebody tries it")
	s.note(a, false)
	passed(false, a, "when it has answered")
}

func TestASingleBrokerIsNeverPassedOver(t *testing.T) {
	s := newSilence([]string{"a:9092"})
	s.note("a:9092", true)
	if s.passesOver("a:9092") {
		t.Error("there is no other one")
	}
}

// A request to a silent broker ends soon, also while logging in, and those that were sent or would be sent to it end
// with it.
func TestControlConnectionsToASilentBroker(t *testing.T) {
	address := deaf(t).Addr().String()
	s := newSilence([]string{address, "b:9092"})
	t.Cleanup(s.close)
	conns := newControlConns(s, 20*time.Millisecond)
	dial := func() net.Conn {
		t.Helper()
		c, err := conns.dial(t.Context(), controlNetwork, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	first, second := dial(), dial()
	if err := errors.Join(first.SetDeadline(time.Now().Add(time.Hour)), first.SetDeadline(time.Time{})); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the first connection: %v", err)
	}
	if _, err := second.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the other connection: %v", err)
	}
	if _, err := conns.dial(t.Context(), controlNetwork, address); err == nil {
		t.Error("it is not passed over")
	}
	if leader, err := conns.dial(t.Context(), "tcp", address); err != nil {
		t.Errorf("it is passed over as a leader, whom nobody can stand in for: %v", err)
	} else {
		leader.Close()
	}
}

// A broker that answers late is asked again at once.
func TestALateAnswerEndsTheSilence(t *testing.T) {
	l := deaf(t)
	s := newSilence([]string{l.Addr().String(), "b:9092"})
	t.Cleanup(s.close)
	c, err := newControlConns(s, time.Millisecond).dial(t.Context(), controlNetwork, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	broker, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	if err := c.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Fatal("an answer")
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Fatal(err)
	}
	if !s.passesOver(c.(*controlConn).address) {
		t.Error("it is not passed over")
	}
	if _, err := broker.Write([]byte("late")); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); s.passesOver(c.(*controlConn).address); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("it is still passed over")
		}
	}
}
