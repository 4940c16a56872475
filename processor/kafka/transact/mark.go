package transact

import (
	"fmt"
	"strconv"
	"strings"
)

// Mark is what is told beside a committed offset, in its metadata: by which rules the group was at work there, when,
// and who wrote it. Made and read here alone.
//
//	2;<rules_version>;<commit time in ms since 1970 UTC>;<transactional id>
//	2;<rules_version>;<commit time in ms since 1970 UTC>;<transactional id> <number> <partitions>
//
// Before there was a number in front, it was the transactional id, with or without the note: that is still read, and a
// group may have both, as an offset that nothing moves keeps its mark. Such a release reads this form's note, too, and
// takes the rest for an id that is not the group's: it waits for the timeout of what a dead instance has left open.
type Mark struct {
	// Rules is the version of the rules that the writer worked by, be it that it decided nothing; "": it knew none, or
	// the form before. A version has no semicolon.
	Rules string
	// Time is when it was written, in milliseconds since 1970 UTC; 0: the form before.
	Time int64
	// TransactionalID is the writer's; "" at least once. It may have any character.
	TransactionalID string
	Note            Note
}

// Note is what the state of a partition needs to be told beside its offset. The zero value: there is no state.
type Note struct {
	Number     int64 // which transaction of the partition's this is
	Partitions int32 // of the raw topic, when its keys were given their places
}

// String is the metadata.
func (m Mark) String() string {
	text := fmt.Sprintf("2;%s;%d;%s", m.Rules, m.Time, m.TransactionalID)
	if m.Note.Number != 0 {
		text += fmt.Sprintf(" %d %d", m.Note.Number, m.Note.Partitions)
	}
	return text
}

// ParseMark takes an offset's metadata apart. A text of no known form is a transactional id.
func ParseMark(metadata string) Mark {
	var m Mark
	m.TransactionalID, m.Note = cutNote(metadata)
	rest, ok := strings.CutPrefix(m.TransactionalID, "2;")
	if !ok {
		return m
	}
	version, rest, _ := strings.Cut(rest, ";")
	millis, id, ok := strings.Cut(rest, ";")
	if at, err := strconv.ParseInt(millis, 10, 64); ok && err == nil {
		m.Rules, m.Time, m.TransactionalID = version, at, id
	}
	return m
}

// cutNote cuts the note off the end, if there is one.
func cutNote(text string) (before string, n Note) {
	rest, partitions, ok := cutNumber(text, 32)
	if !ok {
		return text, Note{}
	}
	id, number, ok := cutNumber(rest, 64)
	if !ok {
		return text, Note{}
	}
	return id, Note{number, int32(partitions)}
}

// cutNumber cuts a number behind the last blank.
func cutNumber(text string, bits int) (before string, n int64, ok bool) {
	at := strings.LastIndexByte(text, ' ')
	if at < 0 {
		return "", 0, false
	}
	n, err := strconv.ParseInt(text[at+1:], 10, bits)
	return text[:at], n, err == nil && n >= 0
}
