package show

import (
	"fmt"
	"io"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// writeVocabulary writes all about a vocabulary. What is too much for one table on a narrow screen is in two: what a
// status or code means, and what it advises.
func writeVocabulary(w io.Writer, v *rules.Vocabulary) error {
	head := screen.Wrapped(w, 2)
	fmt.Fprintf(head, "%s: %s (provider %s, product %s)\n", v.Name, v.Title, v.Provider, v.Product)
	for _, s := range v.Sources {
		fmt.Fprintf(head, "facts from: %s\n", sourceText(s))
	}
	if len(v.CodePrefixes) > 0 {
		fmt.Fprintf(head, "a code may begin with: %s\n", strings.Join(v.CodePrefixes, ", "))
	}
	fmt.Fprintf(head, "an approval with a code that is neither listed nor in a range: %s\n",
		screen.Either(v.AcceptUnlisted, "stands", "becomes a REVIEW"))
	for _, t := range []*screen.Table{
		statusTable(v), statusAdviceTable(v), riskTable(v), billingTable(v), seriesTable(v), rangeTable(v),
		codeTable(v), stepTable(v), signatureTable(v),
	} {
		if t.Size() < 2 {
			continue // nothing but the head
		}
		fmt.Fprintln(w)
		if err := t.Write(w); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(screen.Wrapped(w, 2), "\nFLAGS: B = never part of an approval; A = an approval with it is a "+
		"REVIEW; R = part of the risk event; N = the provider allows no retry; P = the person refused; H = never "+
		"shown to the person.\n`verdict catalog %s STATUS` and `... CODE` tell all about one.\n", v.Name)
	return err
}

// sourceText names a page that facts are from, and how old they may be.
func sourceText(s rules.Source) string {
	name := screen.Either(s.Title == "", s.Name, fmt.Sprintf("%q", s.Title))
	var parts []string
	if s.URL != "" {
		parts = append(parts, s.URL)
	}
	if s.Read != "" {
		parts = append(parts, "read "+s.Read)
	}
	if s.Dated != "" {
		parts = append(parts, s.Dated)
	}
	return screen.Either(parts == nil, name, name+" ("+strings.Join(parts, ", ")+")")
}

// writeSources says at the end of the page of a status or code where the facts are from.
func writeSources(w io.Writer, v *rules.Vocabulary) error {
	text := "\n"
	for _, s := range v.Sources {
		text += "Facts from " + sourceText(s) + "\n"
	}
	_, err := io.WriteString(screen.Wrapped(w, 2), text)
	return err
}
