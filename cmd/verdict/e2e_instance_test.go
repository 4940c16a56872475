package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// instance is one process of the built program.
type instance struct {
	t       *testing.T
	name    string
	command *exec.Cmd
	log     string // file
	ended   chan struct{}
	err     error // once ended
}

// start runs the program. More are settings as NAME=value, over the usual ones.
func (r *realParts) start(name string, more ...string) *instance {
	r.t.Helper()
	i := &instance{t: r.t, name: name, ended: make(chan struct{}), log: filepath.Join(r.t.TempDir(), name+".log")}
	log, err := os.Create(i.log)
	if err != nil {
		r.t.Fatal(err)
	}
	i.command = exec.Command(r.binary, "run")
	i.command.Env = r.environment(more...)
	i.command.Stdout, i.command.Stderr = log, log
	if err := i.command.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() {
		defer close(i.ended)
		i.err = i.command.Wait()
		_ = log.Close()
	}()
	r.t.Cleanup(func() {
		i.kill()
		if r.t.Failed() {
			r.t.Logf("the last lines of %s:\n%s", name, i.tail(40))
		}
	})
	return i
}

// kill ends the process as a crash of its machine would.
func (i *instance) kill() {
	_ = i.command.Process.Kill()
	<-i.ended
}

// stop asks the process to end, which it must do in order and in time.
func (i *instance) stop() {
	i.t.Helper()
	begun := time.Now()
	if err := i.command.Process.Signal(syscall.SIGTERM); err != nil {
		i.t.Fatalf("%s: SIGTERM: %v", i.name, err)
	}
	if code := i.exitCode(12 * time.Second); code != 0 {
		i.t.Fatalf("%s: exit code %d after SIGTERM", i.name, code)
	}
	if took := time.Since(begun); took > 9*time.Second {
		i.t.Errorf("%s: needed %s to end, more than the 8 s it promises", i.name, took)
	}
}

// exitCode waits for the end of the process.
func (i *instance) exitCode(limit time.Duration) int {
	i.t.Helper()
	select {
	case <-i.ended:
	case <-time.After(limit):
		i.t.Fatalf("%s: still running after %s", i.name, limit)
	}
	var exit *exec.ExitError
	if i.err != nil && !errors.As(i.err, &exit) {
		i.t.Fatalf("%s: %v", i.name, i.err)
	}
	return i.command.ProcessState.ExitCode()
}

// running fails the test at once if the process has ended.
func (i *instance) running() {
	i.t.Helper()
	select {
	case <-i.ended:
		i.t.Fatalf("%s ended: %v", i.name, i.err)
	default:
	}
}

// output is all that the process has logged.
func (i *instance) output() string {
	i.t.Helper()
	text, err := os.ReadFile(i.log)
	if err != nil {
		i.t.Fatal(err)
	}
	return string(text)
}

func (i *instance) tail(lines int) string {
	text, _ := os.ReadFile(i.log)
	all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte("\n")))
}

// quiet requires that the log holds no line of these levels.
func (i *instance) quiet(levels ...string) {
	i.t.Helper()
	for line := range strings.Lines(i.output()) {
		for _, level := range levels {
			if strings.Contains(line, `"level":"`+level+`"`) {
				i.t.Errorf("%s logged: %s", i.name, strings.TrimSpace(line))
			}
		}
	}
}
