package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"verdict/rules/wording"
)

// fields is one mapping of a file. A value that is asked for and is absent, or is not of the form it must have, becomes
// a mistake.
type fields struct {
	page   *page
	node   *yaml.Node
	what   string // for texts: "a code"
	values map[string]*yaml.Node

	missing   []string // keys that were needed
	missingAt int      // the mistake that names them, see need
	told      bool     // there is one: it was not one too many
}

// fields reads a mapping of a kind: it may have the kind's keys, each once.
func (p *page) fields(n *yaml.Node, kind *mapping) (*fields, bool) {
	return p.fieldsOf(n, kind.what, kind.names)
}

func (p *page) fieldsOf(n *yaml.Node, what string, allowed []string) (*fields, bool) {
	if n.Kind != yaml.MappingNode {
		p.report(n, "%s is %s; write a mapping with: %s", what, kindOf(n), listed(allowed))
		return nil, false
	}
	f := &fields{page: p, node: n, what: what, values: make(map[string]*yaml.Node, len(n.Content)/2)}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			p.report(key, "%s has a key that is %s; write one of: %s", what, kindOf(key), listed(allowed))
		case !slices.Contains(allowed, key.Value):
			p.report(key, "%s has no key %s%s; it may have: %s",
				what, quoted(key.Value), suggestion(key.Value, allowed), listed(allowed))
		case f.values[key.Value] != nil:
			p.report(key, "%s has the key %s twice; keep one", what, key.Value)
		default:
			f.values[key.Value] = value
		}
	}
	return f, true
}

// kindOf says what a node is, to someone who expected something else.
func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "empty"
	case n.Tag == "!!int", n.Tag == "!!float":
		return "the number " + short(n.Value)
	case n.Tag == "!!bool":
		return "the truth value " + n.Value
	default:
		return "the text " + quoted(n.Value)
	}
}

func (f *fields) has(key string) bool { return f.values[key] != nil }

// need finds a value that must be there; nil if it is not.
func (f *fields) need(key string) *yaml.Node {
	n := f.values[key]
	if n != nil {
		return n
	}
	lacked := f.page.lacked(f.node)
	f.missing = append(f.missing, key)
	if lacked == "" || len(f.missing) == 1 {
		f.missingAt = len(f.page.mistakes.list)
		f.page.report(f.node, "%s needs the key %s%s", f.what, key, lacked)
		f.told = len(f.page.mistakes.list) > f.missingAt
		return nil
	}
	// A row of an overlay whose own key is mistyped lacks most others: one mistake names them all.
	if f.told {
		f.page.mistakes.list[f.missingAt].Text =
			fmt.Sprintf("%s needs the keys %s%s", f.what, listed(f.missing), lacked)
	}
	return nil
}

// text reads a required text; "" after a mistake.
func (f *fields) text(key string) string {
	n := f.need(key)
	if n == nil {
		return ""
	}
	return f.page.text(n, key)
}

func (f *fields) optionalText(key string) string {
	if !f.has(key) {
		return ""
	}
	return f.page.text(f.values[key], key)
}

func (p *page) text(n *yaml.Node, key string) string {
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag != "!!str" && n.Tag != "!!timestamp":
		p.report(n, "%s is %s; write a text, in quotes if it looks like something else", key, kindOf(n))
	case strings.TrimSpace(n.Value) == "":
		p.report(n, "%s is blank; write a text", key)
	case strings.ContainsFunc(n.Value, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		p.report(n, "%s has a control character; remove it", key)
	default:
		return n.Value
	}
	return ""
}

// line reads a required text of one line; "" after a mistake.
func (f *fields) line(key string) string {
	text := f.text(key)
	if strings.ContainsRune(text, '\n') {
		f.page.report(f.values[key], "%s is %s; write it in one line", key, quoted(text))
		return ""
	}
	return text
}

const (
	maxName        = 64
	nameLetters    = "abcdefghijklmnopqrstuvwxyz0123456789_-."
	anyCaseLetters = nameLetters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func isName(s, letters string) bool {
	return s != "" && len(s) <= maxName && strings.Trim(s, letters) == ""
}

// name reads a required name. It becomes part of bases, metric labels and topics' keys, so only plain characters may be
// in it.
func (f *fields) name(key string) string {
	name := f.text(key)
	if name != "" && !isName(name, nameLetters) {
		f.page.report(f.values[key], "%s is %s; write small letters, digits, dashes, underscores and dots, at most %d",
			key, quoted(name), maxName)
		return ""
	}
	return name
}

// flag reads an optional truth value; absent means false.
func (f *fields) flag(key string) bool {
	n := f.values[key]
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Value != "true" && n.Value != "false" {
		f.page.report(n, "%s is %s; write true or false", key, kindOf(n))
	}
	return n.Value == "true"
}

// number reads a positive whole number; false after a mistake.
func (p *page) number(n *yaml.Node, what string, most int64) (int64, bool) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!int" && strings.Trim(n.Value, "0123456789") == "" && n.Value[0] != '0' {
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && i <= most {
			return i, true
		}
	}
	p.report(n, "%s is %s; write a whole number from 1 to %d, in plain digits", what, kindOf(n), most)
	return 0, false
}

// maxEntries bounds every list but that of codes, so that checking a list against itself stays cheap.
const maxEntries = 256

// list reads an optional list; nil if it is absent or after a mistake.
func (f *fields) list(key string) []*yaml.Node {
	entries := f.longList(key)
	if len(entries) > maxEntries {
		f.page.report(f.values[key], "%s has %d entries; it may have %d", key, len(entries), maxEntries)
		return entries[:maxEntries]
	}
	return entries
}

func (f *fields) longList(key string) []*yaml.Node {
	n := f.values[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		f.page.report(n, "%s is %s; write a list: [...]", key, kindOf(n))
		return nil
	}
	if len(n.Content) == 0 {
		f.page.report(n, "%s is an empty list; write what belongs there or remove the key", key)
	}
	return n.Content
}

// textNodes reads an optional list of texts, none twice; those with a mistake are left out.
func (f *fields) textNodes(key string) []*yaml.Node {
	var nodes []*yaml.Node
	for _, n := range f.list(key) {
		text := f.page.text(n, "an entry of "+key)
		switch {
		case text == "":
		case slices.ContainsFunc(nodes, func(other *yaml.Node) bool { return other.Value == text }):
			f.page.report(n, "%s has %s twice; keep one", key, quoted(text))
		default:
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// enum reads a required symbol; UNSPECIFIED after a mistake.
func enum[E ~uint8](f *fields, key string, names []string) E {
	n := f.need(key)
	if n == nil {
		return 0
	}
	return symbol[E](f.page, n, key, names)
}

func symbol[E ~uint8](p *page, n *yaml.Node, key string, names []string) E {
	if n.Kind != yaml.ScalarNode {
		p.report(n, "%s is %s; write one of: %s", key, kindOf(n), listed(names[1:]))
		return 0
	}
	e, ok := parse[E](names, n.Value)
	switch {
	case ok:
	case n.Value == names[0]:
		p.report(n, "%s is %s, which stands for nothing said; write one of: %s", key, n.Value, listed(names[1:]))
	default:
		p.report(n, "%s is %s%s; write one of: %s",
			key, quoted(n.Value), suggestion(n.Value, names[1:]), listed(names[1:]))
	}
	return e
}

// suggestion names what was probably meant; "" if nothing is near.
func suggestion(given string, names []string) string {
	best, nearest := "", 3
	for _, name := range names {
		if d := wording.Distance(given, name, nearest); d < nearest {
			best, nearest = name, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}
