package rules

import (
	"maps"
	"slices"
	"sort"
	"strings"
)

// maxBlamed bounds for how many changes of an overlay it is looked for what they spoil in the base: to find one, the
// catalog is loaded a few times.
const maxBlamed = 32

// blamed gives the mistakes of an overlay. Those that are in the base only with it, each the contradiction of something
// that the overlay says, become mistakes of the change that makes them: an operator can mend that alone.
func (o *overlaid) blamed(all attempt) *found {
	own := &found{n: all.mistakes.n, inFile: maps.Clone(all.mistakes.inFile)}
	maps.DeleteFunc(own.inFile, func(file fileOfMistake, _ int) bool { return file.inBase })
	own.list = o.blame(all)
	return own
}

func (o *overlaid) blame(all attempt) (mistakes Mistakes) {
	var spoilt Mistakes
	for _, m := range all.mistakes.list {
		if m.inBase {
			spoilt = append(spoilt, m)
		} else {
			mistakes = append(mistakes, m)
		}
	}
	attempts := map[int]Mistakes{len(all.changes): all.mistakes.list}
	after := func(changes int) Mistakes {
		if _, there := attempts[changes]; !there {
			attempts[changes] = o.attempt(changes).mistakes.list
		}
		return attempts[changes]
	}
	for range min(maxBlamed, len(all.changes)) {
		if len(spoilt) == 0 {
			return mistakes
		}
		at := sort.Search(len(all.changes)-1, func(n int) bool { return after(n + 1).hasInBase(spoilt[0]) })
		with, without, cause := after(at+1), after(at), all.changes[at]
		rest := spoilt[:0:0]
		for i, m := range spoilt {
			if i > 0 && (!with.hasInBase(m) || without.hasInBase(m)) {
				rest = append(rest, m)
				continue
			}
			cause.Text = "with this, the base has a mistake at " + m.forOverlay()
			mistakes = append(mistakes, cause)
		}
		spoilt = rest
	}
	for _, m := range spoilt {
		m.Text = "by something in the overlay, the base has a mistake here: " + m.Text
		mistakes = append(mistakes, m)
	}
	return mistakes
}

// hasInBase says whether the same is wrong at the same place of the base. The cure may be another: it may list things.
func (m Mistakes) hasInBase(wanted Mistake) bool {
	wanted = wanted.withoutCure()
	return slices.ContainsFunc(m, func(other Mistake) bool { return other.withoutCure() == wanted })
}

func (m Mistake) withoutCure() Mistake {
	m.Text, _, _ = strings.Cut(m.Text, ";")
	m.overCure = ""
	return m
}

// removesNothing is the cure of an overlay where the base's would be to remove something.
const removesNothing = "an overlay removes nothing, so leave this out, or write a whole catalog"

// forOverlay is a mistake in the base as a text whose cure is one in the overlay.
func (m Mistake) forOverlay() string {
	if m.overCure == "" {
		return m.String() + " (mend that in the overlay, or leave this out)"
	}
	if end := strings.LastIndex(m.Text, "; "); end >= 0 {
		m.Text = m.Text[:end]
	}
	return m.String() + "; " + m.overCure
}
