package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	// Not among testscript's commands: those stand before the real ones for every test.
	if tool := rulesPageTools[filepath.Base(os.Args[0])]; tool != nil {
		tool()
		return
	}
	testscript.Main(m, map[string]func(){"verdict": main, "stubborn": stubborn, "hostile": hostileMain})
}

// TestScripts drives the program as a person types it, see testdata/script. Run with UPDATE_SCRIPTS=1 to write what
// the program prints now into the scripts, and read the difference.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			kestrel, err := filepath.Abs("testdata/kestrel")
			env.Setenv("KESTREL", kestrel)
			return err
		},
	})
}
