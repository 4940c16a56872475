package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What hostile clients do, all at once, as one program of theirs could.
const (
	hostileRequests = 200 // a second, over all pages, each by a connection of its own
	hostileOpened   = 50  // connections a second that send nothing, or half a request, and stay
	hostileHuge     = 4   // requests a second with a megabyte of header, and as many with a large body
	hostileSlow     = 16  // at a time that send a byte now and then, and as many that do not read the answer
	hostileKept     = 1000
)

// hostileMain is hostile clients as a process: it attacks an address until its input ends, and then prints how many
// requests were answered.
func hostileMain() {
	a := attack(context.Background(), os.Args[1])
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Println(a.end())
}

// attackers are hostile clients at work.
type attackers struct {
	address string
	stop    context.CancelFunc
	working sync.WaitGroup
	answers atomic.Int64
}

func attack(ctx context.Context, address string) *attackers {
	ctx, stop := context.WithCancel(ctx)
	a := &attackers{address: address, stop: stop}
	a.working.Go(func() { a.ask(ctx) })
	a.working.Go(func() { a.open(ctx) })
	huge := "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Huge: " + strings.Repeat("x", 1<<20)
	body := "POST /status HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n" + strings.Repeat("x", 1<<20)
	for _, text := range []string{huge, body} {
		a.working.Go(func() { each(ctx, hostileHuge, func(int) { a.say(ctx, text) }) })
	}
	for range hostileSlow {
		a.working.Go(func() { a.dribble(ctx) })
		a.working.Go(func() { a.refuseToRead(ctx) })
	}
	return a
}

// end ends them, and says how many requests were answered.
func (a *attackers) end() int64 {
	a.stop()
	a.working.Wait()
	return a.answers.Load()
}

// each does something so many times a second.
func each(ctx context.Context, perSecond int, do func(n int)) {
	ticks := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticks.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			do(n)
		}
	}
}

func (a *attackers) ask(ctx context.Context) {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	pages := []string{"/metrics", "/readyz", "/status", "/"}
	var asking sync.WaitGroup
	defer asking.Wait()
	each(ctx, hostileRequests, func(n int) {
		asking.Go(func() {
			request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.address+pages[n%len(pages)], nil)
			response, err := client.Do(request)
			if err != nil {
				return // it was in the way of the others
			}
			defer response.Body.Close()
			if _, err := io.Copy(io.Discard, response.Body); err == nil {
				a.answers.Add(1)
			}
		})
	})
}

// open opens connections and keeps the last of them.
func (a *attackers) open(ctx context.Context) {
	var kept []net.Conn
	defer func() {
		for _, conn := range kept {
			_ = conn.Close()
		}
	}()
	each(ctx, hostileOpened, func(n int) {
		conn := a.dial(ctx)
		if conn == nil {
			return
		}
		_, _ = io.WriteString(conn, []string{"", "GET /met"}[n%2])
		if kept = append(kept, conn); len(kept) > hostileKept {
			_ = kept[0].Close()
			kept = kept[1:]
		}
	})
}

// say sends something and waits for what comes of it.
func (a *attackers) say(ctx context.Context, text string) {
	if conn := a.dial(ctx); conn != nil {
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		if _, err := io.WriteString(conn, text); err == nil {
			_, _ = io.Copy(io.Discard, conn)
		}
	}
}

// dribble sends a request that does not come to its end, byte by byte.
func (a *attackers) dribble(ctx context.Context) {
	conn := a.dial(ctx)
	each(ctx, 20, func(int) {
		if conn != nil {
			if _, err := io.WriteString(conn, "G"); err == nil {
				return
			}
			_ = conn.Close()
		}
		conn = a.dial(ctx)
	})
	if conn != nil {
		_ = conn.Close()
	}
}

// refuseToRead asks for metrics again and again and reads no answer.
func (a *attackers) refuseToRead(ctx context.Context) {
	conn := a.dial(ctx)
	each(ctx, 5, func(int) {
		if conn != nil {
			_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
			if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"); err == nil {
				return
			}
			_ = conn.Close()
		}
		conn = a.dial(ctx)
	})
	if conn != nil {
		_ = conn.Close()
	}
}

// dial is nil where no connection comes about.
func (a *attackers) dial(ctx context.Context) net.Conn {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", a.address)
	if err != nil {
		return nil
	}
	return conn
}
