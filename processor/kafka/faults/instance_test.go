//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// build builds the program once for all scenarios.
var build = sync.OnceValues(func() (string, error) {
	program := filepath.Join(buildDir, "verdict")
	out, err := exec.Command("go", "build", "-o", program, "verdict/cmd/verdict").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building cmd/verdict: %w\n%s", err, out)
	}
	return program, nil
})

// instance is one process of Verdict. It may be started and ended many times; its slot at the brokers stays.
type instance struct {
	t        testing.TB
	slot     int
	stableID string // kafka.instance_id; "": a random one at each start
	program  string
	logFile  string
	port     int
	settings map[string]string
	*process
}

func (s *stage) newInstance(slot int, stableID string) *instance {
	s.t.Helper()
	program, err := build()
	if err != nil {
		s.t.Fatal(err)
	}
	i := &instance{t: s.t, slot: slot, stableID: stableID, program: program, port: mustPort(s.t)}
	i.logFile = filepath.Join(s.dir, i.label()+".log")
	i.settings = map[string]string{
		"KAFKA_BROKERS": s.cluster.bootstrap(slot), "KAFKA_GROUP": s.group, "KAFKA_INSTANCE_ID": stableID,
		"KAFKA_CLIENT_ID": i.label(), "TOPICS_RAW": s.names.raw + ":canonical",
		"TOPICS_DECISIONS": s.names.outputs[decisions],
		"TOPICS_BILLING":   s.names.outputs[billing], "TOPICS_RISK": s.names.outputs[risk],
		"TOPICS_DEADLETTER": s.names.outputs[deadLetters], "TOPICS_VERIFICATIONS": s.names.outputs[table],
		"TOPICS_OVERDUE": s.names.outputs[overdue],
		"HTTP_ADDRESS":   loopback(i.port), "LOG_FORMAT": "json",
		// in every other instance two side by side, or else what the load needs: mostly one
		"BATCH_UNITS": strconv.Itoa(slot % 2 * 2),
	}
	maps.Copy(i.settings, s.settings)
	return i
}

// label names the instance in what the suite prints.
func (i *instance) label() string {
	if i.stableID == "" {
		return fmt.Sprintf("instance-%d", i.slot)
	}
	return fmt.Sprintf("instance-%d-stable", i.slot)
}

// start runs the program; it does not wait until it is ready.
func (i *instance) start() {
	var env []string
	for _, key := range slices.Sorted(maps.Keys(i.settings)) {
		env = append(env, "VERDICT_"+key+"="+i.settings[key])
	}
	i.process = startProcess(i.t, i.label(), i.logFile, env, i.program, "run")
}

func (i *instance) url(path string) string { return "http://" + loopback(i.port) + path }

// awaitReady waits until /readyz says yes.
func (i *instance) awaitReady(ctx context.Context, limit time.Duration) error {
	return poll(ctx, limit, i.label()+" ready", func() error {
		if !i.running() {
			return fmt.Errorf("it ended with exit code %d; its log: %s", i.exitCode(), lastLines(i.logFile))
		}
		return i.readiness(ctx)
	})
}

// readiness is what /readyz says: nil if the instance is ready.
func (i *instance) readiness(ctx context.Context) error {
	return get(ctx, i.url("/readyz"), func(res *http.Response) error {
		if res.StatusCode == http.StatusOK {
			return nil
		}
		text, err := io.ReadAll(res.Body)
		return errors.Join(errors.New(strings.TrimSpace(string(text))), err)
	})
}

func (i *instance) metrics(ctx context.Context) (s sample, err error) {
	err = get(ctx, i.url("/metrics"), func(res *http.Response) error {
		s, err = parseMetrics(res.Body)
		return err
	})
	return s, err
}

// partitions waits until the instance has some, and says which.
func (i *instance) partitions(ctx context.Context) (list []int32, err error) {
	err = poll(ctx, time.Minute, i.label()+" having partitions", func() error {
		s, err := i.metrics(ctx)
		if err != nil {
			return err
		}
		if list = s.partitions(); len(list) == 0 {
			return errors.New("it has none")
		}
		return nil
	})
	return list, err
}
