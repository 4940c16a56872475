package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDecideStreams writes each line only after the decision of the one before has come: as behind tail -f.
func TestDecideStreams(t *testing.T) {
	for format, want := range map[string]string{"json": `{"decision":`, "table": "yousign-video "} {
		t.Run(format, func(t *testing.T) {
			in, typed := io.Pipe()
			shown, out := io.Pipe()
			ended := make(chan int, 1)
			go func() {
				ended <- run([]string{"decide", "--format", format}, streams{in, out, io.Discard})
				_ = out.Close()
			}()
			decisions := make(chan string, 10)
			go func() {
				defer close(decisions)
				for lines := bufio.NewScanner(shown); lines.Scan(); {
					if strings.HasPrefix(lines.Text(), want) {
						decisions <- lines.Text()
					}
				}
			}()
			// An event and half of the next line, which is a dead letter when it is complete.
			const event, half, rest = `{"provider":"yousign","product":"video","verification_id":"v-1","status":"approved"}` + "\n", `{"provi`, "der\":1}\n"
			for i := range 3 {
				_, _ = io.WriteString(typed, strings.Replace(event, "v-1", fmt.Sprint("v-", i), 1)+half)
				select {
				case <-decisions:
				case <-time.After(patience):
					t.Error("no decision came while the input was open")
				}
				_, _ = io.WriteString(typed, rest)
			}
			_ = typed.Close()
			if code := <-ended; code != exitOK {
				t.Errorf("exit code %d", code)
			}
			for range decisions {
				t.Error("a decision came late")
			}
		})
	}
}

// A line above the limit says how long it is, though it is not kept; the line after it is decided.
func TestDecideALongLine(t *testing.T) {
	const event = `{"provider":"yousign","product":"video","verification_id":"v-1","status":"approved"}`
	var out, errs strings.Builder
	in := strings.NewReader(strings.Repeat("x", 3<<20) + "\r\n" + event + strings.Repeat(" ",
		1024-len(event)) + "\r\n" + event + "\n")
	code := run([]string{"decide", "--stateless", "--format", "json", "--set", "limits.value_bytes=1024"}, streams{in, &out, &errs})
	lines := strings.Split(out.String(), "\n")
	if code != exitOK || len(lines) != 4 {
		t.Fatalf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
	const want = `{"dead_letter":{"reason":"too_large","detail":"the value has 3145728 bytes, the limit is 1024"}}`
	if lines[0] != want || !strings.HasPrefix(lines[1], `{"decision":`) ||
		!strings.HasPrefix(lines[2], `{"decision":`) {
		t.Errorf("printed\n%s", out.String())
	}
}

// Not every file has a name that JSON can write.
func TestDecideAFileOfAnyName(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events-\xff.jsonl")
	if err := os.WriteFile(file,
		[]byte(`{"provider":"yousign","product":"video","verification_id":"v-1","status":"approved"}`), 0o600); err != nil {
		t.Skipf("the file system takes no such name: %v", err)
	}
	var out, errs strings.Builder
	code := run([]string{"decide", "--format", "json", file}, streams{strings.NewReader(""), &out, &errs})
	if code != exitOK || !strings.Contains(out.String(), "events-\uFFFD.jsonl") {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
}
