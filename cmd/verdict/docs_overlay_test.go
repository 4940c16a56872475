package main

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

// Each overlay that the page on decisions shows can be laid over the built-in catalog, and all of them together.
func TestOverlaysOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/decisions.md")
	if err != nil {
		t.Fatal(err)
	}
	all := fstest.MapFS{}
	for _, block := range strings.Split(string(page), "```yaml\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		if !strings.HasPrefix(text, "vocabulary: ") {
			continue
		}
		name := string(rune('a'+len(all))) + ".yaml"
		all[name] = &fstest.MapFile{Data: []byte(text)}
		one, err := rules.LoadOver(nil, fstest.MapFS{"own.yaml": all[name]})
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
		} else if one.Version == rules.Embedded().Version {
			t.Errorf("it changes nothing:\n%s", text)
		}
	}
	if _, err := rules.LoadOver(nil, all); err != nil || len(all) < 3 {
		t.Errorf("%d overlays together: %v", len(all), err)
	}
}
