package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdict/rules"
)

// Whatever lies in the directory, only what is whole and stands all tests decides; the rest is told once.
func TestReload(t *testing.T) {
	l := newReloading(t)
	l.lookAgain()
	l.stands("first", 0, 0, "")

	good := writeRules(t, "second")
	l.link(good)
	l.lookAgain()
	l.stands("second", 1, 0, "other rules decide from now on")
	l.lookAgain()
	l.stands("second", 1, 0, "")

	for i, c := range []struct {
		name, said string
		spoil      func(dir string)
	}{
		{"broken", "yousign-video.yaml:1:1", func(dir string) {
			write(t, filepath.Join(dir, "yousign-video.yaml"), "nonsense: true\n")
		}},
		{"torn", "fourthline-idv.yaml:", func(dir string) {
			name := filepath.Join(dir, "fourthline-idv.yaml")
			content, _ := os.ReadFile(name)
			write(t, name, string(content[:len(content)/2]))
		}},
		{"empty", "catalog.yaml", func(dir string) { removeAll(t, dir) }},
		{"vanished", "cannot read the directory", func(dir string) { removeAll(t, dir); _ = os.Remove(dir) }},
		{"unreadable", "cannot read the file", func(dir string) {
			name := filepath.Join(dir, "ubble-idv.yaml")
			if err := errors.Join(os.Remove(name), os.Symlink("nowhere", name)); err != nil {
				t.Fatal(err)
			}
		}},
		{"failing", "a case that fails", func(string) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := writeRules(t, c.name)
			c.spoil(bad)
			l.link(bad)
			l.lookAgain()
			l.stands("second", 1, i+1, c.said)
			l.lookAgain()
			l.stands("second", 1, i+1, "")
		})
	}

	// The same as before all these: nothing to take over, and all is well.
	l.link(good)
	l.lookAgain()
	l.stands("second", 1, 6, "the rules' files are those that decide again")
	l.link(writeRules(t, "third"))
	l.lookAgain()
	l.stands("third", 2, 6, "second")
}

// Rules whose cases are gone are not tested any more: only a restart takes them.
func TestReloadNeedsTheCases(t *testing.T) {
	l := newReloading(t)
	l.link(writeRules(t, "finished"))
	l.lookAgain()
	l.stands("finished", 1, 0, "other rules decide")
	l.link(writeRules(t, "second"))
	l.lookAgain()
	l.stands("finished", 1, 1, "no cases any more in "+filepath.Join(l.dir, "cases")+", ")
	link := writeRules(t, "third")
	cases := filepath.Join(link, rules.CasesDir)
	if err := errors.Join(os.Remove(cases), os.Symlink("nowhere", cases)); err != nil {
		t.Fatal(err)
	}
	l.link(link)
	l.lookAgain()
	l.stands("finished", 1, 2, "cannot list the directory of cases")
}

// A file that is something else altogether has a refusal of a length that a log can take.
func TestReloadRefusesBriefly(t *testing.T) {
	l := newReloading(t)
	dir := writeRules(t, "second")
	write(t, filepath.Join(dir, "ubble-idv.yaml"), "codes:\n"+strings.Repeat("  - {}\n", 50_000))
	write(t, filepath.Join(dir, "veriff-idv.yaml"), "codes: *"+strings.Repeat("x", 50_000)+"\n")
	l.link(dir)
	l.lookAgain()
	text := fmt.Sprint(l.logs.All()[0].ContextMap()["error"])
	l.stands("first", 0, 1, "lines more, `verdict check` with the same settings has them all")
	if lines := strings.Count(text, "\n") + 1; len(text) > 10_000 || lines > briefLines+1 {
		t.Errorf("it has %d bytes in %d lines", len(text), lines)
	}
}

// Who asks is told what was found, also where it is nothing new.
func TestReloadWhenAsked(t *testing.T) {
	l := newReloading(t)
	l.look(t.Context(), true)
	l.stands("first", 0, 0, "are those that decide")
	l.link(writeRules(t, "failing"))
	l.lookAgain()
	l.stands("first", 0, 1, "a case that fails")
	l.look(t.Context(), true)
	l.stands("first", 0, 2, "a case that fails")

	builtIn := newReloading(t)
	builtIn.dirs, builtIn.runs = nil, takeSnapshot(nil).sum
	builtIn.look(t.Context(), true)
	builtIn.stands("first", 0, 0, "there are no files to look at")
}

// The log says what other rules change, what has gone with them, and which charges change without a date.
func TestReloadSaysWhatChanges(t *testing.T) {
	l := newReloading(t)
	l.differs = func(now, _ *rules.Catalog) []string {
		return []string{"a: one", "b: two of " + now.Version, "a: three"}
	}
	dir := writeRules(t, "second")
	if err := os.Remove(filepath.Join(dir, "ubble-idv.yaml")); err != nil {
		t.Fatal(err)
	}
	l.drops = func(*Rules, *Rules) error { return nil }
	l.link(dir)
	l.lookAgain()
	l.stands("second", 1, 0, "changed:[a: 2 b: 1]")
	back := writeRules(t, "third")
	l.link(back)
	l.lookAgain()
	l.logs.TakeAll()
	if err := os.Remove(filepath.Join(back, "ubble-idv.yaml")); err != nil {
		t.Fatal(err)
	}
	l.lookAgain()
	l.stands("third", 3, 0, "files:["+filepath.Join(l.dir, "ubble-idv.yaml")+"]")
	name := filepath.Join(back, "yousign-video.yaml")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, strings.Replace(string(content), "[approved, declined]}, flag: BILLABLE",
		"[approved, declined]}, flag: NOT_BILLABLE", 1))
	l.lookAgain()
	l.stands("third", 4, 0, "has no from")
}

// What events are decided by must not be dropped, be it named by a topic or needed since the process began.
func TestReloadDropsNothingInUse(t *testing.T) {
	without := func(t *testing.T, version, file string) string {
		dir := writeRules(t, version)
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	l := newReloading(t)
	l.link(without(t, "second", "ubble-idv.yaml"))
	l.lookAgain()
	l.stands("first", 0, 1, "the vocabulary ubble-idv (provider ubble, product") // it began with that
	more := writeRules(t, "third")
	write(t, filepath.Join(more, "kestrel-person.yaml"), kestrel(t))
	l.link(more)
	l.lookAgain()
	l.stands("third", 1, 1, "other rules decide")
	l.decided["person"] = true
	l.link(writeRules(t, "fourth"))
	l.lookAgain()
	l.stands("third", 1, 2, "the vocabulary kestrel-person (provider kestrel, product")
	l.decided["person"] = false
	l.look(t.Context(), true)
	l.stands("fourth", 2, 2, "other rules decide") // as it came

	other := newReloading(t) // what is under way is remembered by the vocabulary's name
	named := writeRules(t, "second")
	rename(t, filepath.Join(named, "ubble-idv.yaml"), "vocabulary: ubble-idv\n", "vocabulary: ubble-other\n")
	other.link(named)
	other.lookAgain()
	line := lineOf(t, filepath.Join(named, "ubble-idv.yaml"), "vocabulary: ")
	other.stands("first", 0, 1, fmt.Sprintf("error:%s:%d: the vocabulary ubble-idv (provider ubble, product "+
		"identity_verification) has the name ubble-other now, ", filepath.Join(other.dir, "ubble-idv.yaml"), line))

	auto := newReloading(t, "topics.raw=a:auto")
	renamed := writeRules(t, "second")
	rename(t, filepath.Join(renamed, "ubble-idv.yaml"), "name: checkout\n", "name: other\n")
	auto.link(renamed)
	auto.lookAgain()
	auto.stands("first", 0, 1, "the envelope checkout is gone")

	topic := newReloading(t, "topics.raw=a:checkout")
	topic.link(without(t, "second", "ubble-idv.yaml"))
	topic.lookAgain()
	topic.stands("first", 0, 1, "topic a: the format checkout is unknown")
}

// kestrel is a file with a provider that the built-in rules do not know.
func kestrel(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../testdata/kestrel/kestrel-person.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Where nothing but cases have changed, no one is told of other rules.
func TestReloadOfTheSameRules(t *testing.T) {
	l := newReloading(t)
	dir := writeRules(t, "first")
	write(t, filepath.Join(dir, "cases", "right.yaml"), strings.Replace(wrongCase, "DECLINED", "APPROVED", 1))
	l.link(dir)
	l.lookAgain()
	l.stands("first", 1, 0, "the same rules go on deciding, from other files")
	write(t, filepath.Join(dir, "catalog.yaml"), "version: second\n")
	l.lookAgain()
	l.stands("second", 2, 0, "other rules decide from now on")
}

// A case that has become true is no reason to stand still: the log says that its mark can go.
func TestFinishedCasesAreTold(t *testing.T) {
	l := newReloading(t)
	l.link(writeRules(t, "finished"))
	l.lookAgain()
	l.stands("finished", 1, 0, "cases pass that are marked with todo: remove the marks, so that the cases hold "+
		"from now on map[cases:["+filepath.Join(l.dir, "cases", "done.yaml")+":2: a case that fails] count:1]")
}
