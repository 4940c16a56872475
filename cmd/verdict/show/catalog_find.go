package show

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// A Page tells all about one thing in the catalog. The error of finding one says what there is instead.
type Page struct {
	write func(io.Writer) error
	json  any
}

// Write writes the page, as tables or as JSON.
func (p *Page) Write(w io.Writer, asJSON bool) error {
	if asJSON {
		return screen.WriteJSON(w, p.json)
	}
	return p.write(w)
}

// FindPage finds the page that one or two words name: a vocabulary; a status or code of it; or a status or code by
// itself, in all vocabularies that have it.
func FindPage(catalog *rules.Catalog, words []string) (*Page, error) {
	v, err := findVocabulary(catalog, words[0])
	switch {
	case len(words) == 2 && err == nil:
		return findWord(v, words[1])
	case len(words) == 2:
		return nil, err
	case v != nil:
		own := catalog.EnvelopesOf(v)
		return &Page{func(w io.Writer) error { return writeVocabulary(w, v, own) }, vocabularyJSON(v, own)}, nil
	}
	if p := everywhere(catalog, words[0]); p != nil {
		return p, nil
	}
	if isNumber(words[0]) {
		return nil, notListed(catalog, words[0])
	}
	if near := nearStatus(catalog, words[0]); near != "" {
		return nil, fmt.Errorf("%s: no such vocabulary or status; did you mean %s?", screen.Printable(words[0]), near)
	}
	return nil, err
}

// notListed says what a number is that is no code of any vocabulary.
func notListed(catalog *rules.Catalog, number string) error {
	var names []string
	for _, v := range catalog.Vocabularies() {
		if riskCode(v, number) != nil {
			names = append(names, v.Name)
		}
	}
	if names != nil {
		return fmt.Errorf("%s: no vocabulary lists this code, but it is a risk code of %s; `verdict catalog %s` shows "+
			"what each status means with it", number, strings.Join(names, " and "), names[0])
	}
	return fmt.Errorf("%s: no vocabulary lists this code; `verdict catalog VOCABULARY %[1]s` tells what its range says",
		number)
}

// riskCode finds a risk code by its text; nil if the vocabulary has none.
func riskCode(v *rules.Vocabulary, text string) *rules.RiskCode {
	for _, r := range v.RiskCodes {
		if strconv.Itoa(int(r.Code)) == text {
			return r
		}
	}
	return nil
}

// nearStatus is the status, of any vocabulary, that was probably meant by a word that is nothing; "" if it is more like
// a vocabulary's name, or like nothing.
func nearStatus(catalog *rules.Catalog, word string) string {
	var names, statuses []string
	for _, v := range catalog.Vocabularies() {
		if v.Provider == word || strings.HasPrefix(v.Name, word) {
			return ""
		}
		names, statuses = append(names, v.Name), append(statuses, spellings(v)...)
	}
	near := screen.Nearest(strings.ToLower(word), slices.Concat(names, statuses))
	if slices.Contains(names, near) {
		return ""
	}
	return near
}

func findVocabulary(catalog *rules.Catalog, name string) (*rules.Vocabulary, error) {
	var names, begun []string
	for _, v := range catalog.Vocabularies() {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
		if v.Provider == name || strings.HasPrefix(v.Name, name) {
			begun = append(begun, v.Name)
		}
	}
	meant := screen.Suggestion(name, names, "; the catalog has "+screen.OrList(names))
	if begun != nil {
		meant = "; did you mean " + screen.OrList(begun) + "?"
	}
	return nil, fmt.Errorf("%s: no such vocabulary%s", name, meant)
}

// findWord finds a status, in any of its spellings, or a code, also one that is not listed.
func findWord(v *rules.Vocabulary, word string) (*Page, error) {
	if s := v.Status(word); s != nil {
		return statusPage(v, s), nil
	}
	var unlisted rules.Code
	if c := v.Code(word, &unlisted); c.Known || c.Number != rules.NumberUnreadable {
		return codePage(v, c), nil
	}
	return nil, fmt.Errorf("%s: neither a status nor a code of %s%s", screen.Printable(word), v.Name,
		screen.Suggestion(word, spellings(v), "; it has the statuses "+strings.Join(spellings(v), ", ")+
			fmt.Sprintf(" (`verdict catalog %s` lists the codes)", v.Name)))
}

// everywhere is the page of a status or a listed code in all vocabularies that have it; nil if none has.
func everywhere(catalog *rules.Catalog, word string) *Page {
	var pages []*Page
	var views []any
	for _, v := range catalog.Vocabularies() {
		var unlisted rules.Code
		var p *Page
		if s := v.Status(word); s != nil {
			p = statusPage(v, s)
		} else if c := v.Code(word, &unlisted); c.Known {
			p = codePage(v, c)
		}
		if p != nil {
			pages, views = append(pages, p), append(views, p.json)
		}
	}
	if pages == nil {
		return nil
	}
	return &Page{json: views, write: func(w io.Writer) error {
		for i, p := range pages {
			if i > 0 {
				fmt.Fprintln(w)
			}
			if err := p.write(w); err != nil {
				return err
			}
		}
		return nil
	}}
}

func isNumber(text string) bool {
	return text != "" && !slices.ContainsFunc([]byte(text), func(c byte) bool { return c < '0' || c > '9' })
}
