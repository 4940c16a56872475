package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"verdict/rules"
)

// reloader takes other rules over while the process decides. It looks at what the rules' files hold, and not for events
// of the file system: those do not come, come twice or come too early where links are swapped, as Kubernetes does. All
// that can fail comes before anything that runs is touched. What is refused is told once, until the content changes;
// what ran before goes on.
type reloader struct {
	dirs    []string
	load    func(*snapshot) (*Rules, error) // with all tests of a start
	drops   func(from, to *Rules) error     // why others cannot follow those that run, if so
	use     func(*Rules)                    // cannot fail
	metrics *rulesMetrics
	log     *zap.Logger
	settle  func(context.Context) // between two reads of who has asked
	differs differences           // nil: nobody can tell

	steady   time.Duration // for how long what the clock's looks find has to be the same
	patience time.Duration // how long a look may take before it is told that it hangs

	rules   *Rules   // that decide
	files   []string // what these were loaded from
	runs    string   // the sum of it
	refused string   // that of what was refused last, or unsteady; "": the last look was content

	seen    string // the sum of what was found last and has not been the same for long enough; "": nothing is
	since   time.Time
	changes int // how often in a row it was another
}

// settleFor is for how long rules have to stay the same where somebody waits for them: at a start, and on SIGHUP.
func settleFor(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(leastSteady):
	}
}

const (
	leastSteady = 200 * time.Millisecond
	mostSteady  = 2 * time.Second
	// mostReads is how often in a row the rules may be others before they are refused for that.
	mostReads = 10
	// unsteady stands for the sum of such.
	unsteady = "unsteady"
	// lookPatience is that of a process.
	lookPatience = 30 * time.Second
	// endWithin is how long an end waits for a look: one that hangs in a read of the file system may never come back.
	endWithin = time.Second
)

// steadyFor is for how long the same has to be found by looks at an interval: longer than a copy, or a person who saves
// several files, takes between two of them. Who looks more often wants it sooner.
func steadyFor(interval time.Duration) time.Duration {
	return max(leastSteady, min(mostSteady, interval))
}

// errUnsteady is why rules that change all the time are refused.
var errUnsteady = errors.New("the rules' files change faster than they can be read: swap a link to a directory " +
	"that is whole")

// run looks every interval, which may be 0 for never, and when asked, until ctx is done.
func (l *reloader) run(ctx context.Context, interval time.Duration, asked <-chan os.Signal) {
	byClock := interval > 0 && len(l.dirs) > 0
	wake := time.NewTimer(interval)
	defer wake.Stop()
	if !byClock {
		wake.Stop()
	}
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-wake.C:
			l.watch(ctx, false)
		case <-asked:
			l.watch(ctx, true)
		}
		if byClock && ctx.Err() == nil {
			wake.Reset(l.untilNext(interval))
		}
	}
}

// untilNext is how long until the clock's next look: what waits to have been the same for long enough has it sooner.
func (l *reloader) untilNext(interval time.Duration) time.Duration {
	if l.seen == "" {
		return interval
	}
	return min(interval, max(0, l.steady-time.Since(l.since)))
}

// watch has a look made, and tells if it hangs. While it does, no other one begins.
func (l *reloader) watch(ctx context.Context, asked bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.look(ctx, asked)
	}()
	slow := time.NewTimer(l.patience)
	defer slow.Stop()
	ending, hangs := ctx.Done(), false
	var end <-chan time.Time
	for {
		select {
		case <-done:
			l.metrics.looked(l.refused == "")
			if hangs && ctx.Err() == nil {
				l.log.Info("the look at the rules' files that took so long has come to its end", l.running())
			}
			return
		case <-slow.C:
			hangs = true
			l.metrics.success.Set(0)
			l.log.Error("a look at the rules' files takes very long, and no other one is made meanwhile; the rules of "+
				"before go on deciding: see whether their file system answers, and whether there are very many cases",
				l.running(),
				zap.Strings("directories", l.dirs), zap.Duration("for", l.patience))
		case <-ending:
			ending, end = nil, time.After(endWithin)
		case <-end:
			return
		}
	}
}

// look takes over what has changed. Who has asked for it is told what was found in any case.
func (l *reloader) look(ctx context.Context, asked bool) {
	found, err := l.find(ctx, asked)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		if l.refused != unsteady || asked {
			l.refuse(unsteady, nil, err)
		}
	case found == nil:
	case found.sum == l.runs:
		l.stand(asked)
	case found.sum != l.refused || asked:
		l.takeOver(found)
	}
}

// find reads what is there; nil if it is new and has not been the same for long enough.
func (l *reloader) find(ctx context.Context, asked bool) (*snapshot, error) {
	if asked {
		l.seen, l.changes = "", 0
		return readTwice(ctx, l.dirs, l.settle, l.knows)
	}
	found := takeSnapshot(l.dirs)
	switch {
	case l.knows(found):
	case found.sum != l.seen:
		l.seen, l.since = found.sum, time.Now()
		if l.changes++; l.changes > mostReads {
			return nil, errUnsteady
		}
		return nil, nil
	case time.Since(l.since) < l.steady:
		return nil, nil
	}
	l.seen, l.changes = "", 0
	return found, nil
}

// knows says whether it was decided already what becomes of this.
func (l *reloader) knows(found *snapshot) bool { return found.sum == l.runs || found.sum == l.refused }

// readTwice reads directories until what is there is known, or twice the same, with settle between.
func readTwice(ctx context.Context, dirs []string, settle func(context.Context),
	known func(*snapshot) bool) (*snapshot, error) {
	found := takeSnapshot(dirs)
	for range mostReads {
		if known(found) {
			return found, nil
		}
		if settle(ctx); ctx.Err() != nil {
			return nil, ctx.Err()
		}
		before := found
		if found = takeSnapshot(dirs); found.sum == before.sum {
			return found, nil
		}
	}
	return nil, errUnsteady
}

// takeOver has other rules decide, if nothing is wrong with them.
func (l *reloader) takeOver(found *snapshot) {
	began := time.Now()
	next, err := l.load(found)
	if err == nil {
		err = errors.Join(l.drops(l.rules, next), l.untested(found))
	}
	if err != nil {
		l.refuse(found.sum, next, err)
		return
	}
	before, had := l.rules, l.files
	l.use(next)
	l.rules, l.files, l.runs, l.refused = next, found.names(), found.sum, ""
	l.metrics.taken(next.Catalog.Version)
	said := "other rules decide from now on"
	if next.Catalog.Version == before.Catalog.Version {
		said = "the same rules go on deciding, from other files: cases, comments or the order of rows have changed"
	}
	l.log.Info(said, l.running(), zap.String("before", before.Catalog.Version),
		zap.Strings("changed", l.differs.counts(next.Catalog, before.Catalog)), zap.Duration("took", time.Since(began)))
	l.warn(before, had)
}

// untested says which directory has no cases any more, so that nothing would hold its rules to what they must say.
func (l *reloader) untested(found *snapshot) error {
	names := found.names()
	var gone []error
	for _, dir := range l.dirs {
		if hasCases(l.files, dir) && !hasCases(names, dir) {
			gone = append(gone, fmt.Errorf("there are no cases any more in %s, and nothing would hold the rules to "+
				"what they must say: put the cases back, or restart to go on without",
				filepath.Join(dir, rules.CasesDir)))
		}
	}
	return errors.Join(gone...)
}

// refuse tells why the rules that were found, if they could be loaded, do not decide.
func (l *reloader) refuse(content string, found *Rules, err error) {
	l.refused = content
	l.metrics.refuse()
	fields := []zap.Field{l.running(), zap.Strings("directories", l.dirs), zap.String("error", brief(err))}
	if found != nil {
		fields = append(fields, zap.String("refused", found.Catalog.Version))
	}
	l.log.Error("the rules' files have changed and are refused, and the rules of before go on deciding: mend the "+
		"files, or put back what was there", fields...)
}

const (
	briefLines = 20  // of an error in the log
	briefBytes = 500 // of a line of it
)

// brief is what a log has room for of an error that may have thousands of lines.
func brief(err error) string {
	lines := strings.Split(err.Error(), "\n")
	more := len(lines) - briefLines
	if more > 0 {
		lines = lines[:briefLines]
	}
	for i, line := range lines {
		if len(line) > briefBytes {
			lines[i] = strings.ToValidUTF8(line[:briefBytes], "") + "..."
		}
	}
	if more > 0 {
		lines = append(lines,
			fmt.Sprintf("and %d lines more, `verdict check` with the same settings has them all", more))
	}
	return strings.Join(lines, "\n")
}

// stand notes that what is there is what runs, be it again after something that was refused.
func (l *reloader) stand(asked bool) {
	switch {
	case l.refused != "":
		l.refused = ""
		l.metrics.taken(l.rules.Catalog.Version)
		l.log.Info("the rules' files are those that decide again", l.running())
	case asked && len(l.dirs) == 0:
		l.log.Info("the rules are the program's own: there are no files to look at", l.running())
	case asked:
		l.log.Info("the rules' files are those that decide", l.running(), zap.Strings("directories", l.dirs))
	}
}

func (l *reloader) running() zap.Field { return zap.String("rules_version", l.rules.Catalog.Version) }
