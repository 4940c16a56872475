package rules

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"go.yaml.in/yaml/v3"
)

// hashOf is the hash of what vocabularies say, in six hex digits. Catalogs that say the same have the same one, however
// their files are named, split and ordered: it is made from the trees and not from the bytes. So neither comments count
// nor the order of keys and rows, but for billing rules, of which the first match counts. (The order of an envelope's
// members is that in which a dead letter names them, no more: codes come in the order of the body.) The trees have no
// mistake.
func hashOf(sheets []*sheet) string {
	trees := make([]string, len(sheets))
	for i, s := range sheets {
		trees[i] = encoded(s.root, "", false)
	}
	slices.Sort(trees)
	sum := sha256.New()
	for _, tree := range trees {
		sum.Write([]byte(tree))
	}
	return hex.EncodeToString(sum.Sum(nil))[:6]
}

// sameValue says whether two values of a key say the same. A text in quotes is not the number or truth value that it
// looks like: where the one is right, the other is a mistake.
func sameValue(key string, a, b *yaml.Node) bool {
	return encoded(a, key, true) == encoded(b, key, true)
}

// encoded writes the value of a key in one way for all that says the same, and no two others alike. typed: also whether
// a scalar is a text. Trees without a mistake need not say it.
func encoded(n *yaml.Node, key string, typed bool) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return encodedMapping(n, typed)
	case n.Kind != yaml.SequenceNode && typed && (n.Tag == "!!str" || n.Tag == "!!timestamp"):
		return sized("\"", n.Value)
	case n.Kind != yaml.SequenceNode:
		return sized("=", n.Value)
	case key == "flow":
		return encodedFlow(n)
	}
	items := make([]string, len(n.Content))
	for i, item := range n.Content {
		items[i] = encoded(item, "", typed)
	}
	if key != "rules" {
		slices.Sort(items)
	}
	return sized("[", items...)
}

func encodedMapping(n *yaml.Node, typed bool) string {
	entries := make([]string, 0, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if key == "examples" {
			continue // they show what the rest of an envelope says
		}
		entries = append(entries, sized("", key, encoded(n.Content[i+1], key, typed)))
	}
	slices.Sort(entries)
	return sized("{", entries...)
}

// encodedFlow writes each step by itself, as a row may stand for several.
func encodedFlow(n *yaml.Node) string {
	var items []string
	for _, step := range singleSteps(n.Content) {
		items = append(items, encoded(step.row(), "", false))
	}
	slices.Sort(items)
	return sized("[", items...)
}

// sized joins texts so that no others are joined alike.
func sized(kind string, texts ...string) string {
	size := len(kind) + binary.MaxVarintLen64*(len(texts)+1)
	for _, text := range texts {
		size += len(text)
	}
	joined := binary.AppendUvarint(append(make([]byte, 0, size), kind...), uint64(len(texts)))
	for _, text := range texts {
		joined = append(binary.AppendUvarint(joined, uint64(len(text))), text...)
	}
	return string(joined)
}
