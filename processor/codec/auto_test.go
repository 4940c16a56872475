package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// judgeAlike requires that the decoder sees the same shapes in a JSON object as the loader of the catalog, which holds
// the examples of all envelopes against each other.
func judgeAlike(t *testing.T, body []byte) {
	t.Helper()
	var j jsonReader
	if len(body) == 0 || j.load(body) != nil {
		return // no JSON object: neither looks at its shape
	}
	shapes := builtIn().shapes
	j.walker.peek()
	found := j.findMarks(&shapes.root)
	if j.walker.tooDeep > 0 {
		return
	}
	var fits []string
	for i, e := range rules.Embedded().Envelopes() {
		shape := &shapes.formats[i+1] // behind the canonical one
		if shape.body.Envelope != e || shape.fits(found) != e.Fits(body) {
			t.Errorf("%s: the decoder says %v to the shape of %s, the loader %v", body, shape.fits(found), e.Name, e.Fits(body))
		}
		if e.Fits(body) {
			fits = append(fits, e.Name)
		}
	}
	if shapes.formats[0].fits(found) {
		fits = append(fits, Canonical)
	}
	if len(fits) != 1 {
		fits = []string{""}
	}
	if got := builtIn().Recognise(body).String(); got != fits[0] {
		t.Errorf("%s is recognised as %q, want %q", body, got, fits[0])
	}
}

func TestLoaderAndDecoderJudgeAlike(t *testing.T) {
	for _, format := range builtIn().Names()[1:] {
		for _, body := range goldenBodies(t, format) {
			judgeAlike(t, body)
		}
	}
	names := []string{"x", ""}
	for _, path := range builtIn().shapes.paths {
		names = append(names, strings.Split(path, ".")...)
	}
	var object func(rt *rapid.T, depth int) map[string]any
	object = func(rt *rapid.T, depth int) map[string]any {
		members := map[string]any{}
		for range rapid.IntRange(0, 5).Draw(rt, "members") {
			name := rapid.SampledFrom(names).Draw(rt, "name")
			switch kind := rapid.IntRange(0, 4).Draw(rt, "kind"); {
			case kind == 0:
				members[name] = nil
			case kind == 1:
				members[name] = []any{map[string]any{"identity_verification_id": 1}}
			case kind == 2 || depth > 2:
				members[name] = "provider"
			default:
				members[name] = object(rt, depth+1)
			}
		}
		return members
	}
	rapid.Check(t, func(rt *rapid.T) {
		body, err := json.Marshal(object(rt, 0))
		if err != nil {
			rt.Fatal(err)
		}
		judgeAlike(t, body)
	})
}

// Each example of the built-in catalog is read, and recognised, as what it is an example of.
func TestExamplesOfTheCatalog(t *testing.T) {
	read := 0
	for _, e := range rules.Embedded().Envelopes() {
		for _, x := range e.Examples {
			body := []byte(x.Text)
			judgeAlike(t, body)
			if got := builtIn().Recognise(body).String(); got != e.Name {
				t.Errorf("%s:%d: recognised as %q", x.File, x.Line, got)
			}
			var event processor.Event
			if err := formatDecoder(e.Name).Decode(&processor.Record{Value: body}, &event); err != nil {
				t.Errorf("%s:%d: %v", x.File, x.Line, err)
			}
			if v := rules.Embedded().Vocabulary(event.Provider, event.Product); v == nil || v.Status(event.Status) == nil {
				t.Errorf("%s:%d: the catalog does not know %s/%s %s", x.File, x.Line, event.Provider, event.Product, event.Status)
			}
			read++
		}
	}
	if read < 8 {
		t.Errorf("%d examples", read)
	}
}

// ownCatalog is the built-in catalog with one text of a file replaced.
func ownCatalog(t *testing.T, name, old, by string) *rules.Catalog {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(rules.EmbeddedFS(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range names {
		content, err := fs.ReadFile(rules.EmbeddedFS(), file)
		if err != nil {
			t.Fatal(err)
		}
		if file == name {
			if n := bytes.Count(content, []byte(old)); n != 1 {
				t.Fatalf("%q is %d times in %s", old, n, name)
			}
			content = bytes.Replace(content, []byte(old), []byte(by), 1)
		}
		files[file] = &fstest.MapFile{Data: content}
	}
	catalog, err := rules.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// An example that its own envelope cannot read is a mistake of the catalog, with its place.
func TestUnreadableExamples(t *testing.T) {
	for by, want := range map[string]string{
		`"specversion":2,"specversion":"2.0"`: "(malformed_json: a name occurs twice in one object, at byte 17)",
		`"specversion":"2.0","id":7`:          "",
	} {
		catalog := ownCatalog(t, "ubble-idv.yaml", `{"specversion":"2.0","type":"identity_verification_checks_completed"`,
			"{"+by+`,"type":"x"`)
		_, err := NewFormats(catalog)
		var mistakes rules.Mistakes
		if !errors.As(err, &mistakes) || len(mistakes) != 1 || mistakes[0].File != "ubble-idv.yaml" || mistakes[0].Line < 10 ||
			!strings.HasPrefix(mistakes[0].Text, "this example of envelope ubble-v2 cannot be read (") || !strings.Contains(mistakes[0].Text, want) {
			t.Errorf("%s: %v", by, err)
		}
	}
}

// Where it is an overlay that keeps an example of the base from being read, the mistake is told there, also if both
// files have one name.
func TestOverlayThatMakesAnExampleUnreadable(t *testing.T) {
	catalog, err := rules.LoadOver(nil, fstest.MapFS{"yousign-video.yaml": {Data: []byte(`vocabulary: yousign-video
envelopes:
  - name: yousign
    members:
      - {path: event_name, field: attempt, as: integer}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewFormats(catalog)
	var mistakes rules.Mistakes
	if !errors.As(err, &mistakes) || len(mistakes) == 0 {
		t.Fatal(err)
	}
	for _, m := range mistakes {
		if m.File != "yousign-video.yaml" || m.Line != 3 || m.Column != 5 ||
			!strings.HasPrefix(m.Text, "with this, the example of envelope yousign at yousign-video.yaml:") ||
			!strings.Contains(m.Text, " of the base cannot be read (invalid_field: event_name is ") {
			t.Errorf("mistake %s", m)
		}
	}
}

// However many and long shapes are, a dead letter that names them stays short, and is text.
func TestManyShapesInADeadLetter(t *testing.T) {
	var envelopes []*rules.Envelope
	for _, name := range []string{"a", "b", "c"} {
		long := name + strings.Repeat("é", 120) + "."
		envelopes = append(envelopes, &rules.Envelope{Name: name, Shapes: [][]string{{long + "x"}, {long + "yy"}, {long + "zzz"}}})
	}
	_, rejection := newFormats(envelopes).shapes.recognise(0)
	if n := len(rejection.Detail); n < maxShapesText || n > maxShapesText+100 {
		t.Errorf("%d bytes", n)
	}
	if !utf8.ValidString(rejection.Detail) || !strings.HasSuffix(rejection.Detail, "...") {
		t.Errorf("it is %q", rejection.Detail)
	}
}

// Every reader that a catalog can name is there.
func TestReadersOfMembers(t *testing.T) {
	for _, as := range rules.AllAs() {
		if readerOf(&rules.Member{As: as, Name: "x"}, []string{"a", "b"}) == nil {
			t.Errorf("nobody reads %s", as)
		}
	}
	if slices.Contains(rules.AllAs(), rules.AsUnspecified) {
		t.Error("unspecified is no reader")
	}
}
