package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// page is one catalog file while it is read.
type page struct {
	name     string
	mistakes *found
	rows     rowPlaces // filled while it is read
	layer    *layer    // the overlay that lies over its tree; nil if none does
	overCure string    // see inOverlay
}

func (p *page) report(n *yaml.Node, format string, args ...any) {
	m := Mistake{File: p.fileOf(n), Line: n.Line, Column: n.Column, inBase: p.inBase(n), overCure: p.overCure}
	p.mistakes.add(m, func() string { return fmt.Sprintf(format, args...) + p.changes(n) })
}

// inOverlay is the page for the report of a mistake that has another cure where an overlay makes it in the base.
func (p *page) inOverlay(cure string, args ...any) *page {
	with := *p
	with.overCure = fmt.Sprintf(cure, args...)
	return &with
}

func (p *page) reportAt(line, column int, format string, args ...any) {
	p.mistakes.add(Mistake{File: p.name, Line: line, Column: column},
		func() string { return fmt.Sprintf(format, args...) })
}

// parse reads the one YAML document of a file. It refuses the parts of YAML that a catalog does not need (anchors,
// aliases, merge keys, tags, several documents), because with them a row no longer says by itself what holds.
func (p *page) parse(content []byte) (*yaml.Node, bool) {
	if !p.plainText(content) {
		return nil, false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document, next yaml.Node
	if err := decoder.Decode(&document); err != nil {
		p.syntax(content, err)
		return nil, false
	}
	switch err := decoder.Decode(&next); {
	case err == nil:
		p.report(&next, "a second document begins here; write each vocabulary into a file of its own")
		return nil, false
	case !errors.Is(err, io.EOF):
		p.syntax(content, err)
		return nil, false
	}
	root := document.Content[0]
	return root, p.plain(root)
}

// plainText refuses tabs and bytes that are not UTF-8, for which the YAML library has no helpful text.
func (p *page) plainText(content []byte) bool {
	good := true
	for number, line := range bytes.Split(content, []byte("\n")) {
		if column := invalidUTF8(line); column > 0 {
			p.reportAt(number+1, column, "this is not UTF-8; save the file as UTF-8")
			return false
		}
		if tab := bytes.IndexByte(line, '\t'); tab >= 0 {
			p.reportAt(number+1, utf8.RuneCount(line[:tab])+1, "a tab; write spaces")
			good = false
		}
	}
	return good
}

// invalidUTF8 is the column of the first byte that is not UTF-8; 0 if there is none.
func invalidUTF8(line []byte) int {
	if utf8.Valid(line) {
		return 0
	}
	for column := 1; ; column++ {
		r, size := utf8.DecodeRune(line)
		if r == utf8.RuneError && size <= 1 {
			return column
		}
		line = line[size:]
	}
}

// yamlError is the form of the YAML library's errors; the line is there in most of them, a column never.
var yamlError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// misplaced are the library's texts for a line that is indented otherwise than the block it stands in. The library then
// gives the line where the block begins.
var misplaced = []string{"did not find expected '-' indicator", "did not find expected key"}

func (p *page) syntax(content []byte, err error) {
	if errors.Is(err, io.EOF) {
		p.reportAt(1, 1, "the file is empty; write what belongs there or remove it")
		return
	}
	line, text := 1, err.Error()
	if m := yamlError.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	if slices.Contains(misplaced, text) && len(content) <= maxSearchBytes {
		line, column := placeOfError(content, err)
		p.reportAt(line, column,
			"in or near this line is no YAML: %s; indent it like those beside it", text)
		return
	}
	p.reportAt(line, 1, "in or near this line is no YAML: %s; correct it", strings.ReplaceAll(text, "\n", " "))
}

// maxSearchBytes bounds the files of which placeOfError reads beginnings again and again.
const maxSearchBytes = 1 << 20

// placeOfError is the last line of the shortest beginning of content that the YAML library refuses with the same error,
// and the column in which that begins.
func placeOfError(content []byte, err error) (line, column int) {
	lines := bytes.SplitAfter(content, []byte("\n"))
	ends := make([]int, len(lines))
	end := 0
	for i, line := range lines {
		end += len(line)
		ends[i] = end
	}
	last := sort.Search(len(lines)-1, func(i int) bool {
		var document yaml.Node
		found := yaml.Unmarshal(content[:ends[i]], &document)
		return found != nil && found.Error() == err.Error()
	})
	return last + 1, len(lines[last]) - len(bytes.TrimLeft(lines[last], " ")) + 1
}

// plain refuses anchors, aliases, merge keys and tags anywhere in the document.
func (p *page) plain(n *yaml.Node) bool {
	good := true
	switch {
	case n.Kind == yaml.AliasNode:
		p.report(n, "an alias (*); write the value out")
		return false // its target is elsewhere in the document
	case n.Anchor != "":
		p.report(n, "an anchor (&); remove it, each row says all by itself")
		good = false
	case n.Kind == yaml.ScalarNode && n.Tag == "!!merge":
		p.report(n, "a merge key (<<); write the keys out")
		good = false
	case n.Style&yaml.TaggedStyle != 0:
		p.report(n, "a tag (!); remove it")
		good = false
	}
	for _, child := range n.Content {
		good = p.plain(child) && good
	}
	return good
}
