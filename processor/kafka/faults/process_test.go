//go:build unix

package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a program that the suite runs: a broker or an instance of Verdict. Whatever way a test ends, its process
// ends too: by the test's cleanup, and where the test binary itself is killed, by the kernel (orphan_linux_test.go).
type process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed once it has ended
	err  error         // how it ended; read after done
}

// startProcess runs a program. What it prints is appended to the file logTo.
func startProcess(t testing.TB, name, logTo string, env []string, program string, args ...string) *process {
	t.Helper()
	out, err := os.OpenFile(logTo, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatalf("%s: its log: %v", name, err)
	}
	defer out.Close()
	p := &process{name: name, cmd: exec.Command(program, args...), done: make(chan struct{})}
	p.cmd.Env = append(slices.DeleteFunc(os.Environ(), isSetting), env...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(p.cmd.SysProcAttr)
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(p.kill)
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p
}

// isSetting says whether a variable would configure the program (or be refused by it, as the suite's own would).
func isSetting(variable string) bool { return strings.HasPrefix(variable, "VERDICT_") }

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

func (p *process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("%s (pid %d): signal %v: %w", p.name, p.pid(), s, err)
	}
	return nil
}

// kill ends the process with kill -9, also a stopped one, and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// terminate ends the process with SIGTERM. Past the limit it is killed, which is an error, as is an exit code other
// than want.
func (p *process) terminate(limit time.Duration, want int) error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-time.After(limit):
		p.kill()
		return fmt.Errorf("%s (pid %d) was still there %s after SIGTERM, and was killed", p.name, p.pid(), limit)
	}
	if got := p.exitCode(); got != want {
		return fmt.Errorf("%s (pid %d) ended after SIGTERM with exit code %d instead of %d", p.name, p.pid(), got, want)
	}
	return nil
}

// exitCode is that of a process that has ended; -1 if a signal ended it.
func (p *process) exitCode() int {
	var exit *exec.ExitError
	switch {
	case p.err == nil:
		return 0
	case errors.As(p.err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// freeze stops the process where it is; thaw lets it go on.
func (p *process) freeze() error { return p.signal(syscall.SIGSTOP) }
func (p *process) thaw() error   { return p.signal(syscall.SIGCONT) }
