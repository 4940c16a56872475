package codec

import (
	"errors"
	"slices"

	"github.com/hamba/avro/v2"

	"verdict/processor"
	"verdict/rules/wording"
)

// held is a version that the registry holds. Who deleted it knows of no subscriber with it; what was written with it
// may still be in the topic.
type held struct {
	version int
	deleted bool
}

// findings are what is wrong with a schema beside others, a line for each however many versions have it in common.
type findings []finding

type finding struct {
	format   string // with places for the versions and for what is wrong
	what     string
	doubtful bool
	deleted  bool
	versions []int
}

func (f *findings) add(format, what string, doubtful bool, with held) {
	i := slices.IndexFunc(*f, func(g finding) bool {
		return g.format == format && g.what == what && g.deleted == with.deleted
	})
	if i < 0 {
		i = len(*f)
		*f = append(*f, finding{format: format, what: what, doubtful: doubtful, deleted: with.deleted})
	}
	(*f)[i].versions = append((*f)[i].versions, with.version)
}

// of compares our schema with a version: what is broken for those who have it, and of what was written with it.
func (f *findings) of(state SchemaState, own, other avro.Schema, with held, unread error) {
	if unread != nil {
		f.add("%s cannot be compared: %s", reasonText(unread), false, with)
		return
	}
	updated := "a subscriber who takes the new schema"
	if state == Registered {
		updated = "a subscriber with this schema"
	}
	for _, side := range []struct {
		reader, writer            avro.Schema
		cannot, takesForSomething string
	}{
		{other, own, "a subscriber with %s cannot read what is written: %s",
			"a subscriber with %s may take what is written for another value: %s"},
		{own, other, updated + " cannot read what was written with %s: %s",
			updated + " may take what was written with %s for another value: %s"},
	} {
		problems, doubts := unreadable(side.reader, side.writer)
		for _, problem := range problems {
			f.add(side.cannot, problem, false, with)
		}
		for _, doubt := range doubts {
			f.add(side.takesForSomething, doubt, true, with)
		}
	}
}

// tell adds them to a comparison: what a live version and a new schema have against each other for certain breaks, and
// all else is a warning.
func (f *findings) tell(c *Comparison) {
	for i := range *f {
		g := &(*f)[i]
		which := wording.Numbers("version", g.versions)
		if g.deleted {
			which += " (deleted in the registry)"
		}
		if g.deleted || g.doubtful || c.State == Registered {
			c.warn(g.format, which, g.what)
		} else {
			c.breaks(g.format, which, g.what)
		}
	}
}

// reasonText is what a rejection says, without its code: no record is rejected here.
func reasonText(err error) string {
	if rejection, ok := errors.AsType[*processor.Rejection](err); ok {
		return rejection.Detail
	}
	return err.Error()
}
