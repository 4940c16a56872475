package show

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func statusesOf(v *rules.Vocabulary, mask uint64) []string {
	var names []string
	for _, s := range v.Statuses {
		if s.Mask&mask != 0 {
			names = append(names, s.Name)
		}
	}
	return names
}

func actionNames(set rules.ActionSet) []string {
	names := []string{}
	for set != 0 {
		var a rules.Action
		a, set = set.Next()
		names = append(names, a.String())
	}
	return names
}

func fieldsText(v *rules.Vocabulary, set rules.FieldSet) string {
	return strings.Join(v.AppendFields(nil, set), ", ")
}

// seriesText names a series, and how the provider's page prints it where our copy shows that.
func seriesText(v *rules.Vocabulary, name string) string {
	for _, s := range v.Series {
		if s.Name == name && s.Title != "" {
			return fmt.Sprintf("%s (%q)", name, s.Title)
		}
	}
	return screen.OrDash(name)
}

// durationText is a duration as a catalog file has it: 15m, not 15m0s.
func durationText(d time.Duration) string {
	text := d.String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}

func joinInts(numbers []int32) string { return strings.Join(intTexts(numbers), ", ") }

func intTexts(numbers []int32) []string {
	var texts []string
	for _, n := range numbers {
		texts = append(texts, strconv.Itoa(int(n)))
	}
	return texts
}

func yesNo(b bool) string { return screen.Either(b, "yes", "no") }
