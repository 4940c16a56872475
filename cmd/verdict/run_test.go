package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
)

// TestRun: a process becomes ready against a cluster and a registry, and SIGTERM ends it with 0.
func TestRun(t *testing.T) {
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	makeTopics(t, c, cfg)
	p := startProcess(t, []string{"VERDICT_KAFKA_BROKERS=" + c.Broker(), "VERDICT_REGISTRY_URL=" + c.RegistryURL(),
		"VERDICT_TOPICS_SETTINGS=switched.off.v1:retention.ms=1"}, // a run does not look at them
		"verdict", "run")
	web := "http://" + p.awaitLog("verdict is starting")["http"].(string)
	if instance, _ := p.awaitLog("joining the consumer group")["instance"].(string); instance == "" {
		t.Error("the log does not say under which name it joins")
	}
	awaitAnswer(t, web+"/readyz", http.StatusOK, "ready")
	awaitAnswer(t, web+"/healthz", http.StatusOK, "ok")
	awaitAnswer(t, web+"/metrics", http.StatusOK, "verdict_build_info{")
	awaitAnswer(t, web+"/metrics", http.StatusOK, "\nverdict_ready 1\n")
	awaitAnswer(t, web+"/", http.StatusOK, `href="/readyz"`)
	awaitAnswer(t, web+"/status", http.StatusOK, `"state":"deciding"`)
	awaitAnswer(t, web+"/elsewhere", http.StatusNotFound, "")
	p.signal(syscall.SIGTERM)
	p.awaitLog("stopped")
	p.awaitExit(0)
}

// TestRunWaitsForTheRegistry: it is alive, says what it waits for, and can be stopped meanwhile.
func TestRunWaitsForTheRegistry(t *testing.T) {
	p := startProcess(t, []string{"VERDICT_REGISTRY_URL=http://127.0.0.1:1"}, "verdict", "run")
	web := "http://" + p.awaitLog("verdict is starting")["http"].(string)
	p.awaitLog("waiting for the schema registry")
	awaitAnswer(t, web+"/readyz", http.StatusServiceUnavailable, "the schema registry does not answer")
	awaitAnswer(t, web+"/status", http.StatusOK, "the schema registry does not answer")
	awaitAnswer(t, web+"/metrics", http.StatusOK, "\nverdict_ready 0\n")
	if _, text := get(t, web+"/metrics"); strings.Contains(text, "\nverdict_registry_errors_total 0\n") {
		t.Error("no request to the registry is counted as failed")
	}
	awaitAnswer(t, web+"/healthz", http.StatusOK, "ok")
	p.signal(syscall.SIGINT)
	p.awaitExit(0)
}

// TestRunEndsWhenTheRegistryRefuses: another schema than the registry allows needs a person.
func TestRunEndsWhenTheRegistryRefuses(t *testing.T) {
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"error_code":409,"message":"reader lacks outcome"}`))
	}))
	defer registry.Close()
	p := startProcess(t, []string{"VERDICT_REGISTRY_URL=" + registry.URL}, "verdict", "run")
	reason, _ := p.awaitLog("ended by an error")["error"].(string)
	if !strings.Contains(reason, "reader lacks outcome") || !strings.Contains(reason, "idv.decisions.v1-value") {
		t.Errorf("the log says %q", reason)
	}
	p.awaitExit(1)
}

// TestRunWithoutKafka: nothing ends, and readyz says why nothing moves.
func TestRunWithoutKafka(t *testing.T) {
	p := startProcess(t, []string{"VERDICT_OUTPUT_FORMAT=json", "VERDICT_KAFKA_BROKERS=127.0.0.1:1"}, "verdict", "run")
	web := "http://" + p.awaitLog("verdict is starting")["http"].(string)
	awaitAnswer(t, web+"/readyz", http.StatusServiceUnavailable, "not ready: ")
	p.signal(syscall.SIGTERM)
	p.awaitExit(0)
}

func TestRunNeedsItsAddress(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := startProcess(t, []string{"VERDICT_OUTPUT_FORMAT=json", "VERDICT_HTTP_ADDRESS=" + taken.Addr().String()},
		"verdict", "run")
	p.awaitExit(1)
	if !strings.Contains(p.text.String(), "http.address: listen tcp "+taken.Addr().String()) {
		t.Errorf("stderr: %s", p.text.String())
	}
}

// stubborn is a program that never ends by itself.
func stubborn() {
	ctx, _ := untilSignal(context.Background(), pipeline.NewLogger(standardStreams().err, "info", "json"))
	log := pipeline.NewLogger(standardStreams().err, "info", "json")
	log.Info("working")
	<-ctx.Done()
	log.Info("finishing for ever", zap.Error(ctx.Err()))
	select {}
}

// TestSecondSignalEndsAtOnce, whatever the process is doing.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		p := startProcess(t, nil, "stubborn")
		p.awaitLog("working")
		p.signal(signal)
		p.awaitLog("finishing for ever")
		again := time.NewTicker(20 * time.Millisecond) // the first ones count as an echo
		defer again.Stop()
		for ended := false; !ended; {
			select {
			case <-p.ended:
				ended = true
			case <-again.C:
				p.signal(signal)
			}
		}
		p.awaitExit(code)
	}
}
