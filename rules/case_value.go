package rules

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// caseVerification is the id of the verification where a case does not name one: each case has a story of its own.
const caseVerification = "v-1"

// eventOf writes an event of canonical fields as JSON: its own, and those of defaults that it does not give.
func (p *page) eventOf(n, defaults *yaml.Node) []byte {
	f, ok := p.fields(n, eventKeys)
	if !ok {
		return nil
	}
	object := []byte{'{'}
	add := func(from *yaml.Node, skip map[string]*yaml.Node) {
		for i := 0; from != nil && i < len(from.Content); i += 2 {
			name := from.Content[i].Value
			if skip[name] == nil {
				object = p.appendMember(object, name, from.Content[i+1])
			}
		}
	}
	add(n, nil)
	add(defaults, f.values)
	if !f.has("verification_id") && (defaults == nil || !hasKey(defaults, "verification_id")) {
		object = p.appendMember(object, "verification_id", &yaml.Node{Kind: yaml.ScalarNode, Value: caseVerification})
	}
	return append(object, '}')
}

// bodyOf is a record's value: a text as it is, or a mapping or list as JSON.
func (p *page) bodyOf(n *yaml.Node) []byte {
	if n.Kind != yaml.ScalarNode {
		return p.appendJSON(nil, n)
	}
	if n.Tag != "!!str" {
		p.report(n, "body is %s; write a text, or the JSON object itself", kindOf(n))
	}
	return []byte(n.Value)
}

func (p *page) appendMember(object []byte, name string, value *yaml.Node) []byte {
	if len(object) > 1 {
		object = append(object, ',')
	}
	return p.appendJSON(append(appendText(object, name), ':'), value)
}

// appendJSON writes a value as JSON. Numbers keep their letters, so that what is no number there is a mistake.
func (p *page) appendJSON(to []byte, n *yaml.Node) []byte {
	switch n.Kind {
	case yaml.MappingNode:
		return p.appendObject(to, n)
	case yaml.SequenceNode:
		to = append(to, '[')
		for i, item := range n.Content {
			if i > 0 {
				to = append(to, ',')
			}
			to = p.appendJSON(to, item)
		}
		return append(to, ']')
	}
	switch n.Tag {
	case "!!null":
		return append(to, "null"...)
	case "!!bool":
		return append(to, strings.ToLower(n.Value)...)
	case "!!int", "!!float":
		if !json.Valid([]byte(n.Value)) {
			p.report(n, "the number %s is none in JSON; write plain digits, or quotes around it", n.Value)
		}
		return append(to, n.Value...)
	}
	return appendText(to, n.Value)
}

func (p *page) appendObject(to []byte, n *yaml.Node) []byte {
	start, seen := len(to), map[string]bool{}
	to = append(to, '{')
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			p.report(key, "a key is %s; write a text", kindOf(key))
			continue
		}
		if seen[key.Value] {
			p.report(key, "the key %s is there twice; keep one, or write the body as a text", quoted(key.Value))
		}
		seen[key.Value] = true
		if len(to) > start+1 {
			to = append(to, ',')
		}
		to = p.appendJSON(append(appendText(to, key.Value), ':'), n.Content[i+1])
	}
	return append(to, '}')
}

func appendText(to []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		return to // a text can always be written
	}
	return append(to, quoted...)
}
