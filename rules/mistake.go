package rules

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong in a catalog file, and what to write instead.
type Mistake struct {
	File         string
	Line, Column int // from 1; the column counts characters
	Text         string

	inBase   bool   // in a file that an overlay lies over
	overCure string // the cure for who can write in the overlay alone; "": that of the text
}

func (m Mistake) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Text)
}

// Mistakes are all that is wrong in a catalog, sorted by file and place.
type Mistakes []Mistake

// Error has one line for each mistake.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].String()
	}
	return strings.Join(lines, "\n")
}

// tidy sorts the mistakes, and says each once: a row may have been read for several rules.
func (m Mistakes) tidy() Mistakes {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(m)
}

// maxMistakes is how many mistakes of a file are kept: a file that is something else altogether may have millions.
const maxMistakes = 100

// found are the mistakes of a load while it goes on: the first ones of each file, and how many there are.
type found struct {
	list   Mistakes
	n      int
	inFile map[fileOfMistake]int
}

// fileOfMistake is one of an overlay, or one of the base: both may have the same name.
type fileOfMistake struct {
	name   string
	inBase bool
}

// add notes a mistake, and makes its text only if it is kept.
func (f *found) add(m Mistake, text func() string) {
	if f.inFile == nil {
		f.inFile = map[fileOfMistake]int{}
	}
	file := fileOfMistake{m.File, m.inBase}
	f.n++
	if f.inFile[file]++; f.inFile[file] <= maxMistakes {
		m.Text = text()
		f.list = append(f.list, m)
	}
}

// addAll adds what was found elsewhere, in other files.
func (f *found) addAll(other *found) {
	for file, n := range other.inFile {
		if f.inFile == nil {
			f.inFile = map[fileOfMistake]int{}
		}
		f.inFile[file] += n
	}
	f.list, f.n = append(f.list, other.list...), f.n+other.n
}

// tidy are the mistakes that were kept, and behind those of a file how many more it has.
func (f *found) tidy() Mistakes {
	list := f.list
	for file, n := range f.inFile {
		if n > maxMistakes {
			list = append(list, Mistake{File: file.name, Line: math.MaxInt,
				Text: fmt.Sprintf("and up to %d mistakes more in this file; correct these first", n-maxMistakes)})
		}
	}
	list = list.tidy()
	for i := range list {
		if list[i].Line == math.MaxInt {
			list[i].Line, list[i].Column = list[i-1].Line, list[i-1].Column
		}
	}
	return list
}

// quoted shows a text of a file in quotes, at most 60 characters of it.
func quoted(s string) string {
	if start := short(s); start != s {
		return fmt.Sprintf("%q...", start)
	}
	return fmt.Sprintf("%q", s)
}

// short is at most the first 60 characters of a text.
func short(s string) string {
	const most = 60
	if runes := []rune(s[:min(len(s), 4*most)]); len(runes) > most {
		return string(runes[:most])
	}
	return s
}

func listed[S ~string](names []S) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}
