package rules

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// hashOf is the hash of what vocabularies say, in six hex digits. Catalogs that say the same have the same one, however
// their files are named, split and ordered: it is made from the trees and not from the bytes. So neither comments count
// nor the order of keys and rows, but for billing rules, of which the first match counts. The trees have no mistake.
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

// sameValue says whether two values of a key say the same.
func sameValue(key string, a, b *yaml.Node) bool {
	return encoded(a, key, false) == encoded(b, key, false)
}

// encoded writes the value of a key in one way for all that says the same, and no two others alike. ordered: the order
// of lists counts, as it does in envelopes.
func encoded(n *yaml.Node, key string, ordered bool) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return encodedMapping(n, ordered)
	case n.Kind != yaml.SequenceNode:
		return sized("=", n.Value)
	case key == "flow":
		return encodedFlow(n)
	}
	items := make([]string, len(n.Content))
	for i, item := range n.Content {
		items[i] = encoded(item, "", ordered || key == "envelopes")
	}
	if !ordered && key != "rules" {
		slices.Sort(items)
	}
	return sized("[", items...)
}

func encodedMapping(n *yaml.Node, ordered bool) string {
	entries := make([]string, 0, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if key == "examples" {
			continue // they show what the rest of an envelope says
		}
		entries = append(entries, sized("", key, encoded(n.Content[i+1], key, ordered)))
	}
	slices.Sort(entries)
	return sized("{", entries...)
}

// encodedFlow writes each step by itself, as a row may stand for several. Of steps from one status to another, which
// differ in their conditions, the first that may be taken counts.
func encodedFlow(n *yaml.Node) string {
	type row struct{ statuses, all string }
	var rows []row
	for _, step := range singleSteps(n.Content) {
		rows = append(rows, row{sized("", step.from.Value, step.to.Value), encoded(step.row(), "", false)})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(a.statuses, b.statuses) })
	items := make([]string, len(rows))
	for i := range rows {
		items[i] = rows[i].all
	}
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
