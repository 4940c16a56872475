//go:build unix

package faults

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

// echo answers each line with the same line.
func echo(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if _, err := conn.Write(append(lines.Bytes(), '\n')); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

type caller struct {
	net.Conn
	answers *bufio.Reader
}

func dial(t *testing.T, p *proxy) caller {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return caller{conn, bufio.NewReader(conn)}
}

// say sends a line and waits for the answer.
func (c caller) say(limit time.Duration) error {
	if err := c.SetDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	if _, err := c.Write([]byte("hello\n")); err != nil {
		return err
	}
	_, err := c.answers.ReadString('\n')
	return err
}

func TestProxyBreaksTheNetwork(t *testing.T) {
	p := startProxy(t, mustPort(t), echo(t))
	c := dial(t, p)
	if err := c.say(5 * time.Second); err != nil {
		t.Fatalf("healthy: %v", err)
	}
	if err := poll(t.Context(), 5*time.Second, "the bytes are counted", func() error { // behind what it passes on
		if up, down := p.up.Load(), p.down.Load(); up != 6 || down != 6 {
			return fmt.Errorf("%d up and %d down instead of 6", up, down)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}

	p.set(network{held: true})
	if err := c.say(200 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("held: %v instead of silence", err)
	}
	p.set(network{})
	if _, err := c.waitLine(); err != nil {
		t.Errorf("what was held did not come: %v", err)
	}

	p.set(network{latency: 100 * time.Millisecond})
	begin := time.Now()
	if err := c.say(5 * time.Second); err != nil || time.Since(begin) < 200*time.Millisecond {
		t.Errorf("slow: an answer after %s, %v", time.Since(begin), err)
	}
	p.set(network{})

	if n := p.cut(); n != 1 {
		t.Errorf("cut %d connections instead of one", n)
	}
	if err := c.say(5 * time.Second); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("cut: %v instead of a reset", err)
	}
	if err := dial(t, p).say(5 * time.Second); err != nil {
		t.Errorf("a new connection after the cut: %v", err)
	}

	p.refuse()
	if conn, err := net.Dial("tcp", p.address); err == nil {
		conn.Close()
		t.Error("refused: a connection")
	}
	p.listen()
	if err := dial(t, p).say(5 * time.Second); err != nil {
		t.Errorf("listening again: %v", err)
	}
}

func (c caller) waitLine() (string, error) {
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	return c.answers.ReadString('\n')
}
