package main

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestStatus: records wait for nobody, an instance decides them, and it is gone.
func TestStatus(t *testing.T) {
	c, _ := startKafka(t)
	settings := []string{"VERDICT_KAFKA_BROKERS=" + c.Broker(), "VERDICT_OUTPUT_FORMAT=json",
		"VERDICT_KAFKA_INSTANCE_ID=pod-1"}
	status := func() (code int, text string) {
		t.Helper()
		var out, errs strings.Builder
		code = run([]string{"status", "--set", "kafka.brokers=" + c.Broker()},
			streams{strings.NewReader(""), &out, &errs})
		return code, out.String() + errs.String()
	}
	says := func(want int, words ...string) {
		t.Helper()
		var code int
		var text string
		await(t, patience, func() bool {
			code, text = status()
			for _, word := range words {
				if !strings.Contains(text, word) {
					return false
				}
			}
			return code == want
		}, func() string { return fmt.Sprintf("exit code %d, want %d and %q\n%s", code, want, words, text) })
	}
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	record := func() {
		t.Helper()
		r := &kgo.Record{Topic: "idv.raw.v1", Key: []byte("k"), Value: []byte("{")}
		if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	record()
	says(exitRejected, "FAILED  nobody is in the group verdict, which has never been, and a record waits: start",
		"0 members, 3 partitions; 1 record waits, the oldest for ", "  nobody\n")
	p := startProcess(t, settings, "verdict", "run")
	web := "http://" + p.awaitLog("verdict is starting")["http"].(string)
	awaitAnswer(t, web+"/readyz", http.StatusOK, "ready")
	says(exitOK, "ok      group verdict: 1 member, 3 partitions; no record waits", "idv.raw.v1/2  pod-1  0    -")
	p.signal(syscall.SIGTERM)
	p.awaitExit(0)
	record()
	says(exitRejected, "nobody is in the group verdict, and a record waits")
}
