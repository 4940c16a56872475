package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// room is one package's walls.
type room struct {
	path    string
	project []string // what it may import of the project, directly
	never   []string // what must not be linked in through it, at any depth
	std     []string // what it must not import of the standard library, directly; "net" means net/... too
	modules bool     // may import modules of others, directly
}

var rooms = []room{
	{path: "verdict/rules", modules: true, never: []string{"verdict"}},
	{path: "verdict/schemas", never: []string{"verdict"}},
	{path: "verdict/processor", project: []string{"verdict/rules"}, std: []string{"net", "os", "log"},
		never: []string{"verdict/processor", "verdict/schemas", "verdict/cmd", kafkaGo, avroModule}},
	{path: "verdict/processor/codec", project: []string{"verdict/processor", "verdict/schemas"}, modules: true,
		never: []string{"verdict/processor/kafka", "verdict/cmd", kafkaGo}},
	{path: "verdict/processor/kafka/wire", project: []string{"verdict/processor"}, modules: true, never: belowRunner},
	{path: "verdict/processor/kafka/cluster", project: []string{kafkaRoom + "wire"}, modules: true, never: belowRunner},
	{path: "verdict/processor/kafka/admin", project: []string{kafkaRoom + "wire", kafkaRoom + "cluster"}, modules: true, never: belowRunner},
	{path: "verdict/processor/kafka/scan", modules: true, never: belowRunner,
		project: []string{"verdict/processor", kafkaRoom + "wire", kafkaRoom + "cluster"}},
	{path: "verdict/processor/kafka", modules: true, never: belowRunner,
		project: []string{"verdict/processor", kafkaRoom + "wire", kafkaRoom + "cluster", kafkaRoom + "admin"}},
	{path: "verdict/processor/kafka/faults"}, // tests only
	{path: "verdict/cmd/verdict", modules: true,
		project: []string{"verdict/rules", "verdict/schemas", "verdict/processor", "verdict/processor/codec", "verdict/processor/kafka",
			kafkaRoom + "wire", kafkaRoom + "cluster", kafkaRoom + "admin"}},
}

// kafkaRoom is where the runner's own rooms are.
const kafkaRoom = "verdict/processor/kafka/"

// belowRunner is what neither the runner nor one of its rooms may know: what records say, and who asks.
var belowRunner = []string{"verdict/processor/codec", "verdict/schemas", "verdict/cmd", avroModule}

const (
	kafkaGo    = "github.com/segmentio/kafka-go"
	avroModule = "github.com/hamba/avro"
)

// listed is what `go list -json` says about a package.
type listed struct {
	ImportPath, Dir string
	Standard        bool
	GoFiles         []string
	Imports, Deps   []string
}

func TestRoomsKeepTheirWalls(t *testing.T) {
	packages := listPackages(t)
	for _, r := range rooms {
		p, ok := packages[r.path]
		if !ok {
			t.Errorf("there is no package %s", r.path)
			continue
		}
		for _, problem := range r.problems(p, packages) {
			t.Errorf("%s: %s", r.path, problem)
		}
	}
	for path := range packages {
		if within(path, "verdict") && !slices.ContainsFunc(rooms, func(r room) bool { return r.path == path }) {
			t.Errorf("%s has no row in the table of rooms: say what it may import", path)
		}
	}
}

func (r *room) problems(p listed, packages map[string]listed) []string {
	var problems []string
	for _, path := range p.Imports {
		switch {
		case within(path, "verdict"):
			if !slices.Contains(r.project, path) {
				problems = append(problems, "imports the room "+path)
			}
		case packages[path].Standard:
			if slices.ContainsFunc(r.std, func(std string) bool { return within(path, std) }) {
				problems = append(problems, "imports "+path+" of the standard library")
			}
		case !r.modules:
			problems = append(problems, "imports the module "+path)
		}
	}
	for _, path := range p.Deps {
		if slices.ContainsFunc(r.never, func(never string) bool { return within(path, never) }) {
			problems = append(problems, "depends on "+path)
		}
	}
	return problems
}

// within says whether path is root or below it; a version at its end, as in avro/v2, is below.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// TestOneRoomKnowsEachClient: kafka-go and the Avro library are each imported by a single room.
func TestOneRoomKnowsEachClient(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, path := range p.Imports {
			if !within(p.ImportPath, "verdict") {
				continue
			}
			if within(path, kafkaGo) && !within(p.ImportPath, "verdict/processor/kafka") {
				t.Errorf("%s imports %s, which only processor/kafka may", p.ImportPath, path)
			}
			if within(path, avroModule) && p.ImportPath != "verdict/processor/codec" {
				t.Errorf("%s imports %s, which only processor/codec may", p.ImportPath, path)
			}
		}
	}
}

// TestCoreHasNoClock: the same event must give the same bytes whenever it is decided.
func TestCoreHasNoClock(t *testing.T) {
	p := listPackages(t)["verdict/processor"]
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "Tick"}, call.Sel.Name) {
				t.Errorf("%s uses time.%s", name, call.Sel.Name)
			}
			return true
		})
	}
}

func TestWithinKnowsBorders(t *testing.T) {
	if !within("net/http", "net") || !within("net", "net") || within("netip", "net") {
		t.Error("net/http and net are within net, netip is not")
	}
}

func listPackages(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,GoFiles,Imports,Deps", "verdict/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string]listed{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}
