//go:build unix

package faults

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	seedFlag = flag.Uint64("faults.seed", 0,
		"repeats a run's events, order of faults and victims; 0 takes one from the clock")
	eventsFlag   = flag.Int("faults.events", 20_000, "least number of events of a scenario")
	rateFlag     = flag.Int("faults.rate", 500, "events per second")
	durationFlag = flag.Duration("faults.duration", 0,
		"least time of a scenario; each fault comes at least once in any case")
	onlyFlag = flag.String("faults.only", "", "names of faults, with commas between; empty: all")
	allFlag  = flag.Bool("faults.all", false,
		"all faults in each scenario; otherwise some scenarios leave out what others have")
	soakFlag = flag.Duration("faults.soak", 0, "how long TestSoak runs; 0 skips it")
	keysFlag = flag.Int("faults.keys", 1_000_000,
		"verifications that TestJoinsAndLeaves gives one partition before anybody joins")
	joinsFlag = flag.Duration("faults.joins", 10*time.Minute,
		"how long TestJoinsAndLeaves has instances join and leave")
	keepFlag = flag.String("faults.keep", "", "directory that keeps logs and data")
)

// buildDir is where the program under test is built.
var buildDir string

func TestMain(m *testing.M) {
	flag.Parse()
	if *seedFlag == 0 {
		*seedFlag = uint64(time.Now().UnixNano()) % 1_000_000
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "verdict-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	buildDir = dir
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, "goroutines of the suite itself were left behind:", err)
			return 1
		}
	}
	return code
}
