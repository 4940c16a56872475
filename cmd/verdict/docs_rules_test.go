package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/screen"
)

// TestRulesPage does what docs/rules.md shows, in the order of the page: it writes its files, types its commands, with
// a Kafka of its own in the place of the page's, and compares what they print. With -update it writes that anew: of
// blocks of which the page leaves something out, the catalogs' versions alone.
func TestRulesPage(t *testing.T) {
	t.Parallel()
	cluster, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Stop)
	w := &walk{t: t, dir: t.TempDir(), tools: linkRulesPageTools(t), broker: cluster.Broker(),
		versions: map[string]string{}}
	path := filepath.Join(root, "docs/rules.md")
	page := read(t, path)
	current := shownBlock.ReplaceAllStringFunc(page, func(block string) string {
		m := shownBlock.FindStringSubmatch(block)
		if m[1] != "" {
			w.write(m[1], m[2] != "", m[3])
			return block
		}
		return "```console\n" + w.typeAll(m[4]) + "```"
	})
	w.stop()
	current = w.withVersions(current)
	if *update && !t.Failed() && current != page {
		w.must(os.WriteFile(path, []byte(current), 0o600))
	}
	if w.typed < 20 {
		t.Errorf("the page has %d commands, which cannot be all", w.typed)
	}
}

// shownBlock is a file behind its name, or what is typed and printed.
var shownBlock = regexp.MustCompile("(?s)\n`([\\w./-]+)`(, appended)?:\n\n```\\w+\n(.*?)```|```console\n(.*?)```")

// pageBroker is the page's Kafka.
const pageBroker = "127.0.0.1:9092"

// walk is somebody who goes through the page.
type walk struct {
	t        *testing.T
	dir      string
	tools    string // stands first in PATH
	broker   string
	versions map[string]string // of the page, to those of the catalog as it is today
	typed    int
	running  *exec.Cmd // verdict run
}

func (w *walk) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *walk) write(name string, more bool, text string) {
	w.t.Helper()
	path, flags := filepath.Join(w.dir, name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC
	if more {
		flags = os.O_APPEND | os.O_WRONLY
	}
	file, err := os.OpenFile(path, flags, 0o600)
	w.must(err)
	_, err = file.WriteString(strings.ReplaceAll(text, pageBroker, w.broker))
	w.must(errors.Join(err, file.Close()))
}

// typeAll types the commands of a block, and returns the block as it has to be.
func (w *walk) typeAll(block string) string {
	w.t.Helper()
	var typed, all strings.Builder
	finish := func(shown string) {
		if typed.Len() > 0 {
			all.WriteString(typed.String() + w.typeOne(strings.TrimPrefix(typed.String(), "$ "), shown))
		}
		typed.Reset()
	}
	shown, open := "", false // open: the command goes on in the next line
	for line := range strings.Lines(block) {
		begins := strings.HasPrefix(line, "$ ")
		if begins && !open {
			finish(shown)
			shown = ""
		}
		if begins || open {
			typed.WriteString(line)
			open = strings.HasSuffix(line, "|\n") || strings.HasSuffix(line, "\\\n")
		} else {
			shown += line
		}
	}
	finish(shown)
	return all.String()
}

// typeOne types a command and returns what the page has to show.
func (w *walk) typeOne(command, shown string) string {
	w.t.Helper()
	w.typed++
	if strings.HasPrefix(command, "verdict run ") {
		w.start(strings.TrimSuffix(command, " &\n"))
		return shown
	}
	// What another process does becomes visible some time later.
	limit := time.Now()
	if strings.HasPrefix(command, "kcat -C") || strings.HasPrefix(command, "grep ") {
		limit = limit.Add(patience)
		if *update {
			limit = time.Now().Add(3 * time.Second)
		}
	}
	for {
		printed := w.printed(command)
		problem := w.compare(shown, printed)
		if problem == "" {
			return shown
		}
		if time.Now().Before(limit) {
			continue
		}
		if !*update || strings.Contains("\n"+shown, "\n...\n") {
			w.t.Errorf("docs/rules.md: $ %s%s\nit printed\n%s", command, problem, printed)
		}
		return wrapShown(printed)
	}
}

// printed is what a command prints, and the exit code if that is not 0.
func (w *walk) printed(command string) string {
	w.t.Helper()
	c := w.shell(command)
	out, err := c.CombinedOutput()
	text := strings.ReplaceAll(string(out), w.broker, pageBroker)
	exit, failed := errors.AsType[*exec.ExitError](err)
	if failed {
		text += fmt.Sprintf("(exit code %d)\n", exit.ExitCode())
	} else {
		w.must(err)
	}
	return text
}

func (w *walk) shell(command string) *exec.Cmd {
	c := exec.CommandContext(w.t.Context(), "sh", "-c", strings.ReplaceAll(command, pageBroker, w.broker))
	c.Dir = w.dir
	c.Env = append(cleanEnvironment(), "PATH="+w.tools+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return c
}

// start has the program run in the background, in the place of one that does.
func (w *walk) start(command string) {
	w.t.Helper()
	w.stop()
	w.running = w.shell("exec " + command)
	w.running.Env = append(w.running.Env, "VERDICT_HTTP_ADDRESS=127.0.0.1:0",
		"VERDICT_CATALOG_RELOAD_INTERVAL=100ms")
	w.must(w.running.Start())
}

func (w *walk) stop() {
	w.t.Helper()
	if w.running == nil {
		return
	}
	w.must(w.running.Process.Signal(syscall.SIGTERM))
	if err := w.running.Wait(); err != nil {
		log, _ := os.ReadFile(filepath.Join(w.dir, "verdict.log"))
		w.t.Errorf("verdict run: %v\n%s", err, log)
	}
	w.running = nil
}

// ofTheCatalog is what changes with the built-in catalog, which this page is not about: its version, how much it has,
// and in which lines.
var ofTheCatalog = regexp.MustCompile(`\d+\.\d+\.\d+\+[0-9a-f]{6}` +
	`|\d+ (?:vocabularies|statuses|codes)\b|\d+ cases of the built-in|cases/[\w-]+\.yaml:\d+|\(line \d+\)` +
	`|\bfourthline-idv\.yaml:\d+`)

var digits = regexp.MustCompile(`\d+`)

// compare says in what the text that is shown is not what was printed. Where lines break does not count, and a line of
// three dots stands for any lines. Versions differ where those of the page do.
func (w *walk) compare(shown, printed string) string {
	w.t.Helper()
	var pattern, part strings.Builder
	var versions []string
	finish := func() {
		more, found := patternOf(part.String())
		pattern.WriteString(more)
		versions = append(versions, found...)
		part.Reset()
	}
	for line := range strings.Lines(shown) {
		if line == "...\n" {
			finish()
			pattern.WriteString("(?:.* )?")
		} else {
			part.WriteString(oneLine(line))
		}
	}
	finish()
	m := regexp.MustCompile("^" + pattern.String() + "$").FindStringSubmatch(oneLine(printed))
	if m == nil {
		return "which is not what it prints"
	}
	return w.sameVersions(versions, m[1:])
}

// oneLine has one blank behind each word.
func oneLine(text string) string {
	words := strings.Join(strings.Fields(text), " ")
	if words == "" {
		return ""
	}
	return words + " "
}

// patternOf is a regular expression for a text, with a group for each version that is in it.
func patternOf(text string) (pattern string, versions []string) {
	at := 0
	for _, m := range ofTheCatalog.FindAllStringIndex(text, -1) {
		pattern += regexp.QuoteMeta(text[at:m[0]])
		found := text[m[0]:m[1]]
		at = m[1]
		if strings.Contains(found, "+") {
			versions = append(versions, found)
			pattern += `(\d+\.\d+\.\d+\+[0-9a-f]{6})`
		} else {
			pattern += digits.ReplaceAllString(regexp.QuoteMeta(found), `\d+`)
		}
	}
	return pattern + regexp.QuoteMeta(text[at:]), versions
}

// sameVersions has each version of the page be one of the catalog, and no two the same one.
func (w *walk) sameVersions(shown, printed []string) string {
	known := maps.Clone(w.versions)
	for i, page := range shown {
		for other, is := range known {
			if (other == page) != (is == printed[i]) {
				return fmt.Sprintf("has %s where it prints %s, and %s is %s", page, printed[i], other, is)
			}
		}
		known[page] = printed[i]
	}
	w.versions = known
	return ""
}

// withVersions has the versions of the catalog as it is today, which a page must show: a reader compares them with what
// the program prints.
func (w *walk) withVersions(page string) string {
	w.t.Helper()
	var pairs []string
	for shown, is := range w.versions {
		if shown != is && !*update {
			w.t.Errorf("docs/rules.md shows the catalog %s where it is %s: go test ./cmd/verdict -run TestRulesPage -update",
				shown, is)
		}
		pairs = append(pairs, shown, is)
	}
	return strings.NewReplacer(pairs...).Replace(page)
}

// wrapShown breaks lines that are too wide for a page.
func wrapShown(text string) string {
	var b bytes.Buffer
	for line := range strings.Lines(text) {
		if len(line) <= widestLine {
			b.WriteString(line)
			continue
		}
		blanks := len(line) - len(strings.TrimLeft(line, " "))
		indent := strings.Repeat(" ", blanks)
		b.WriteString(indent + screen.Wrap(line, widestLine, indent+"  ") + "\n")
	}
	return b.String()
}
