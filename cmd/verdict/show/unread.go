package show

import (
	"fmt"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
)

// Unread is the fields of an event that were not read and look like a misspelt one that is. Others are an event's own
// business, and their names are not shown: they may be anything.
type Unread []UnreadField

// UnreadField is a field that was not read, and the one that was probably meant; without a name it is only known that
// there is one.
type UnreadField struct{ Name, Meant string }

// text is "" if there are none.
func (u Unread) text() string {
	if len(u) == 0 {
		return ""
	}
	var texts []string
	for _, f := range u {
		if f.Name == "" {
			texts = append(texts, "one that looks misspelt")
			continue
		}
		texts = append(texts, fmt.Sprintf("%s (did you mean %s?)", screen.Printable(f.Name), f.Meant))
	}
	return "fields not read: " + strings.Join(texts, ", ")
}

// add gathers the fields of many events, each once, and the first few.
func (u *Unread) add(more Unread) {
	const most = 8
	for _, f := range more {
		if len(*u) < most && !slices.Contains(*u, f) {
			*u = append(*u, f)
		}
	}
}
