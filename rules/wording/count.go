// Package wording has what texts for people need in more than one room: counts, and what somebody probably meant.
package wording

import (
	"fmt"
	"slices"
	"strconv"
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

// Numbers names things by their numbers, in ascending order: "version 3", "versions 1 to 4, 6".
func Numbers(noun string, numbers []int) string {
	numbers = slices.Sorted(slices.Values(numbers))
	var texts []string
	for i := 0; i < len(numbers); {
		last := i
		for last+1 < len(numbers) && numbers[last+1] == numbers[last]+1 {
			last++
		}
		if last-i < 2 { // two are no range
			last = i
		}
		text := strconv.Itoa(numbers[i])
		if last > i {
			text += " to " + strconv.Itoa(numbers[last])
		}
		texts = append(texts, text)
		i = last + 1
	}
	if len(numbers) != 1 {
		noun = plural(noun)
	}
	return noun + " " + strings.Join(texts, ", ")
}
