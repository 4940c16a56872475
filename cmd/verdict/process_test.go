package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/processor/kafka"
)

// process is the program as a child, for tests of signals and of what is on the network.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan map[string]any // its log
	ended chan struct{}
	text  lockedText // of stderr
}

// patience bounds what a test waits for; nothing that works takes that long.
const patience = 20 * time.Second

// startProcess starts a command of TestMain.
func startProcess(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(name, args...), lines: make(chan map[string]any, 1000),
		ended: make(chan struct{})}
	p.cmd.Env = append(append(cleanEnvironment(), "VERDICT_HTTP_ADDRESS=127.0.0.1:0"), env...)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.collect(stderr)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // unless it has ended
		<-p.ended
	})
	return p
}

func (p *process) collect(stderr io.Reader) {
	defer close(p.ended)
	for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
		p.text.add(scanner.Text())
		var line map[string]any
		if json.Unmarshal(scanner.Bytes(), &line) == nil {
			p.lines <- line
		}
	}
	_ = p.cmd.Wait() // the code is in ProcessState
}

// awaitLog returns the next log line with this message.
func (p *process) awaitLog(message string) map[string]any {
	p.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case line := <-p.lines:
			if line["msg"] == message {
				return line
			}
		case <-limit:
			p.t.Fatalf("no log line %q in\n%s", message, p.text.String())
		}
	}
}

func (p *process) signal(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s) // it may have ended already
}

func (p *process) awaitExit(code int) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("it does not end:\n%s", p.text.String())
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d:\n%s", got, code, p.text.String())
	}
}

// awaitAnswer asks until the answer has this code and text.
func awaitAnswer(t *testing.T, url string, code int, text string) {
	t.Helper()
	limit := time.After(patience)
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		gotCode, gotText := get(t, url)
		if gotCode == code && strings.Contains(gotText, text) {
			return
		}
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("%s: %d %s, want %d with %q", url, gotCode, gotText, code, text)
		}
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(line + "\n")
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// madePartitions is how many partitions the topics of makeTopics have.
const madePartitions = 3

// makeTopics makes the topics that a process with these settings reads and writes.
func makeTopics(t *testing.T, c *local.Cluster, cfg *config.Loaded) {
	t.Helper()
	if err := c.CreateTopics(madePartitions, topicsOf(cfg)...); err != nil {
		t.Fatal(err)
	}
}

// topicsOf names what a process with these settings reads and writes.
func topicsOf(cfg *config.Loaded) []string {
	names := cfg.OutputTopics()
	for _, raw := range cfg.Topics.Raw {
		names = append(names, raw.Name)
		if cfg.StateOn() {
			names = append(names, kafka.Changelog(cfg.Kafka.Group, raw.Name))
		}
	}
	return names
}

// startKafka brings a Kafka in this process up, with the topics of the default settings.
func startKafka(t *testing.T) (*local.Cluster, *config.Loaded) {
	t.Helper()
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	makeTopics(t, c, cfg)
	return c, cfg
}
