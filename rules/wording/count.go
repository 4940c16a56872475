// Package wording has what texts for people need in more than one room: counts, and what somebody probably meant.
package wording

import (
	"fmt"
	"strings"
)

// Count is a number with its noun: 1 line, 2 lines, 3 vocabularies, 4 keys.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %s", n, plural(noun))
}

func plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.ContainsAny(stem[max(len(stem)-1, 0):], "aeiou") {
		return stem + "ies"
	}
	if strings.HasSuffix(noun, "s") {
		return noun + "es"
	}
	return noun + "s"
}
