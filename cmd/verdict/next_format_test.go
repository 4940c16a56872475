package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What docs/formats.md tells to do for another provider is done here for a made-up one, and then the program that
// comes of it reads its events. The compiler takes the new and changed files from an overlay, so that it compiles
// anew only what they change, and nothing at all the next time; the examples are in a copy. UPDATE_SCRIPTS=1 writes
// what the program prints into decided.txt.
func TestNextFormat(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew")
	}
	const example = "testdata/kestrel/"
	build := t.TempDir()
	overlay := filepath.Join(build, "overlay.json")
	writeFile(t, overlay, overlayOf(t, build, map[string]string{
		"processor/codec/format_kestrel.go": example + "format_kestrel.go.txt",
		"rules/catalog/kestrel-person.yaml": example + "kestrel-person.yaml",
	}))
	checkNextGolden(t, build, overlay, example+"kestrel.jsonl")

	decided := example + "decided.txt"
	for _, input := range []string{"kestrel", "auto"} {
		// go run keeps the program that it builds.
		command := exec.Command("go", "run", "-overlay", overlay, "-ldflags=-s -w", ".", "decide", "--input", input,
			example+"kestrel.jsonl")
		command.Env = append(cleanEnvironment(), "NO_COLOR=1")
		var problem bytes.Buffer
		command.Stderr = &problem
		out, err := command.Output()
		if err != nil {
			t.Fatalf("decide --input %s: %v\n%s", input, err, problem.Bytes())
		}
		if os.Getenv("UPDATE_SCRIPTS") != "" {
			writeFile(t, decided, out)
		}
		want, err := os.ReadFile(decided)
		if err != nil {
			t.Fatal(err)
		}
		if string(out) != string(want) {
			t.Errorf("decide --input %s prints\n%s\nwanted\n%s", input, out, want)
		}
	}
}

// overlayOf says which files of the project are to be taken from where: those of added, and the list of formats with
// one more.
func overlayOf(t *testing.T, build string, added map[string]string) []byte {
	t.Helper()
	const list, before, after = "processor/codec/formats.go",
		"compile(yousign, ubbleV2, checkout, fourthline, veriffDecision, veriffEvent)",
		"compile(yousign, ubbleV2, checkout, fourthline, veriffDecision, veriffEvent, kestrel)"
	text, err := os.ReadFile("../../" + list)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(text, []byte(before)) != 1 {
		t.Fatalf("%s has no list %s", list, before)
	}
	changed := filepath.Join(build, "format.go")
	writeFile(t, changed, bytes.Replace(text, []byte(before), []byte(after), 1))
	replace := map[string]string{absolute(t, "../../"+list): changed}
	for file, from := range added {
		replace[absolute(t, "../../"+file)] = absolute(t, from)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	return overlay
}

// checkNextGolden runs the tests of all formats with the new one, in a directory with its examples, where they write
// its golden file.
func checkNextGolden(t *testing.T, build, overlay, examples string) {
	t.Helper()
	formats := filepath.Join(build, "testdata/formats")
	if err := os.CopyFS(formats, os.DirFS("../../processor/codec/testdata/formats")); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(examples)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(formats, "kestrel.jsonl"), content)
	binary := filepath.Join(build, "codec.test")
	compile := exec.Command("go", "test", "-c", "-overlay", overlay, "-ldflags=-s -w", "-o", binary,
		"../../processor/codec")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", compile.Args, err, out)
	}
	command := exec.Command(binary, "-test.run", "TestFormatsGolden|TestFormatsReuse|TestAutoReads", "-test.v",
		"-update")
	command.Dir = build
	out, err := command.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestFormatsGolden/kestrel")) {
		t.Fatalf("the tests of formats: %v\n%s", err, out)
	}
	golden, err := os.ReadFile(filepath.Join(formats, "kestrel.golden.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(golden, []byte("\n")); lines != 4 || bytes.Contains(golden, []byte("Beeblebrox")) {
		t.Errorf("the golden file has %d lines:\n%s", lines, golden)
	}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
