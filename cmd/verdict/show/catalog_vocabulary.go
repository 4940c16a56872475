package show

import (
	"fmt"
	"io"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// roomForAsks is how wide a screen has to be for a column of what codes ask for.
const roomForAsks = 130

// writeVocabulary writes all about a vocabulary. What is too much for one table on a narrow screen is in two: what a
// status means, and what it advises.
func writeVocabulary(w io.Writer, v *rules.Vocabulary, envelopes []*rules.Envelope) error {
	writeHead(w, v)
	if err := writeTables(w, statusTable(v)); err != nil {
		return err
	}
	writeByCode(w, v)
	if err := writeTables(w, statusAdviceTable(v)); err != nil {
		return err
	}
	fmt.Fprintf(screen.Wrapped(w, 2), "A verification is what the provider may call a workflow, a case or a video.\n")
	if err := writeFlow(w, v); err != nil {
		return err
	}
	if err := writeTables(w, riskTable(v), billingTable(v)); err != nil {
		return err
	}
	if len(v.Codes) > 0 {
		width, known := screen.Width(w)
		fmt.Fprintf(screen.Wrapped(w, 2), "\n%s", codeLegend(v))
		err := writeTables(w, codeTable(v, screen.NewPaint(w), !known || width >= roomForAsks), signatureTable(v))
		if err != nil {
			return err
		}
	}
	if err := writeTables(w, rangeTable(v)); err != nil {
		return err
	}
	if err := writeEnvelopes(w, envelopes); err != nil {
		return err
	}
	_, err := fmt.Fprintf(screen.Wrapped(w, 2), "\n`verdict catalog %s STATUS` and `... CODE` tell all about one.\n",
		v.Name)
	return err
}

func writeHead(w io.Writer, v *rules.Vocabulary) {
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
}

// writeByCode explains what a table of statuses says where their codes decide whether the answer is the last.
func writeByCode(w io.Writer, v *rules.Vocabulary) {
	for _, s := range v.Statuses {
		if s.Rule != nil && s.Rule.FinalOnNewCase {
			fmt.Fprintf(screen.Wrapped(w, 2), "FINAL by code: yes where a code asks for a NEW_VERIFICATION, else no.\n")
			return
		}
	}
}

// writeTables writes those that have more than a head.
func writeTables(w io.Writer, tables ...*screen.Table) error {
	for _, t := range tables {
		if t.Size() < 2 {
			continue
		}
		fmt.Fprintln(w)
		if err := t.Write(w); err != nil {
			return err
		}
	}
	return nil
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
