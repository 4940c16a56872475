package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"verdict/cmd/verdict/config"
	"verdict/rules"
)

// Rules whose files change whenever they are read are none.
func TestReloadOfWhatNeverStands(t *testing.T) {
	l := newReloading(t)
	dir := writeRules(t, "restless")
	l.link(dir)
	changes := 0
	change := func(context.Context) {
		changes++
		write(t, filepath.Join(dir, "catalog.yaml"), fmt.Sprintf("version: restless.%d\n", changes))
	}
	for range mostReads + 3 {
		change(nil)
		l.look(t.Context(), false)
	}
	l.stands("first", 0, 1, "change faster than they can be read")
	l.settle = change
	l.look(t.Context(), true)
	l.stands("first", 0, 2, "change faster than they can be read")
	l.lookAgain()
	l.stands(fmt.Sprintf("restless.%d", changes), 1, 2, "other rules decide from now on")
}

// What the clock finds has to be the same for a while, be it whole as it is: what is half written mostly is, too. Who
// asks has it at once.
func TestReloadWaitsForWhatIsHalfWritten(t *testing.T) {
	l := newReloading(t)
	l.steady = time.Hour
	l.link(writeRules(t, "second"))
	for range 3 {
		l.look(t.Context(), false)
	}
	l.stands("first", 0, 0, "")
	if wait := l.untilNext(2 * time.Hour); wait < 59*time.Minute || wait > time.Hour {
		t.Errorf("it looks again after %s", wait)
	}
	l.since = l.since.Add(-l.steady)
	l.look(t.Context(), false)
	l.stands("second", 1, 0, "other rules decide from now on")
	if wait := l.untilNext(time.Minute); wait != time.Minute {
		t.Errorf("it looks again after %s", wait)
	}
	l.link(writeRules(t, "third"))
	l.look(t.Context(), false)
	l.look(t.Context(), true)
	l.stands("third", 2, 0, "other rules decide from now on")
	for interval, want := range map[time.Duration]time.Duration{0: leastSteady, time.Second: time.Second,
		5 * time.Second: mostSteady} {
		if got := steadyFor(interval); got != want {
			t.Errorf("with an interval of %s: %s, want %s", interval, got, want)
		}
	}
}

// A start reads what is there twice, too. It says that no case tests what it begins with.
func TestStartWaitsForWhatIsHalfWritten(t *testing.T) {
	dir := writeRules(t, "half")
	cfg, err := config.Load(config.Sources{Set: []string{"catalog.dir=" + dir, "output.format=json"}})
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zapcore.WarnLevel)
	p := &Pipeline{cfg: cfg, version: "test", log: zap.New(core), settle: func(context.Context) {
		write(t, filepath.Join(dir, "catalog.yaml"), "version: whole\n")
	}}
	if err := p.prepare(); err != nil {
		t.Fatal(err)
	}
	if got := p.rules.Catalog.Version; !strings.HasPrefix(got, "whole+") {
		t.Errorf("it starts by %s", got)
	}
	said := logs.FilterField(zap.String("cases", filepath.Join(dir, "cases")))
	if said.FilterMessageSnippet("write cases beside them").Len() != 1 {
		t.Errorf("it says %v", logs.All())
	}
	write(t, filepath.Join(dir, "cases", "one.yaml"), strings.Replace(wrongCase, "DECLINED", "APPROVED", 1))
	logs.TakeAll()
	if err := p.prepare(); err != nil || logs.Len() > 0 {
		t.Errorf("with a case: %v, %v", err, logs.All())
	}
}

// A look that does not come back is told, keeps no end waiting, and is made good by its end.
func TestALookThatHangs(t *testing.T) {
	l := newReloading(t)
	l.link(writeRules(t, "second"))
	l.lookAgain()
	l.stands("second", 1, 0, "other rules decide")
	l.link(writeRules(t, "third"))
	hangs, ends := make(chan struct{}), make(chan struct{})
	l.settle = func(context.Context) { <-hangs }
	l.patience = time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	go func() { defer close(ends); l.watch(ctx, true) }()
	for l.logs.FilterMessageSnippet("takes very long").Len() == 0 {
		runtime.Gosched()
	}
	if got := l.value("verdict_rules_last_reload_successful"); got != 0 {
		t.Errorf("success is %v while it hangs", got)
	}
	close(hangs)
	<-ends
	if got := l.value("verdict_rules_last_reload_successful"); got != 1 || len(l.taken) != 2 {
		t.Errorf("success is %v in the end, taken over are %v", got, l.taken)
	}
	if last := l.value("verdict_rules_last_look_timestamp_seconds"); time.Since(time.Unix(int64(last), 0)) > time.Minute {
		t.Errorf("the last look ended at %v", last)
	}

	never := make(chan struct{})
	l.link(writeRules(t, "fourth"))
	l.settle = func(context.Context) { <-never }
	ends = make(chan struct{})
	go func() { defer close(ends); l.watch(ctx, true) }()
	stop()
	<-ends // within endWithin
	close(never)
}

// What is no file is refused without a read, which might never end; what hides behind a dot is none.
func TestReloadReadsFilesAlone(t *testing.T) {
	l := newReloading(t)
	dir := writeRules(t, "second")
	write(t, filepath.Join(dir, ".#mine.yaml"), "nonsense: true\n")
	write(t, filepath.Join(dir, rules.CasesDir, ".mine.yaml"), "nonsense: true\n")
	l.link(dir)
	l.lookAgain()
	l.stands("second", 1, 0, "other rules decide")
	if _, err := rules.Load(os.DirFS(dir)); err != nil {
		t.Error(err)
	}
	if _, err := rules.LoadCases(os.DirFS(dir)); err != nil {
		t.Error(err)
	}
	if err := os.Symlink(os.DevNull, filepath.Join(dir, "pipe.yaml")); err != nil {
		t.Fatal(err)
	}
	l.lookAgain()
	l.stands("second", 1, 1, "it is no regular file")
}
