package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"verdict/rules"
)

// Each overlay that docs/rules.md has as a reference, and the README, can be laid over the built-in catalog, and those
// of the reference all together. What is before the reference is tried by TestRulesPage.
func TestOverlaysOfThePage(t *testing.T) {
	oneGoroutine(t)
	_, reference, _ := strings.Cut(read(t, root+"/docs/rules.md"), "\n## What an overlay can say\n")
	together := overlaysIn(t, reference)
	if _, err := rules.LoadOver(nil, together); err != nil || len(together) < 3 {
		t.Errorf("%d overlays together: %v", len(together), err)
	}
	if n := len(overlaysIn(t, read(t, root+"/README.md"))); n != 1 {
		t.Errorf("README.md has %d overlays, want 1", n)
	}
}

// overlaysIn are the overlays of a page, each of which can be used and changes something.
func overlaysIn(t *testing.T, page string) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for _, block := range strings.Split(page, "```yaml\n")[1:] {
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
	return all
}
