// Command verdict decides what identity-verification events mean: from Kafka to Kafka (run), in a demonstration of
// its own (demo) or from a file (decide).
package main

import (
	"os"
)

func main() { os.Exit(run(os.Args[1:], standardStreams())) }

// run is the whole program; the result is its exit code.
func run(args []string, std streams) int {
	root := newRootCommand(std)
	root.SetArgs(args)
	completing(root, args)
	cmd, err := root.ExecuteC()
	if err != nil && cmd == root {
		err = noSuchCommand(root, args, err)
	}
	return std.report(cmd, err)
}
