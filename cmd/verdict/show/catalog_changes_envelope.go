package show

import (
	"fmt"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// envelopeChanges compares how bodies are read and recognised.
func envelopeChanges(own, builtIn *rules.Catalog) []string {
	ours, theirs := own.Envelopes(), builtIn.Envelopes()
	var lines []string
	for _, b := range theirs {
		o := envelopeNamed(ours, b.Name)
		if o == nil {
			lines = append(lines, fmt.Sprintf("envelope %s: missing, its bodies are not read", b.Name))
			continue
		}
		for _, change := range changesOfEnvelope(o, b) {
			lines = append(lines, fmt.Sprintf("envelope %s: %s", b.Name, change))
		}
	}
	for _, o := range ours {
		if envelopeNamed(theirs, o.Name) == nil {
			lines = append(lines, fmt.Sprintf("envelope %s: added, for %s %s, with the shape %s", o.Name, o.Provider,
				strings.Join(o.Products, " and "), firstOf(shapeNames(o))))
		}
	}
	return lines
}

func envelopeNamed(envelopes []*rules.Envelope, name string) *rules.Envelope {
	i := slices.IndexFunc(envelopes, func(e *rules.Envelope) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return envelopes[i]
}

func changesOfEnvelope(own, builtIn *rules.Envelope) []string {
	var lines []string
	if change := otherwise([]difference{
		{"provider", own.Provider, builtIn.Provider},
		{"product", productText(own), productText(builtIn)},
		{"for", strings.Join(own.Products, " and "), strings.Join(builtIn.Products, " and ")},
	}); change != "" {
		lines = append(lines, change)
	}
	for _, list := range []struct {
		one, many    string
		ours, theirs []string
	}{
		{"member", "members", memberNames(own), memberNames(builtIn)},
		{"shape", "shapes", shapeNames(own), shapeNames(builtIn)},
	} {
		lines = append(lines, named(list.one, list.many, "missing", without(list.theirs, list.ours))...)
		lines = append(lines, named(list.one, list.many, "added", without(list.ours, list.theirs))...)
	}
	ours, theirs := exampleTexts(own), exampleTexts(builtIn)
	lines = append(lines, examplesText("missing", without(theirs, ours))...)
	return append(lines, examplesText("added", without(ours, theirs))...)
}

func productText(e *rules.Envelope) string {
	return screen.Either(e.Product == "", "that of the topic or a header", e.Product)
}

func memberNames(e *rules.Envelope) (names []string) {
	for _, m := range e.Members {
		names = append(names, m.Path+" as "+m.Field+" ("+readAs(m)+")")
	}
	return names
}

// shapeNames has the paths of a shape in one order, as theirs means nothing.
func shapeNames(e *rules.Envelope) (names []string) {
	for _, shape := range e.Shapes {
		names = append(names, strings.Join(slices.Sorted(slices.Values(shape)), " and "))
	}
	return names
}

func exampleTexts(e *rules.Envelope) (texts []string) {
	for _, x := range e.Examples {
		texts = append(texts, x.Text)
	}
	return texts
}

// examplesText only counts: a body is too long for a line.
func examplesText(what string, texts []string) []string {
	if len(texts) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d %s %s", len(texts), screen.Either(len(texts) == 1, "example", "examples"), what)}
}
