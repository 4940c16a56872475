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
	project []string // what it may import of the project, directly; the command's rooms also rules/wording
	never   []string // what must not be linked in through it, at any depth
	std     []string // what it must not import of the standard library, directly; "net" means net/... too
	modules bool     // may import modules of others, directly
}

var rooms = []room{
	{path: "verdict/rules/wording", never: []string{"verdict"}},
	{path: "verdict/rules", modules: true, project: []string{"verdict/rules/wording"}, never: []string{"verdict"}},
	{path: "verdict/schemas", never: []string{"verdict"}},
	{path: "verdict/processor", project: []string{"verdict/rules"}, std: []string{"net", "os", "log"},
		never: []string{"verdict/processor", "verdict/schemas", "verdict/cmd", kafkaGo, avroModule}},
	{path: "verdict/processor/state", project: []string{"verdict/processor", "verdict/rules"},
		std: []string{"net", "os", "log"},
		never: []string{"verdict/processor/codec", "verdict/processor/kafka", "verdict/schemas", "verdict/cmd", kafkaGo,
			avroModule}},
	{path: "verdict/processor/codec", project: []string{"verdict/processor", "verdict/rules", "verdict/rules/wording",
		"verdict/schemas"}, modules: true,
		never: []string{"verdict/processor/kafka", "verdict/cmd", kafkaGo}},
	{path: "verdict/processor/kafka/wire", project: []string{"verdict/processor"}, modules: true, never: belowRunner},
	{path: "verdict/processor/kafka/cluster", project: []string{kafkaRoom + "wire"}, modules: true, never: belowRunner},
	{path: "verdict/processor/kafka/admin", project: []string{kafkaRoom + "wire", kafkaRoom + "cluster"}, modules: true,
		never: belowRunner},
	{path: "verdict/processor/kafka/scan", modules: true, never: belowRunner,
		project: []string{"verdict/processor", kafkaRoom + "wire", kafkaRoom + "cluster"}},
	{path: "verdict/processor/kafka/transact", modules: true, never: belowRunner,
		project: []string{"verdict/processor", kafkaRoom + "wire", kafkaRoom + "cluster"}},
	{path: kafkaRoom + "upkeep", modules: true, never: belowRunner,
		project: []string{"verdict/processor", "verdict/processor/state", kafkaRoom + "wire", kafkaRoom + "cluster",
			kafkaRoom + "scan", kafkaRoom + "transact", kafkaRoom + "admin"}},
	{path: kafkaRoom + "overview", modules: true, never: belowRunner,
		project: []string{"verdict/processor", kafkaRoom + "cluster", kafkaRoom + "scan", kafkaRoom + "transact"}},
	{path: kafkaRoom + "table", modules: true, never: belowRunner,
		project: []string{"verdict/processor", kafkaRoom + "wire", kafkaRoom + "cluster", kafkaRoom + "scan",
			kafkaRoom + "transact", kafkaRoom + "admin"}},
	{path: "verdict/processor/kafka", modules: true, never: belowRunner,
		project: []string{"verdict/processor", kafkaRoom + "wire", kafkaRoom + "cluster", kafkaRoom + "transact",
			kafkaRoom + "admin", kafkaRoom + "scan", "verdict/processor/state"}},
	{path: "verdict/processor/kafka/faults"}, // tests only
	{path: cmdRoom + "screen", modules: true, project: []string{"verdict/rules/wording"}, never: []string{"verdict"}},
	{path: cmdRoom + "config", modules: true, never: []string{cobraModule},
		project: []string{cmdRoom + "screen", "verdict/processor", codecRoom, "verdict/processor/kafka",
			kafkaRoom + "wire", kafkaRoom + "cluster"}},
	{path: cmdRoom + "show", modules: true, never: []string{codecRoom, "verdict/processor/kafka", cobraModule},
		project: []string{cmdRoom + "screen", "verdict/processor", "verdict/rules"}},
	{path: cmdRoom + "web", modules: true, project: []string{cmdRoom + "show"}, never: []string{cobraModule}},
	{path: cmdRoom + "cases", modules: true, never: []string{"verdict/processor/kafka", cobraModule},
		project: []string{cmdRoom + "screen", "verdict/rules", "verdict/processor", "verdict/processor/state",
			codecRoom}},
	{path: cmdRoom + "pipeline", modules: true, never: []string{cobraModule},
		project: append([]string{cmdRoom + "screen", cmdRoom + "config", cmdRoom + "cases", cmdRoom + "web"},
			append(coreRooms, kafkaRoom+"scan")...)},
	{path: cmdRoom + "events", modules: true, project: []string{"verdict/rules", "verdict/processor", codecRoom}},
	{path: cmdRoom + "local", modules: true, project: []string{"verdict/processor"}},
	// A tool knows the pipeline and never another tool.
	{path: cmdRoom + "demo", modules: true, project: append(toolRooms, coreRooms...), never: []string{cobraModule}},
	{path: cmdRoom + "bench", modules: true, project: append(toolRooms, coreRooms...), never: []string{cobraModule}},
	{path: cmdRoom + "decide", modules: true, project: append(toolRooms, coreRooms...), never: []string{cobraModule}},
	{path: cmdRoom + "topics", modules: true, project: append(toolRooms, coreRooms...), never: []string{cobraModule}},
	{path: cmdRoom + "check", modules: true, project: append(toolRooms, coreRooms...), never: []string{cobraModule}},
	{path: cmdRoom + "schemas", modules: true, project: append(toolRooms, coreRooms...), never: []string{cobraModule}},
	{path: cmdRoom + "generate", modules: true, project: append(toolRooms, coreRooms...), never: []string{cobraModule}},
	{path: cmdRoom + "diff", modules: true, never: []string{cobraModule},
		project: slices.Concat(toolRooms, coreRooms, []string{kafkaRoom + "scan"})},
	{path: cmdRoom + "explain", modules: true, never: []string{cobraModule},
		project: slices.Concat(toolRooms, coreRooms, []string{kafkaRoom + "scan"})},
	{path: cmdRoom + "state", modules: true, never: []string{cobraModule},
		project: slices.Concat(toolRooms, coreRooms, []string{"verdict/processor/state", kafkaRoom + "upkeep"})},
	{path: cmdRoom + "status", modules: true, never: []string{cobraModule},
		project: slices.Concat(toolRooms, coreRooms, []string{kafkaRoom + "overview"})},
	{path: cmdRoom + "publish", modules: true, never: []string{cobraModule},
		project: slices.Concat(toolRooms, coreRooms, []string{kafkaRoom + "table"})},
	{path: "verdict/cmd/verdict", modules: true, project: slices.Concat(coreRooms, toolRooms,
		[]string{cmdRoom + "cases", cmdRoom + "demo", cmdRoom + "bench", cmdRoom + "decide", cmdRoom + "check",
			cmdRoom + "generate", cmdRoom + "state", cmdRoom + "publish", cmdRoom + "diff",
			cmdRoom + "explain", cmdRoom + "status", cmdRoom + "schemas", cmdRoom + "topics"})},
}

// coreRooms are all but those of the command.
var coreRooms = []string{"verdict/rules", "verdict/schemas", "verdict/processor", "verdict/processor/state", codecRoom,
	"verdict/processor/kafka", kafkaRoom + "wire", kafkaRoom + "cluster", kafkaRoom + "admin"}

// toolRooms are what the command's tools share.
var toolRooms = []string{cmdRoom + "screen", cmdRoom + "config", cmdRoom + "show", cmdRoom + "pipeline",
	cmdRoom + "events", cmdRoom + "local"}

// cmdRoom is where the command's own rooms are.
const (
	cmdRoom   = "verdict/cmd/verdict/"
	codecRoom = "verdict/processor/codec"
)

// kafkaRoom is where the runner's own rooms are.
const kafkaRoom = "verdict/processor/kafka/"

// belowRunner is what neither the runner nor one of its rooms may know: what records say, and who asks.
var belowRunner = []string{"verdict/processor/codec", "verdict/schemas", "verdict/cmd", avroModule}

const (
	kafkaGo    = "github.com/segmentio/kafka-go"
	avroModule = "github.com/hamba/avro"

	cobraModule = "github.com/spf13/cobra"
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
			if !slices.Contains(r.project, path) &&
				!(path == "verdict/rules/wording" && within(r.path, "verdict/cmd")) {
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
		if slices.Contains(r.project, path) {
			continue
		}
		if slices.ContainsFunc(r.never, func(never string) bool { return within(path, never) }) {
			problems = append(problems, "depends on "+path)
		}
	}
	return problems
}

// within says whether path is root or below it; a version at its end, as in avro/v2, is below.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// clients are modules that only some rooms may import, directly; a room's own rooms may too, unless it is the
// command's.
var clients = map[string][]string{
	kafkaGo:     {"verdict/processor/kafka"},
	avroModule:  {codecRoom},
	cobraModule: {"verdict/cmd/verdict"},
	// Real work is kafka-go's: the second client is that of a person's trials.
	"github.com/twmb/franz-go/pkg/kgo":   {cmdRoom + "local", cmdRoom + "bench"},
	"github.com/twmb/franz-go/pkg/kfake": {cmdRoom + "local"},
}

// TestFewRoomsKnowEachClient: a module that is the matter of few rooms is imported by no other.
func TestFewRoomsKnowEachClient(t *testing.T) {
	for _, p := range listPackages(t) {
		if !within(p.ImportPath, "verdict") {
			continue
		}
		for _, path := range p.Imports {
			for client, allowed := range clients {
				may := slices.ContainsFunc(allowed, func(room string) bool {
					return p.ImportPath == room || room != "verdict/cmd/verdict" && within(p.ImportPath, room)
				})
				if within(path, client) && !may {
					t.Errorf("%s imports %s, which only %s may", p.ImportPath, path, strings.Join(allowed, " and "))
				}
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
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until",
				"After", "Tick"}, call.Sel.Name) {
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
