package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdict/cmd/verdict/config"
	"verdict/rules"
)

// What a raw topic says of its values is held against the catalog, each mistake with its place.
func TestTopicsOfRules(t *testing.T) {
	const formats = ": write canonical, checkout, fourthline, ubble-v2, veriff-decision, veriff-event, yousign or auto"
	for set, want := range map[string]string{
		"a":                                      "",
		"a:yousign,b:auto":                       "",
		"a:fourthline":                           "", // a header may name the product
		"a:fourthline:identity_verification:sdk": "",
		"a:auto:document_authentication":         "",
		"a:nope":                                 "topic a: the format nope is unknown" + formats,
		"a:yousing:video":                        "topic a: the format yousing is unknown (did you mean yousign?)" + formats,
		"a:canonical:api": "topic a: it has a product, but values of the format canonical name theirs: leave it out, " +
			"or write a:canonical::api if it is the integration",
		"a:yousign:video":   "topic a: it has a product, but values of the format yousign name theirs: leave it out",
		"a:yousign:sdk:api": "topic a: it has a product, but values of the format yousign name theirs: leave it out",
		"a:fourthline:video": `topic a: the catalog has no product "video" for the format fourthline: ` +
			"write document_authentication or identity_verification",
	} {
		cfg, err := config.Load(config.Sources{Set: []string{"topics.raw=" + set}})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(BuiltIn().CheckTopics(cfg), "\n")
		if want != "" {
			want = "--set: topics.raw: " + want
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", set, got, want)
		}
		if _, err := LoadRules(cfg); (err != nil) != (want != "") {
			t.Errorf("%s: LoadRules says %v", set, err)
		}
	}
}

// A list that a file has in several lines has its mistakes told with the line of each item.
func TestPlacesOfTopics(t *testing.T) {
	file := filepath.Join(t.TempDir(), "verdict.yaml")
	const text = "topics:\n  raw:\n    - {name: a, format: yousing}\n    - b\n    - c:onfido\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Sources{File: file})
	if err != nil {
		t.Fatal(err)
	}
	mistakes := BuiltIn().CheckTopics(cfg)
	if len(mistakes) != 2 || !strings.HasPrefix(mistakes[0], file+":3: topics.raw: topic a: ") ||
		!strings.HasPrefix(mistakes[1], file+":5: topics.raw: topic c: ") {
		t.Errorf("got\n%s", strings.Join(mistakes, "\n"))
	}
	cfg, err = config.Load(config.Sources{File: file, Set: []string{"topics.raw=a:nope"}})
	if err != nil {
		t.Fatal(err)
	}
	if mistakes := BuiltIn().CheckTopics(cfg); len(mistakes) != 1 || !strings.HasPrefix(mistakes[0], "--set: topics.raw: ") {
		t.Errorf("got\n%s", strings.Join(mistakes, "\n"))
	}
}

// An example of an operator's envelope that cannot be read refuses the catalog, with its place.
func TestUnreadableExampleRefusesTheCatalog(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, rules.EmbeddedFS()); err != nil {
		t.Fatal(err)
	}
	kestrel, err := os.ReadFile("../testdata/kestrel/kestrel-person.yaml")
	if err != nil {
		t.Fatal(err)
	}
	load := func(text string) error {
		if err := os.WriteFile(filepath.Join(dir, "kestrel-person.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(config.Sources{Set: []string{"catalog.dir=" + dir, "topics.raw=a:kestrel"}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = LoadRules(cfg)
		return err
	}
	if err := load(string(kestrel)); err != nil {
		t.Fatal(err)
	}
	err = load(strings.Replace(string(kestrel), `"sent":"2026-11-20T10:00:00Z"`, `"sent":"yesterday"`, 1))
	const want = "kestrel-person.yaml:20:9: this example of envelope kestrel cannot be read (invalid_field: sent is not a time "
	if _, ok := errors.AsType[rules.Mistakes](err); !ok || !strings.Contains(err.Error(), "\n"+dir+"/"+want) {
		t.Errorf("got %v", err)
	}
	for text, want := range map[string]string{
		`"result":"againn"`: `has the status "againn", which its vocabulary does not list (did you mean again?); correct`,
		`"reasons":[8]`:     `has the code "8", which its vocabulary does not list, nor has a range for; correct it`,
	} {
		key, _, _ := strings.Cut(text, ":")
		right := map[string]string{`"result"`: `"result":"again"`, `"reasons"`: `"reasons":[7]`}[key]
		err := load(strings.Replace(string(kestrel), right, text, 1))
		if err == nil || !strings.Contains(err.Error(), ":23:9: this example of envelope kestrel "+want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
