package rules

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// LoadCases reads the cases beside the rules: each *.yaml file of fsys's directory cases, in the order of their names.
// Without that directory there are none. The error is Mistakes, all of them at once.
func LoadCases(fsys fs.FS) ([]*Case, error) {
	var mistakes found
	files := readFiles(fsys, caseFiles(fsys, &mistakes), &mistakes)
	// Files are parsed side by side: there may be thousands of cases, and nothing of one file hangs on another.
	lists, wrong := make([][]*Case, len(files)), make([]found, len(files))
	var reading sync.WaitGroup
	for i, f := range files {
		reading.Go(func() { lists[i] = (&page{name: f.name, mistakes: &wrong[i]}).cases(f.content) })
	}
	reading.Wait()
	for i := range wrong {
		mistakes.addAll(&wrong[i])
	}
	if mistakes.n > 0 {
		return nil, mistakes.tidy()
	}
	return slices.Concat(lists...), nil
}

// caseFiles names the files, sorted.
func caseFiles(fsys fs.FS, mistakes *found) (names []string) {
	entries, err := fs.ReadDir(fsys, CasesDir)
	if err != nil && (!errors.Is(err, fs.ErrNotExist) || isNamed(fsys, CasesDir)) {
		p := page{name: CasesDir, mistakes: mistakes}
		p.reportAt(1, 1, "cannot list the directory of cases: %v; make it a directory, or remove it", err)
	}
	for _, e := range entries {
		name := path.Join(CasesDir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			p := page{name: name, mistakes: mistakes}
			p.reportAt(1, 1, "no directory in %s is read; move its files into %s, or move it away", CasesDir, CasesDir)
		case strings.HasSuffix(name, yamlFile):
			names = append(names, name)
		case IsRulesFile(e.Name()):
			p := page{name: name, mistakes: mistakes}
			p.reportAt(1, 1, onlyYAML, renamed(e.Name()))
		}
	}
	return names
}

// isNamed says whether the root has an entry of a name, be it a link to nothing.
func isNamed(fsys fs.FS, name string) bool {
	entries, err := fs.ReadDir(fsys, ".")
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name })
}

// caseSettings are what events have in common, each from where it is said last: the file, the case, the event itself.
type caseSettings struct {
	event   *yaml.Node // canonical fields that an event has unless it gives its own; nil: none
	topic   CaseTopic
	at      time.Time
	key     []byte
	keyless bool
}

// noTime is when records are written of which no case says it.
var noTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (p *page) cases(content []byte) (all []*Case) {
	root, ok := p.parse(content)
	if !ok {
		return nil
	}
	f, ok := p.fields(root, caseFileKeys)
	if !ok {
		return nil
	}
	s := caseSettings{at: noTime}
	if n := f.values["defaults"]; n != nil {
		if d, ok := p.fields(n, defaultsKeys); ok {
			s = d.settings(s)
			if n := d.values["event"]; n != nil {
				if _, ok := p.fields(n, eventKeys); ok {
					s.event = n
				}
			}
		}
	}
	f.need("cases")
	lines := map[string]int{}
	for _, n := range f.longList("cases") {
		c := p.caseOf(n, s)
		if c == nil {
			continue
		}
		if line, taken := lines[c.Name]; taken && c.Name != "" {
			p.report(n, "a case %s is in line %d already; give it another name", quoted(c.Name), line)
		}
		lines[c.Name] = n.Line
		all = append(all, c)
	}
	return all
}

// caseOf reads a case; nil if it is none.
func (p *page) caseOf(n *yaml.Node, s caseSettings) *Case {
	kind, sequence := caseKeys, hasKey(n, "events")
	if sequence {
		kind = sequenceKeys
	}
	f, ok := p.fields(n, kind)
	if !ok {
		return nil
	}
	c := &Case{Name: f.line("name"), File: p.name, Line: n.Line}
	if f.has("todo") {
		c.Todo = f.line("todo")
	}
	s = f.settings(s)
	if !sequence {
		f.need("expect")
		c.Events = append(c.Events, f.caseEvent(s))
		return c
	}
	for _, n := range f.longList("events") {
		if item, ok := p.fields(n, sequenceEventKeys); ok {
			own := item.settings(s)
			s.at = own.at // the next is written no earlier
			c.Events = append(c.Events, item.caseEvent(own))
		}
	}
	if len(c.Events) > 0 && !slices.ContainsFunc(c.Events, CaseEvent.expects) {
		p.report(f.values["events"], "no event of the sequence has the key expect; say what must come of one")
	}
	return c
}

func (e CaseEvent) expects() bool { return e.Rejected != "" || len(e.Expect) > 0 }

// settings reads what stands in f over what was said before.
func (f *fields) settings(s caseSettings) caseSettings {
	if n := f.values["at"]; n != nil {
		s.at = f.page.moment(n, "at")
	}
	if n := f.values["key"]; n != nil {
		switch s.key, s.keyless = nil, n.Tag == "!!null"; {
		case !s.keyless:
			s.key = []byte(f.page.text(n, "key"))
		case n.Value == "":
			f.page.report(n, "key is empty; write a text, or null for a record that has none")
		}
	}
	n := f.values["topic"]
	if n == nil {
		return s
	}
	t, ok := f.page.fields(n, topicKeys)
	if !ok {
		return s
	}
	topic := &s.topic
	for key, to := range map[string]*string{"format": &topic.Format, "product": &topic.Product,
		"integration": &topic.Integration, "account": &topic.Account} {
		if t.has(key) {
			*to = t.line(key)
		}
	}
	for key, to := range map[string]*CasePlace{"format": &topic.FormatAt, "integration": &topic.IntegrationAt} {
		if n := t.values[key]; n != nil {
			*to = CasePlace{n.Line, n.Column}
		}
	}
	return s
}

// moment reads a time with its zone.
func (p *page) moment(n *yaml.Node, key string) time.Time {
	text := p.text(n, key)
	at, err := time.Parse(time.RFC3339Nano, text)
	switch {
	case text == "" || err == nil:
	case strings.HasSuffix(err.Error(), "out of range"):
		p.report(n, "%s is %s, and there is no such day or time; write one that there is", key, kindOf(n))
	default:
		p.report(n, "%s is %s; write a time with its zone, for example 2026-11-20T08:00:00Z", key, quoted(text))
	}
	return at
}

// caseEvent reads a record, and what must come of it.
func (f *fields) caseEvent(s caseSettings) CaseEvent {
	e := CaseEvent{Line: f.node.Line, At: s.at, Key: s.key, Keyless: s.keyless, Topic: s.topic}
	event, body := f.values["event"], f.values["body"]
	switch {
	case event != nil && body != nil:
		f.page.report(body, "%s has event and body; keep one: event has canonical fields, body is a record's value",
			f.what)
	case body != nil:
		e.Value = f.page.bodyOf(body)
	case event == nil:
		f.page.report(f.node, "%s has neither event nor body; write event with canonical fields, "+
			"or body with a record's value", f.what)
	default:
		if format := s.topic.Format; format != "" && format != "canonical" && format != "auto" {
			f.page.report(event, "event has canonical fields, and the topic has format %s; write body, "+
				"or topic: {format: canonical}", quoted(format))
		}
		e.Value = f.page.eventOf(event, s.event)
	}
	if n := f.values["expect"]; n != nil {
		f.page.expect(n, &e)
	}
	return e
}

// expect reads what must be published for an event.
func (p *page) expect(n *yaml.Node, e *CaseEvent) {
	f, ok := p.fields(n, expectKeys)
	if !ok {
		return
	}
	if len(n.Content) == 0 {
		p.report(n, "expect is empty; write one of: %s", listed(expectKeys.names))
	}
	if n := f.values["rejected"]; n != nil {
		e.Rejected, e.RejectedAt = p.text(n, "rejected"), CasePlace{n.Line, n.Column}
	}
	for _, output := range CaseOutputs() {
		n := f.values[output]
		switch {
		case n == nil:
			continue
		case f.has("rejected"):
			p.report(n, "what is rejected has no other output than a dead letter; remove %s", output)
		case n.Kind == yaml.ScalarNode && n.Value == "none":
			e.Expect = append(e.Expect, Expected{Output: output, Line: n.Line, None: true})
		case n.Kind != yaml.MappingNode:
			p.report(n, "%s is %s; write none, or a mapping of the fields that it must have", output, kindOf(n))
		default:
			e.Expect = append(e.Expect,
				Expected{Output: output, Line: n.Line, Fields: p.wants(n, output, caseOutputs[output])})
		}
	}
}

// wants reads the fields that an object must have.
func (p *page) wants(n *yaml.Node, what string, names outputNames) (wants []Want) {
	if len(names) > 0 {
		known := make([]string, 0, len(names))
		for name := range names {
			known = append(known, name)
		}
		slices.Sort(known)
		if _, ok := p.fieldsOf(n, what, known); !ok {
			return nil
		}
	}
	for i := 0; i < len(n.Content); i += 2 {
		name := n.Content[i].Value
		want := p.want(n.Content[i+1], name, names[name])
		want.Name = name
		wants = append(wants, want)
	}
	return wants
}

func (p *page) want(n *yaml.Node, what string, names outputNames) Want {
	want := Want{Line: n.Line, Text: n.Value}
	switch {
	case n.Kind == yaml.MappingNode && names == nil:
		p.report(n, "%s is a mapping; it has no fields, write its value", what)
	case n.Kind == yaml.MappingNode:
		want.Kind, want.Parts = WantObject, p.wants(n, what, names)
	case n.Kind == yaml.SequenceNode:
		want.Kind = WantList
		for _, item := range n.Content {
			want.Parts = append(want.Parts, p.want(item, "an item of "+what, names))
		}
	case n.Tag == "!!null" && n.Value == "":
		p.report(n, "%s is empty; write a value, or null", what)
	case n.Tag == "!!null":
		want.Kind = WantNull
	}
	return want
}
