package codec

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// UnreadField is a field of an event that is not read.
type UnreadField struct {
	Name string // fit to be shown: what is no letter is escaped, a long one is cut
	// Meant is the field of the envelope that the name looks like and that the event lacks; "" if there is none.
	Meant string
}

// Bounds of what UnreadFields tells: of how many fields, and how much of a name.
const (
	maxUnreadFields  = 8
	maxUnreadLetters = 40
)

// UnreadFields tells which fields of a canonical event in JSON are not read: how many there are, and the first few,
// those that look like a field of the envelope before the others. There are none of a value that is not one JSON
// object.
func UnreadFields(value []byte) (first []UnreadField, all int) {
	var j jsonReader
	if len(value) == 0 || j.load(value) != nil {
		return nil, 0
	}
	var names []string
	j.walker.peek()
	for j.walker.open(); j.walker.more(); j.walker.skip() {
		name := j.readText()
		f := fieldOf(name)
		j.draft.seen |= 1 << f
		if f == fieldNone {
			names = append(names, strings.Clone(name))
		}
		j.walker.peek()
	}
	for _, name := range names {
		u := UnreadField{Name: shownName(name)}
		if f := alike(name); j.draft.seen&(1<<f) == 0 {
			u.Meant = f.String()
		}
		first = append(first, u)
	}
	slices.SortStableFunc(first, func(a, b UnreadField) int {
		return min(1, len(b.Meant)) - min(1, len(a.Meant))
	})
	return first[:min(len(first), maxUnreadFields)], len(first)
}

// shownName makes a producer's text harmless where it is shown.
func shownName(name string) string {
	cut := ""
	if utf8.RuneCountInString(name) > maxUnreadLetters {
		name, cut = string([]rune(name)[:maxUnreadLetters]), "…"
	}
	quoted := strconv.QuoteToGraphic(name)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + cut
}
