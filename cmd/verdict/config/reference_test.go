package config

import (
	"os"
	"strings"
	"testing"
)

// TestReferenceIsCurrent holds docs/configuration.md equal to the table of keys.
func TestReferenceIsCurrent(t *testing.T) {
	const file = "../../../docs/configuration.md"
	var b strings.Builder
	if err := WriteReference(&b); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Errorf("docs/configuration.md is not current: go run ./cmd/verdict config --markdown > docs/configuration.md")
	}
}
