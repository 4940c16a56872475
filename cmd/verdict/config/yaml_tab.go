package config

import (
	"bytes"
	"strings"
)

// tabMistakes are what the YAML library says of a tab where a line is indented. The second is said of other characters
// too.
var tabMistakes = []string{"found a tab character that violates indentation",
	"found character that cannot start any token"}

// tabIndent finds the tab that the YAML library's text is about: in the line that it names, from 1, or in the one after
// it. ok is false where it is about something else.
func tabIndent(content []byte, line int, text string) (at int, ok bool) {
	if !strings.Contains(text, tabMistakes[0]) && !strings.Contains(text, tabMistakes[1]) {
		return 0, false
	}
	lines := bytes.Split(content, []byte("\n"))
	for at := max(line, 1); at <= min(line+1, len(lines)); at++ {
		content := lines[at-1]
		indent := content[:len(content)-len(bytes.TrimLeft(content, " \t"))]
		if bytes.ContainsRune(indent, '\t') {
			return at, true
		}
	}
	return 0, false
}
