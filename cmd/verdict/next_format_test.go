package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"verdict/rules"
)

// What docs/formats.md tells to do for another provider is done here for a made-up one, whose bodies are its own: one
// file beside the others of a catalog, and the program as it is reads its events. UPDATE_SCRIPTS=1 writes what it
// prints into decided.txt.
func TestNextFormat(t *testing.T) {
	const example = "testdata/kestrel/"
	catalog := t.TempDir()
	if err := os.CopyFS(catalog, rules.EmbeddedFS()); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(catalog, "kestrel-person.yaml"), readFile(t, example+"kestrel-person.yaml"))
	verdict := func(args ...string) string {
		command := exec.Command("verdict", args...)
		command.Env = append(cleanEnvironment(), "NO_COLOR=1", "VERDICT_CATALOG_DIR="+catalog)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("verdict %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}

	decided := example + "decided.txt"
	for _, input := range []string{"kestrel", "auto"} {
		out := verdict("decide", "--input", input, example+"kestrel.jsonl")
		if os.Getenv("UPDATE_SCRIPTS") != "" {
			writeFile(t, decided, []byte(out))
		}
		if want := string(readFile(t, decided)); out != want {
			t.Errorf("decide --input %s prints\n%s\nwanted\n%s", input, out, want)
		}
	}
	verdict("check", "--set", "output.format=json", "--set", "topics.raw=webhooks.kestrel:kestrel")
	if help := verdict("decide", "--help"); !strings.Contains(help, "kestrel,") {
		t.Errorf("the help says\n%s", help)
	}
	if names := verdict("__complete", "decide", "--input", ""); !strings.Contains(names, "\nkestrel\n") {
		t.Errorf("a shell completes --input with\n%s", names)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
