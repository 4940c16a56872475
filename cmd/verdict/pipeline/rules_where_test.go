package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdict/cmd/verdict/config"
	"verdict/rules"
)

const overlayRow = "vocabulary: yousign-video\ncodes:\n  - {code: 1301, action: \"wait\", origin: operator}\n"

// A rule stands in a file that can be opened as it is named, whichever of the rules that lie over one another has it.
func TestWhereARuleStands(t *testing.T) {
	dir := t.TempDir()
	overlay, whole := filepath.Join(dir, "over"), filepath.Join(dir, "whole")
	if err := errors.Join(os.Mkdir(overlay, 0o700), os.CopyFS(whole, rules.EmbeddedFS())); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(overlay, "yousign-video.yaml"), overlayRow)
	const own, other = "operator:yousign-video/code/1301", "yousign-video/code/1302"
	for _, c := range []struct {
		sets       []string
		basis, dir string
	}{
		{nil, other, ""},
		{[]string{"catalog.dir=" + whole}, other, whole},
		{[]string{"catalog.overlay=" + overlay}, own, overlay},
		{[]string{"catalog.overlay=" + overlay}, other, ""},
		{[]string{"catalog.dir=" + whole, "catalog.overlay=" + overlay}, own, overlay},
		{[]string{"catalog.dir=" + whole, "catalog.overlay=" + overlay}, other, whole},
	} {
		r, err := readFrom(t, c.sets...)
		if err != nil {
			t.Fatal(err)
		}
		want := "built-in yousign-video.yaml"
		if c.dir != "" {
			want = filepath.Join(c.dir, "yousign-video.yaml")
			if _, err := os.Stat(want); err != nil {
				t.Error(err)
			}
		}
		if file, line := r.Where(c.basis); file != want || line == 0 {
			t.Errorf("%v: %s is at %s:%d, want %s", c.sets, c.basis, file, line, want)
		}
		if file, line := r.Where("yousign-video/status/none"); file != "" || line != 0 {
			t.Errorf("what nothing states is at %s:%d", file, line)
		}
	}
}

// A mistake names its file as it can be opened.
func TestMistakesNameTheDirectory(t *testing.T) {
	for _, key := range []string{"catalog.dir", "catalog.overlay"} {
		dir := t.TempDir()
		_, err := readFrom(t, key+"="+dir)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("\n%s", dir)) {
			t.Errorf("%s: an empty directory: %v", key, err)
		}
		write(t, filepath.Join(dir, "yousign-video.yaml"), strings.ReplaceAll(overlayRow, "codes", "cods"))
		if key == "catalog.dir" {
			write(t, filepath.Join(dir, "catalog.yaml"), "version: 1.0.0\n")
		}
		_, err = readFrom(t, key+"="+dir)
		want := "\n" + filepath.Join(dir, "yousign-video.yaml") + ":2:1: "
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", key, err, want)
		}
	}
}

func readFrom(t *testing.T, sets ...string) (*Rules, error) {
	t.Helper()
	cfg, err := config.Load(config.Sources{Set: sets})
	if err != nil {
		t.Fatal(err)
	}
	return ReadRules(cfg)
}
