package rules

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// catalogFile is the one file that is not a vocabulary: it has the version.
const catalogFile = "catalog.yaml"

// wholeDirectory stands for the file in a mistake about none in particular.
const wholeDirectory = "."

// MaxBytes bounds the files of rules of a directory together, and so the files of cases beside them; some 40,000 codes
// fit, or as many cases. A process that decides may load them, and a parsed YAML file can have 90 times its size.
const MaxBytes = 8 << 20

// Load reads, checks and compiles a catalog: catalog.yaml with the version, and one vocabulary in each other *.yaml
// file at the root of fsys. A catalog with any mistake is refused: the error then is Mistakes, all of them at once. A
// status that the embedded catalog calls INCONCLUSIVE must be INCONCLUSIVE here too.
func Load(fsys fs.FS) (*Catalog, error) { return load(fsys, Embedded()) }

// load is Load against builtIn, the catalog that every other one must agree with on what is INCONCLUSIVE; nil while the
// embedded one itself is loaded.
func load(fsys fs.FS, builtIn *Catalog) (*Catalog, error) {
	l := newLoader(builtIn, nil)
	catalog, _ := l.load(fsys)
	if l.mistakes.n > 0 {
		return nil, l.mistakes.tidy()
	}
	return catalog, nil
}

// load reads a whole catalog and its files. The catalog may be used only if no mistake was reported.
func (l *loader) load(fsys fs.FS) (*Catalog, []file) {
	files := l.files(fsys)
	if !l.whole(files) {
		return nil, nil
	}
	return l.compile(l.parse(files)), files
}

// newLoader makes a loader of a catalog that must agree with others on what is INCONCLUSIVE: the built-in one, and the
// base that it lies over; nil is none.
func newLoader(builtIn, base *Catalog) *loader {
	l := &loader{
		catalog: &Catalog{byProduct: map[product]*Vocabulary{}, rows: rowPlaces{}},
		seen:    map[string]string{}, hashes: map[uint32]string{}, soundEnvelopes: true,
		envelopes: newEnvelopeReader(),
	}
	if builtIn != nil {
		l.others = append(l.others, otherCatalog{builtIn, "the built-in catalog"})
	}
	if base != nil && base != builtIn {
		l.others = append(l.others, otherCatalog{base, "the base"})
	}
	return l
}

// sheet is one vocabulary file, parsed and not yet checked.
type sheet struct {
	*page
	root *yaml.Node
}

// parse finds the version and the vocabularies of a catalog's files.
func (l *loader) parse(files []file) (version string, sheets []*sheet) {
	for _, f := range files {
		p := &page{name: f.name, mistakes: &l.mistakes, rows: l.catalog.rows}
		if f.name == catalogFile {
			version = p.version(f.content)
		} else if root, ok := p.rules(f.content); ok {
			sheets = append(sheets, &sheet{p, root})
		}
	}
	return version, sheets
}

// rules is parse for a file of rules, which one of cases is not.
func (p *page) rules(content []byte) (*yaml.Node, bool) {
	root, ok := p.parse(content)
	if ok && hasKey(root, "cases") && !hasKey(root, "vocabulary") {
		p.report(root, "this is a file of cases; move it into the directory %s, or, if it is in that, name the "+
			"directory above as that of the rules", CasesDir)
		return nil, false
	}
	return root, ok
}

// whole says whether files are those of a whole catalog. Without its version they are most likely an overlay, in which
// nearly each row would be a mistake: nothing else is told then.
func (l *loader) whole(files []file) bool {
	isVersion := func(f file) bool { return f.name == catalogFile }
	isMisnamed := func(m Mistake) bool { return strings.HasPrefix(m.File, "catalog.") }
	switch {
	case l.unreadable, slices.ContainsFunc(files, isVersion):
		return true
	case slices.ContainsFunc(l.mistakes.list, isMisnamed): // which is told already
	case len(files) == 0:
		l.report(catalogFile, "this file is missing; it has the catalog's version, for example: version: 2026.11.0")
	default:
		l.report(catalogFile, "this file, which a whole catalog has, is missing: the directory looks like an overlay, "+
			"so set catalog.overlay to it, and not catalog.dir; if it is whole, write the file, for example: "+
			"version: 2026.11.0")
	}
	return false
}

// compile checks the vocabularies and makes a catalog of them, which may be used only if no mistake was reported.
func (l *loader) compile(version string, sheets []*sheet) *Catalog {
	for _, s := range sheets {
		l.vocabulary(s)
	}
	l.envelopes.settle(l.catalog, l.soundEnvelopes)
	if l.mistakes.n == 0 && len(l.catalog.vocabularies) == 0 {
		l.report(wholeDirectory,
			"there is no vocabulary; write one into a file of its own, for example yousign-video.yaml")
	}
	if l.mistakes.n > 0 {
		return nil
	}
	l.catalog.Version = version + "+" + hashOf(sheets)
	slices.SortFunc(l.catalog.vocabularies, func(a, b *Vocabulary) int { return strings.Compare(a.Name, b.Name) })
	l.catalog.link()
	return l.catalog
}

type loader struct {
	catalog    *Catalog
	others     []otherCatalog
	mistakes   found
	unreadable bool
	seen       map[string]string // vocabulary names and products, and where they stand
	hashes     map[uint32]string // see vocabularyReader
	envelopes  *envelopeReader
	// soundEnvelopes says that no envelope has a mistake of its own. Only then are their examples looked at.
	soundEnvelopes bool
}

// otherCatalog is one that a catalog must agree with on what is INCONCLUSIVE.
type otherCatalog struct {
	*Catalog
	name string // for texts
}

func (l *loader) report(file, format string, args ...any) {
	l.mistakes.add(Mistake{File: file, Line: 1, Column: 1}, func() string { return fmt.Sprintf(format, args...) })
}

// list names the catalog files, sorted. Directories and other files are left alone (a mounted config map has some), but
// not what looks as if it counted.
func (l *loader) list(fsys fs.FS) []string {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		l.unreadable = true
		l.report(wholeDirectory, "cannot list the catalog directory: %v", err)
		return nil
	}
	var names []string
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir(), !IsRulesFile(name):
		case strings.HasSuffix(name, yamlFile):
			names = append(names, name)
		default:
			l.report(name, onlyYAML, renamed(name))
		}
	}
	return names
}

// yamlFile ends the names of the files that are read.
const yamlFile = ".yaml"

// onlyYAML is what is said of others that look like them.
const onlyYAML = "only *.yaml files are read; rename it to %s or move it away"

// IsRulesFile says whether a file with this name, in a directory of rules or of cases, is read, or refused because it
// looks as if it were: a *.yml, *.YAML or *.yaml.txt. What an editor hides behind a dot is neither.
func IsRulesFile(name string) bool {
	return !strings.HasPrefix(name, ".") && renamed(name) != ""
}

// renamed is the name with which a file that looks like one of rules is read; "" for others.
func renamed(name string) string {
	for _, end := range []string{".yaml", ".yml", ".yaml.txt", ".yml.txt"} {
		if at := len(name) - len(end); at >= 0 && strings.EqualFold(name[at:], end) {
			return name[:at] + yamlFile
		}
	}
	return ""
}

// file is one file of a catalog, as it was read.
type file struct {
	name    string
	content []byte
}

// files reads the catalog files, sorted by name.
func (l *loader) files(fsys fs.FS) (files []file) {
	before := l.mistakes.n
	files = readFiles(fsys, l.list(fsys), &l.mistakes)
	l.unreadable = l.unreadable || l.mistakes.n > before
	return files
}

// readFiles reads files of a directory, up to the one with which they have more than MaxBytes.
func readFiles(fsys fs.FS, names []string, mistakes *found) (files []file) {
	room := int64(MaxBytes)
	for _, name := range names {
		p := page{name: name, mistakes: mistakes}
		content, err := readBounded(fsys, name, room)
		room -= int64(len(content))
		switch {
		case err != nil:
			p.reportAt(1, 1, "cannot read the file: %v", err)
		case room < 0:
			p.reportAt(1, 1, "with this file, those of the directory have more than %d MiB together; move away what "+
				"does not belong there", MaxBytes>>20)
			return files
		default:
			files = append(files, file{name, content})
		}
	}
	return files
}

// readBounded reads one byte more than there is room for, and no more.
func readBounded(fsys fs.FS, name string, room int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, room+1))
}

// version reads catalog.yaml.
func (p *page) version(content []byte) string {
	root, ok := p.parse(content)
	if !ok {
		return ""
	}
	f, ok := p.fields(root, versionKeys)
	if !ok {
		return ""
	}
	f.optionalText("about")
	version := f.text("version")
	if n := f.values["version"]; version != "" && !isName(version, anyCaseLetters) {
		p.report(n, "the version is %s; write letters, digits, dots and dashes, at most %d, for example 2026.11.0",
			quoted(version), maxName)
	}
	return version
}

// vocabulary checks one vocabulary and adds it, unless another has its name or its product.
func (l *loader) vocabulary(s *sheet) {
	v := s.vocabulary(s.root, l.others, l.hashes)
	if v == nil {
		return
	}
	clash := l.claim(s, "vocabulary", "vocabulary "+quoted(v.Name), "give one of them another name")
	if l.claim(s, "product", "provider "+quoted(v.Provider)+" with product "+quoted(v.Product),
		"one product has one vocabulary") || clash {
		return
	}
	before := l.mistakes.n
	l.envelopes.read(s.page, s.root, v)
	l.soundEnvelopes = l.soundEnvelopes && l.mistakes.n == before
	l.catalog.vocabularies = append(l.catalog.vocabularies, v)
	l.catalog.byProduct[product{v.Provider, v.Product}] = v
}
