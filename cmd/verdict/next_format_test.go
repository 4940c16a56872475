package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What docs/formats.md tells to do for another provider is done here for a made-up one, in a copy of the project, and then
// the program that comes of it reads its events. UPDATE_SCRIPTS=1 writes what it prints into decided.txt.
func TestNextFormat(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew")
	}
	root, example := copyProject(t), "testdata/kestrel/"
	formats := filepath.Join(root, "processor/codec")
	copyFile(t, example+"kestrel.jsonl", filepath.Join(formats, "testdata/formats/kestrel.jsonl"))
	copyFile(t, example+"format_kestrel.go.txt", filepath.Join(formats, "format_kestrel.go"))
	copyFile(t, example+"kestrel-person.yaml", filepath.Join(root, "rules/catalog/kestrel-person.yaml"))
	list := filepath.Join(formats, "format.go")
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	const before, after = "compile(yousign, ubbleV2, checkout, fourthline)", "compile(yousign, ubbleV2, checkout, fourthline, kestrel)"
	if bytes.Count(text, []byte(before)) != 1 {
		t.Fatalf("%s has no list %s", list, before)
	}
	writeFile(t, list, bytes.Replace(text, []byte(before), []byte(after), 1))

	goCommand(t, root, "test", "-vet=off", "./processor/codec", "-run", "TestFormatsGolden|TestFormatsReuse|TestAutoReads", "-update")
	golden, err := os.ReadFile(filepath.Join(formats, "testdata/formats/kestrel.golden.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(golden, []byte("\n")); lines != 4 || bytes.Contains(golden, []byte("Beeblebrox")) {
		t.Errorf("the golden file has %d lines:\n%s", lines, golden)
	}

	binary := filepath.Join(root, "verdict-with-kestrel")
	goCommand(t, root, "build", "-o", binary, "./cmd/verdict")
	decided := example + "decided.txt"
	for _, input := range []string{"kestrel", "auto"} {
		command := exec.Command(binary, "decide", "--input", input, example+"kestrel.jsonl")
		command.Env = append(cleanEnvironment(), "NO_COLOR=1")
		out, err := command.Output()
		if err != nil {
			t.Fatalf("decide --input %s: %v", input, err)
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

// copyProject copies what it takes to build the program.
func copyProject(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, part := range []string{"processor", "rules", "schemas", "cmd"} {
		if err := os.CopyFS(filepath.Join(root, part), os.DirFS("../../"+part)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		copyFile(t, "../../"+file, filepath.Join(root, file))
	}
	return root
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, content)
}

func goCommand(t *testing.T, directory string, args ...string) {
	t.Helper()
	command := exec.Command("go", args...)
	command.Dir = directory
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
