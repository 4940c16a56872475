package rules

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A catalog that is split at random into a rest and an overlay comes out as it was, whatever the order of the overlay's
// files, rows and keys. The rest need be no catalog: only the trees are looked at.
func TestOverlayOfASplitCatalogGivesTheCatalog(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine: nothing for the race detector")
	}
	for seed := range uint64(12) {
		chance := rand.New(rand.NewPCG(seed, 14))
		whole, rest := sheetsOf(t), sheetsOf(t)
		lay := newLayer(math.MaxInt)
		var mistakes found
		var files []*sheet
		for i, s := range rest {
			s.layer, s.mistakes = lay, &mistakes
			for k, part := range splitInFiles(chance, s) {
				name := fmt.Sprintf("own-%d-%d.yaml", i, k)
				lay.mark(part, name)
				files = append(files, &sheet{&page{name: name, mistakes: &mistakes, layer: lay}, part})
			}
		}
		for _, i := range chance.Perm(len(files)) {
			if merged := lay.lay(rest, files[i]); len(merged) != len(rest) {
				t.Fatalf("seed %d: %s is taken for a new vocabulary", seed, files[i].name())
			}
		}
		for i := range whole {
			if want, got := encoded(whole[i].root, "", false), encoded(rest[i].root, "", false); want != got {
				t.Fatalf("seed %d: %s is another one:\n%q\nwanted\n%q\n%v", seed, whole[i].name(), got, want, mistakes.list)
			}
		}
	}
}

// splitInFiles moves parts of a vocabulary into two files of an overlay.
func splitInFiles(chance *rand.Rand, s *sheet) [2]*yaml.Node {
	all := emptyMapping(s.root)
	splitVocabulary(chance, s.root, all)
	var files [2]*yaml.Node
	for k := range files {
		files[k] = emptyMapping(s.root)
		set(files[k], "vocabulary", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s.name()})
	}
	for i := 0; i < len(all.Content); i += 2 {
		file := files[chance.IntN(2)]
		file.Content = append(file.Content, all.Content[i:i+2]...)
	}
	for _, file := range files {
		shuffleKeys(chance, file)
	}
	return files
}

// sheetsOf parses the embedded catalog.
func sheetsOf(t *testing.T) []*sheet {
	l := newLoader(nil, nil)
	_, sheets := l.parse(l.files(EmbeddedFS()))
	if l.mistakes.n > 0 || len(sheets) == 0 {
		t.Fatal(l.mistakes.list)
	}
	return sheets
}

// splitVocabulary moves parts of a vocabulary into an overlay.
func splitVocabulary(chance *rand.Rand, from, to *yaml.Node) {
	for i := 0; i < len(from.Content); i += 2 {
		key, value := from.Content[i].Value, from.Content[i+1]
		kind, isList := rowKinds[key]
		switch {
		case key == "vocabulary":
		case key == "billing":
			own := emptyMapping(value)
			splitBilling(chance, value, own)
			set(to, key, own)
		case key == "flow":
			split(chance, to, key, value, func(row, own *yaml.Node) bool { return splitRow(chance, stepKind, row, own) })
		case isList:
			split(chance, to, key, value, func(row, own *yaml.Node) bool { return splitRow(chance, kind, row, own) })
		case key == "code_prefixes":
			set(to, key, lastOf(value))
		case chance.IntN(2) == 0:
			set(to, key, value)
			from.Content = slices.Delete(from.Content, i, i+2)
			i -= 2
		}
	}
}

// splitBilling moves the first rules, as those of an overlay come first, and fields of others.
func splitBilling(chance *rand.Rand, from, to *yaml.Node) {
	splitRow(chance, rowKind{}, valueOf(from, "otherwise"), childOf(to, "otherwise", valueOf(from, "otherwise")))
	list := valueOf(from, "rules")
	if list == nil {
		return
	}
	n := chance.IntN(len(list.Content) + 1)
	own := &yaml.Node{Kind: yaml.SequenceNode, Content: slices.Clone(list.Content[:n])}
	list.Content = slices.Clone(list.Content[n:])
	for _, row := range list.Content {
		part := emptyMapping(row)
		if splitRow(chance, rowKinds["rules"], row, part) {
			own.Content = append(own.Content, part)
		}
	}
	if len(own.Content) > 0 {
		set(to, "rules", own)
	}
}

// split moves rows of a list: whole ones, and parts of others.
func split(chance *rand.Rand, to *yaml.Node, key string, list *yaml.Node, part func(row, own *yaml.Node) bool) {
	own := &yaml.Node{Kind: yaml.SequenceNode}
	var left []*yaml.Node
	for _, row := range list.Content {
		some := emptyMapping(row)
		switch {
		case chance.IntN(4) == 0:
			own.Content = append(own.Content, row)
			continue
		case part(row, some):
			own.Content = append(own.Content, some)
		}
		left = append(left, row)
	}
	list.Content = left
	if len(own.Content) > 0 {
		chance.Shuffle(len(own.Content), func(i, k int) {
			own.Content[i], own.Content[k] = own.Content[k], own.Content[i]
		})
		set(to, key, own)
	}
}

// splitRow moves fields of a row into another with the same key; false if none.
func splitRow(chance *rand.Rand, kind rowKind, row, own *yaml.Node) bool {
	moved := false
	for i := 0; i < len(row.Content); i += 2 {
		key, value := row.Content[i].Value, row.Content[i+1]
		if slices.Contains(kind.keys, key) {
			set(own, key, value)
			continue
		}
		if chance.IntN(2) != 0 {
			continue
		}
		moved = true
		if key == "aliases" {
			set(own, key, lastOf(value))
			continue
		}
		if key == "by_risk" && chance.IntN(2) == 0 {
			part := emptyMapping(value)
			for k := 0; k < len(value.Content); k += 2 {
				rule := emptyMapping(value.Content[k+1])
				if splitRow(chance, rowKind{}, value.Content[k+1], rule) {
					part.Content = append(part.Content, value.Content[k], rule)
				}
			}
			if moved = len(part.Content) > 0; moved {
				set(own, key, part)
			}
			continue
		}
		set(own, key, value)
		row.Content = slices.Delete(row.Content, i, i+2)
		i -= 2
	}
	return moved
}

// lastOf moves the last item of a list into another. The catalog has none that is longer, so the list gets one more.
func lastOf(list *yaml.Node) *yaml.Node {
	last := len(list.Content) - 1
	own := &yaml.Node{Kind: yaml.SequenceNode, Content: slices.Clone(list.Content[last:])}
	list.Content = list.Content[:last]
	return own
}

func emptyMapping(at *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Line: at.Line, Column: at.Column}
}

// childOf puts an empty mapping into another.
func childOf(n *yaml.Node, key string, at *yaml.Node) *yaml.Node {
	child := emptyMapping(at)
	set(n, key, child)
	return child
}

func set(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}

func shuffleKeys(chance *rand.Rand, n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		var pairs [][]*yaml.Node
		for i := 0; i < len(n.Content); i += 2 {
			pairs = append(pairs, n.Content[i:i+2])
		}
		chance.Shuffle(len(pairs), func(i, k int) { pairs[i], pairs[k] = pairs[k], pairs[i] })
		n.Content = slices.Concat(pairs...)
	}
	for _, child := range n.Content {
		shuffleKeys(chance, child)
	}
}
