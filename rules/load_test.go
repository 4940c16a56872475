package rules_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

func TestOtherFilesAreLeftAlone(t *testing.T) {
	own := files(t)
	own["README.md"] = &fstest.MapFile{Data: []byte("\xff")}
	own["..data/x.yaml"] = &fstest.MapFile{Data: []byte("nothing")} // as a mounted config map has it
	own["cases/x.yaml"] = &fstest.MapFile{Data: []byte("nothing")}
	if got := load(t, own).Version; got != rules.Embedded().Version {
		t.Errorf("version %s", got)
	}
}

func TestUnreadableDirectory(t *testing.T) {
	_, err := rules.Load(brokenFS{})
	if want := ".:1:1: cannot list the catalog directory: no disk"; err == nil || err.Error() != want {
		t.Errorf("error %v, wanted %s", err, want)
	}
}

func TestUnreadableFile(t *testing.T) {
	own := files(t)
	_, err := rules.Load(halfBrokenFS{own})
	if err == nil || !strings.Contains(err.Error(), "yousign-video.yaml:1:1: cannot read the file: no disk") {
		t.Errorf("error %v", err)
	}
}

type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, errors.New("no disk") }

type halfBrokenFS struct{ fstest.MapFS }

func (h halfBrokenFS) Open(name string) (fs.File, error) {
	if name == "yousign-video.yaml" {
		return nil, errors.New("no disk")
	}
	return h.MapFS.Open(name)
}

// oneGoroutine leaves a long test out where -short has only what the race detector may find something in.
func oneGoroutine(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("one goroutine: nothing for the race detector")
	}
}

// numbered writes a format for each number below n.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// What a hostile file can do at most is be refused.
func TestHostileFiles(t *testing.T) {
	oneGoroutine(t)
	for name, content := range map[string]string{
		"deep flow":       strings.Repeat("[", 100_000),
		"deep mapping":    strings.Repeat("{a: ", 100_000),
		"deep block":      strings.Repeat("- ", 20_000) + "x",
		"laughs":          "a: &a [x]\n" + numbered("b%d: [*a, *a, *a]\n", 20_000),
		"laughs in steps": "a0: &a0 [x, x]\n" + numbered("a1%[1]d: &a1%[1]d [*a0, *a0]\n", 2_000),
		"many keys":       numbered("k%d: 1\n", 20_000),
		"many statuses":   "vocabulary: x\nstatuses:\n" + numbered("  - {name: s%d}\n", 20_000),
		"many billing": "vocabulary: x\nbilling:\n  rules:\n" +
			numbered("    - {name: b%d, when: {}, flag: BILLABLE, origin: policy}\n", 20_000),
		"many steps": "vocabulary: x\nstatuses:\n" + numbered("  - {name: s%d}\n", 64) + "flow:\n" +
			strings.Repeat("  - {from: ["+numbered("s%d, ", 64)+"], to: ["+numbered("s%d, ", 64)+"], origin: source}\n", 256),
		"many envelopes": "vocabulary: x\nprovider: x\nproduct: x\nenvelopes:\n" + numbered("  - {name: a%[1]d, product: own, "+
			"shapes: [[a], [b]],\n     members: [{path: a, field: status, as: text}, {path: b, field: verification_id, as: text}],\n"+
			"     examples: ['{\"a\":%[1]d}', '{\"b\":0}']}\n", 300),
		"long text":      "vocabulary: " + strings.Repeat("x", 1<<20),
		"zeros":          strings.Repeat("\x00", 1<<20),
		"carriage":       strings.Repeat("\r", 1<<16),
		"question marks": strings.Repeat("? ", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rules.Load(fstest.MapFS{
				"catalog.yaml": {Data: []byte("version: x1\n")},
				"hostile.yaml": {Data: []byte(content)},
			})
			var mistakes rules.Mistakes
			if !errors.As(err, &mistakes) || len(mistakes) == 0 {
				t.Fatalf("error %v", err)
			}
			for _, m := range mistakes {
				if m.Line < 1 || m.Column < 1 || len(m.Text) > 2_000 {
					t.Fatalf("%d:%d, %d bytes of text", m.Line, m.Column, len(m.Text))
				}
			}
		})
	}
}

// largeCatalog has one vocabulary with n codes more than it needs, its rows so short that 100,000 stay below MaxBytes.
func largeCatalog(t testing.TB, n int) fstest.MapFS {
	t.Helper()
	content, err := fs.ReadFile(rules.EmbeddedFS(), "yousign-video.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.Write(content)
	for i := range n {
		fmt.Fprintf(&b, "  - {code: %d,statuses: [inconclusive],series: other,category: DATA,meaning: m}\n", 10_000+i)
	}
	return fstest.MapFS{
		"catalog.yaml": {Data: []byte("version: large\n")},
		"large.yaml":   {Data: []byte(b.String())},
	}
}

func TestLargeCatalog(t *testing.T) {
	v := load(t, largeCatalog(t, 5_000)).Vocabulary("yousign", "video")
	built := len(rules.Embedded().Vocabulary("yousign", "video").Codes)
	var unlisted rules.Code
	if c := v.Code("14999", &unlisted); !c.Known || len(v.Codes) != built+5_000 {
		t.Errorf("%d codes, wanted %d; the last %+v", len(v.Codes), built+5_000, c)
	}
}

func BenchmarkLoadLarge(b *testing.B) {
	catalog := largeCatalog(b, 100_000)
	for b.Loop() {
		if _, err := rules.Load(catalog); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	sample, err := fs.ReadFile(rules.EmbeddedFS(), "fourthline-docauth.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte("vocabulary: x\nstatuses: [{name: a, by_risk: {1: {}}}]\n" +
		"codes: [{code: 1}]\nbilling: {otherwise: {}}"))
	f.Add([]byte("? [a]\n: b"))
	f.Add([]byte("vocabulary: x\nprovider: x\nproduct: x\nenvelopes: [a, {name: b, shapes: [[c.d]], examples: ['{}'],\n" +
		"members: [{path: c, field: codes, as: codes_in}]}]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := rules.Load(fstest.MapFS{"catalog.yaml": {Data: []byte("version: x1\n")}, "a.yaml": {Data: content}})
		var mistakes rules.Mistakes
		if err != nil && (!errors.As(err, &mistakes) || len(mistakes) == 0) {
			t.Fatalf("error %v", err)
		}
	})
}

// Of a file that is something else altogether the first mistakes are told, and how many more there are; the other files
// have theirs.
func TestManyMistakes(t *testing.T) {
	const many = 20_000
	rows := []byte("vocabulary: yousign-video\ncodes:\n" + strings.Repeat("  - {cod: 1, meaning: x}\n", many))
	few := []byte("vocabulary: fourthline-idv\ncodes:\n  - {cod: 1, meaning: x}\n")
	cases := []byte("cases:\n" + strings.Repeat("  - {nam: 1, event: {}, expect: {}}\n", many))
	overlay := fstest.MapFS{"a.yaml": {Data: rows}, "b.yaml": {Data: few}}
	_, err := rules.LoadOver(nil, overlay)
	_, errCases := rules.LoadCases(fstest.MapFS{"cases/a.yaml": {Data: cases}})
	for what, err := range map[string]error{"rules": err, "cases": errCases} {
		t.Run(what, func(t *testing.T) {
			var mistakes rules.Mistakes
			if !errors.As(err, &mistakes) || len(mistakes) > 120 {
				t.Fatalf("%d mistakes", len(mistakes))
			}
			last := mistakes[0]
			for _, m := range mistakes[1:] {
				if m.File == last.File {
					last = m
				}
			}
			if !strings.HasPrefix(last.Text, "and up to ") || last.Line < 10 || last.Line > 200 {
				t.Errorf("the last one is %s", last)
			}
			if what == "rules" && mistakes[len(mistakes)-1].File != "b.yaml" {
				t.Error("the mistakes of the other file are missing")
			}
		})
	}
}

// What lies in a directory is bounded, however many files it is in.
func TestTooManyBytes(t *testing.T) {
	half := []byte("# " + strings.Repeat("x", rules.MaxBytes/2))
	files := fstest.MapFS{}
	for _, dir := range []string{"", "cases/"} {
		for _, name := range []string{"a.yaml", "b.yaml", "c.yaml"} {
			files[dir+name] = &fstest.MapFile{Data: half}
		}
	}
	const want = "b.yaml:1:1: with this file, those of the directory have more than 8 MiB together"
	_, err := rules.Load(files)
	_, errCases := rules.LoadCases(files)
	for dir, err := range map[string]error{"": err, "cases/": errCases} {
		if err == nil || !strings.Contains(err.Error(), dir+want) || strings.Contains(err.Error(), "c.yaml") {
			t.Errorf("%q: %v", dir, err)
		}
	}
}
