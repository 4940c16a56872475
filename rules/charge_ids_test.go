package rules_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

// What becomes part of charge_id, or is read from elsewhere, is told; what is no part of it is not.
func TestChargeIDChanges(t *testing.T) {
	const file, envelope = "veriff-idv.yaml", "vocabulary: veriff-idv\nenvelopes:\n  - name: veriff-event\n    members:\n"
	const id = "{path: id, field: verification_id, as: text}"
	for name, test := range map[string]struct {
		own  *rules.Catalog
		want string
	}{
		"nothing":    {rules.Embedded(), ""},
		"an account": {over(t, nil, envelope+"      - {path: account, field: account, as: text}\n"), ""},
		"an attempt": {over(t, nil, envelope+"      - {path: try, field: attempt, as: integer}\n"),
			"envelope veriff-event: attempt is read otherwise (overlay/own.yaml:5), which"},
		"both": {over(t, nil, envelope+"      - {path: kind, field: product_variant, as: text_if_any}\n"+
			"      - {path: try, field: attempt, as: integer}\n"),
			"envelope veriff-event: product_variant is read otherwise (overlay/own.yaml:5), which, " +
				"envelope veriff-event: attempt is read otherwise (overlay/own.yaml:6), which"},
		"another path": {builtInBy(t, file, id, strings.Replace(id, "path: id", "path: attemptId", 1)),
			"envelope veriff-event: verification_id is read otherwise (veriff-idv.yaml:90), which"},
		"a member that is gone": {builtInBy(t, "yousign-video.yaml", "      - {path: data.identity_video.face_recognition, "+
			"field: product_variant, as: variant, name: face_recognition}\n", ""),
			"envelope yousign: product_variant is read otherwise (yousign-video.yaml:26), which"},
	} {
		var got []string
		for _, c := range rules.ChargeIDChanges(rules.Embedded(), test.own) {
			text, _, _ := strings.Cut(c.String(), " also changes")
			got = append(got, text)
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%s:\n%q, wanted\n%q", name, text, test.want)
		}
	}
}

// builtInBy is a copy of the built-in catalog with some text of a file replaced, once.
func builtInBy(t *testing.T, name, old, by string) *rules.Catalog {
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
		text := string(content)
		if file == name {
			if text = strings.Replace(text, old, by, 1); text == string(content) {
				t.Fatalf("%s has no %q", name, old)
			}
		}
		files[file] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := rules.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
