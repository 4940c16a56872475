package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdict/cmd/verdict/screen"
	"verdict/processor/codec"
)

// readFile reads a YAML file strictly: every key must be known and stand once, and have a value of its type.
func (l *loader) readFile(file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		l.mistake("%s: cannot be read: %v (it is named by --config or %s)", file, errorCause(err), fileVariable)
		return
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document, more yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if !errors.Is(err, io.EOF) { // an empty file is the defaults
			l.mistake("%s", yamlProblem(file, content, err))
		}
		return
	}
	f := &yamlFile{loader: l, file: file, lines: map[string]int{}}
	f.section("", document.Content[0])
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		l.mistake("%s: more than one document: keep the part before the second ---", file)
	}
}

// yamlProblem turns "yaml: line 3: ..." into "file:3: ...". The library calls a tab by many names, not by its own.
func yamlProblem(file string, content []byte, err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	rest, named := strings.CutPrefix(text, "line ")
	if strings.Contains(rest, "alphabetic or numeric character") { // of the name of an alias or an anchor
		rest += "; a text that begins with * or & is written in quotes"
	}
	number, _, _ := strings.Cut(rest, ":")
	line, _ := strconv.Atoi(number) // 0 where it names none
	if at, ok := tabIndent(content, line, text); ok {
		return fmt.Sprintf("%s:%d: a tab; write spaces", file, at)
	}
	if named {
		return file + ":" + rest
	}
	return file + ": " + text
}

func errorCause(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}

type yamlFile struct {
	loader *loader
	file   string
	lines  map[string]int // where each key was first seen
}

func (f *yamlFile) mistake(n *yaml.Node, name, format string, args ...any) {
	f.loader.mistake("%s:%d: %s: %s", f.file, n.Line, name, fmt.Sprintf(format, args...))
}

// section walks a mapping whose keys continue prefix.
func (f *yamlFile) section(prefix string, n *yaml.Node) {
	n = resolve(n)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" && prefix == "" {
		return // a file of comments
	}
	if n.Kind != yaml.MappingNode {
		name := strings.TrimSuffix(prefix, ".")
		if name == "" {
			name = "(file)"
		}
		f.mistake(n, name, "is a section: write its keys below it, indented, as key: value")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f.entry(prefix+n.Content[i].Value, n.Content[i], n.Content[i+1])
	}
}

func (f *yamlFile) entry(name string, at, value *yaml.Node) {
	k := f.loader.byName[name]
	isSection := f.isSection(name)
	if k == nil && !isSection {
		f.mistake(at, name, "unknown key%s", screen.Suggestion(name, append(KeyNames(), f.sections()...), keysAre))
		return
	}
	if line := f.lines[name]; line != 0 {
		f.mistake(at, name, "is there twice, first in line %d: keep one", line)
		return
	}
	f.lines[name] = at.Line
	if isSection {
		f.section(name+".", value)
		return
	}
	f.value(k, at, resolve(value))
}

func (f *yamlFile) value(k *Key, at, value *yaml.Node) {
	switch k.field(new(Config)).(type) {
	case *[]string:
		if value.Kind == yaml.SequenceNode {
			f.list(k, at, value, scalarText)
			return
		}
	case *[]rawTopic:
		if value.Kind == yaml.SequenceNode {
			f.list(k, at, value, topicText)
			return
		}
	}
	text, err := yamlText(k, value)
	if err == nil {
		err = k.setText(&f.loader.loaded.Config, text)
	}
	for _, fault := range eachFault(err) {
		f.mistake(value, k.name, "%v%s", fault, k.defaultText())
	}
	if err == nil {
		f.setFrom(k, at)
	}
}

func (f *yamlFile) setFrom(k *Key, at *yaml.Node) {
	f.loader.loaded.origin[k.name] = fmt.Sprintf("%s:%d", f.file, at.Line)
	delete(f.loader.loaded.items, k.name)
}

// list reads a list. Each mistake is told with the line of its item.
func (f *yamlFile) list(k *Key, at, list *yaml.Node, text func(*yaml.Node) (string, error)) {
	var texts []string
	var items []*yaml.Node // of the texts
	readable := true
	for _, item := range list.Content {
		item = resolve(item)
		t, err := text(item)
		if strings.Contains(t, ",") {
			err = errors.New("has an item with a comma: write one text per item, and no comma in it")
		}
		switch {
		case err != nil:
			readable = false
			f.mistake(item, k.name, "%v%s", err, k.defaultText())
		case strings.TrimSpace(t) != "": // as between two commas
			texts, items = append(texts, t), append(items, item)
		}
	}
	if !readable && texts == nil {
		return
	}
	err := k.setText(&f.loader.loaded.Config, strings.Join(texts, ","))
	for _, fault := range eachFault(err) {
		place := list
		if item, ok := errors.AsType[*itemFault](fault); ok {
			place = items[item.at]
		}
		f.mistake(place, k.name, "%v%s", fault, k.defaultText())
	}
	if err == nil && readable {
		f.setFrom(k, at)
		places := make([]string, len(items))
		for i, item := range items {
			places[i] = fmt.Sprintf("%s:%d", f.file, item.Line)
		}
		f.loader.loaded.items[k.name] = places
	}
}

// yamlText brings a YAML value into the form of the environment, which then checks it.
func yamlText(k *Key, n *yaml.Node) (string, error) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag != "!!null":
		return n.Value, nil
	case n.Kind == yaml.ScalarNode:
		return "", errors.New("has no value: write one, or leave the key out")
	case n.Kind == yaml.SequenceNode:
		return "", fmt.Errorf("is a list: write one value (%s)", k.kind())
	default:
		return "", fmt.Errorf("is a section: write a value (%s)", k.kind())
	}
}

var errUnreadable = errors.New("has an unreadable item: write one text per item, or for a topic " +
	"{name: TOPIC, format: FORMAT, product: PRODUCT, integration: sdk, account: ACCOUNT}")

func scalarText(item *yaml.Node) (string, error) {
	if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
		return "", errUnreadable
	}
	return item.Value, nil
}

// topicText reads {name: ..., format: ..., product: ..., integration: ..., account: ...} or a text
// name:format:product:integration:account. The text goes on in the environment's form, in which a comma ends it and
// only an account, as the last part, can have a colon.
func topicText(item *yaml.Node) (string, error) {
	if item.Kind != yaml.MappingNode {
		return scalarText(item)
	}
	fields := map[string]string{}
	for i := 0; i+1 < len(item.Content); i += 2 {
		name, value := item.Content[i].Value, resolve(item.Content[i+1])
		_, twice := fields[name]
		switch {
		case !slices.Contains(topicFields, name):
			return "", fmt.Errorf("has an item with an unknown key %s%s", name,
				screen.Suggestion(name, topicFields, "; it may have: "+strings.Join(topicFields, ", ")))
		case twice || value.Kind != yaml.ScalarNode:
			return "", errUnreadable
		case value.Tag == "!!null":
			return "", fmt.Errorf("has an item whose %s has no value: write one, or leave it out", name)
		case strings.Contains(value.Value, ","):
			return "", fmt.Errorf("has an item whose %s is %q: write it without a comma", name, value.Value)
		case name != "account" && strings.Contains(value.Value, ":"):
			return "", fmt.Errorf("has an item whose %s is %q: write it without a colon", name, value.Value)
		}
		fields[name] = value.Value
	}
	if fields["format"] == "" {
		fields["format"] = codec.Canonical
	}
	topic := rawTopic{fields["name"], fields["format"], fields["product"], fields["integration"], fields["account"]}
	if topic.Name == "" {
		return "", errUnreadable
	}
	return topic.String(), nil
}

var topicFields = []string{"name", "format", "product", "integration", "account"}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (f *yamlFile) isSection(name string) bool {
	for _, k := range f.loader.loaded.keys {
		if strings.HasPrefix(k.name, name+".") {
			return true
		}
	}
	return false
}

func (f *yamlFile) sections() []string {
	var sections []string
	for _, k := range f.loader.loaded.keys {
		for i, c := range k.name {
			if c == '.' {
				sections = append(sections, k.name[:i])
			}
		}
	}
	return sections
}
