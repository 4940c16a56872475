package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// echo is how soon after the first signal another one is the same wish: timeout(1) and some supervisors send a signal
// to the process and then to its group, so that it comes twice.
const echo = 250 * time.Millisecond

// hangups are the SIGHUPs from now on, which would end the process otherwise. The function gives the signal back.
func hangups() (<-chan os.Signal, func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals, func() { signal.Stop(signals) }
}

// unreadToo lets the process go on when nobody reads its output any more (`verdict state reset --yes | head`): what it
// moves is not left half moved. It is for the life of the process; what is written then is lost.
func unreadToo() { signal.Ignore(syscall.SIGPIPE) }

// untilSignal returns a context that SIGINT or SIGTERM ends; a second signal ends the process at once, with exit code
// 130 or 143. The function gives the signals back.
func untilSignal(parent context.Context, log *zap.Logger) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		var first time.Time
		for {
			select {
			case s := <-signals:
				if first.IsZero() {
					first = time.Now()
					log.Info("stopping: finishing the open transactions; a second signal ends the process at once",
						zap.Stringer("signal", s))
					cancel()
				} else if time.Since(first) > echo {
					log.Warn("stopped at once; open transactions are left to their time-out", zap.Stringer("signal", s))
					os.Exit(exitSignal + int(s.(syscall.Signal)))
				}
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}
