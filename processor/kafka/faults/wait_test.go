//go:build unix

package faults

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// poll asks again and again, every 20 ms, until the answer is nil. Past the limit the last answer is the error.
func poll(ctx context.Context, limit time.Duration, what string, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: not within %s: %w", what, limit, err)
		case <-tick.C:
		}
	}
}

// pass lets time pass: faults have a length, and a distance from one another. It is never a way to wait for something.
func pass(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Ports above those that Linux gives to outgoing connections, so that nobody takes a broker's port while it is down.
const firstPort, lastPort = 61000, 65500

var ports = struct {
	sync.Mutex
	next int
}{next: firstPort + os.Getpid()*41%(lastPort-firstPort-500)} // another place for a suite that runs beside this one

// freePort is a loopback port that nobody listens on and that was not given out before.
func freePort() (int, error) {
	ports.Lock()
	defer ports.Unlock()
	for ports.next < lastPort {
		ports.next++
		l, err := net.Listen("tcp", loopback(ports.next))
		if err == nil {
			return ports.next, l.Close()
		}
	}
	return 0, fmt.Errorf("no free port between %d and %d", firstPort, lastPort)
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
