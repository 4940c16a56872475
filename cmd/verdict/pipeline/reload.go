package pipeline

import (
	"context"
	"errors"
	"os"
	"time"

	"go.uber.org/zap"
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
	settle  func(context.Context) // what is read twice, with this between, and is the same, is whole

	rules   *Rules // that decide
	runs    string // the sum of what these were loaded from
	refused string // that of what was refused last, or unsteady; "": the last look was content
}

// settleFor is how far apart these two are.
func settleFor(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(200 * time.Millisecond):
	}
}

const (
	// mostReads is how often one look reads what changes all the time.
	mostReads = 10
	// unsteady stands for the sum of such.
	unsteady = "unsteady"
)

// errUnsteady is why rules that change all the time are refused.
var errUnsteady = errors.New("the rules' files change faster than they can be read: swap a link to a directory " +
	"that is whole")

// run looks every interval, which may be 0 for never, and when asked, until ctx is done.
func (l *reloader) run(ctx context.Context, interval time.Duration, asked <-chan os.Signal) {
	var tick <-chan time.Time
	if interval > 0 && len(l.dirs) > 0 {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			l.look(ctx, false)
		case <-asked:
			l.look(ctx, true)
		}
	}
}

// look takes over what has changed. Who has asked for it is told what was found in any case.
func (l *reloader) look(ctx context.Context, asked bool) {
	found, err := l.read(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		if l.refused != unsteady || asked {
			l.refuse(unsteady, nil, err)
		}
	case found.sum == l.runs:
		l.stand(asked)
	case found.sum != l.refused || asked:
		l.takeOver(found)
	}
}

// read reads the directories until what is there is known, or twice the same.
func (l *reloader) read(ctx context.Context) (*snapshot, error) {
	found := takeSnapshot(l.dirs)
	for range mostReads {
		if found.sum == l.runs || found.sum == l.refused {
			return found, nil
		}
		if l.settle(ctx); ctx.Err() != nil {
			return nil, ctx.Err()
		}
		before := found
		if found = takeSnapshot(l.dirs); found.sum == before.sum {
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
		err = l.drops(l.rules, next)
	}
	if err != nil {
		l.refuse(found.sum, next, err)
		return
	}
	before := l.running()
	l.use(next)
	l.rules, l.runs, l.refused = next, found.sum, ""
	l.metrics.taken(next.Catalog.Version)
	l.log.Info("other rules decide from now on", l.running(), zap.String("before", before.String),
		zap.Duration("took", time.Since(began)))
}

// refuse tells why the rules that were found, if they could be loaded, do not decide.
func (l *reloader) refuse(content string, found *Rules, err error) {
	l.refused = content
	l.metrics.refuse()
	fields := []zap.Field{l.running(), zap.Strings("directories", l.dirs), zap.Error(err)}
	if found != nil {
		fields = append(fields, zap.String("refused", found.Catalog.Version))
	}
	l.log.Error("the rules' files have changed and are refused, and the rules of before go on deciding: mend the "+
		"files, or put back what was there", fields...)
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
