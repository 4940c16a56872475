package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"verdict/rules"
)

// snapshot is what directories of rules held at a moment, each file read once: what is loaded of it is just what was
// compared, whatever becomes of the directories meanwhile.
type snapshot struct {
	dirs map[string]*directory
	sum  string // of all that is in it; those of two snapshots are equal where that is
}

// directory is one of them, with its files by their paths, and the directories in it, which are no more than named.
// What could not be read has the error instead.
type directory struct {
	files map[string]*fileRead
	dirs  []fs.DirEntry
	err   error
}

// fileRead is what a file held. A directory among the cases is one, too, for which the loader has a word.
type fileRead struct {
	name    string
	isDir   bool
	content []byte
	err     error
}

// takeSnapshot reads the rules' files of directories: those at their roots, and the cases beside them. Nothing is said
// of what cannot be read before it is opened.
func takeSnapshot(dirs []string) *snapshot {
	s := &snapshot{dirs: map[string]*directory{}}
	for _, dir := range dirs {
		s.dirs[dir] = readDirectory(dir)
	}
	s.sum = s.digest()
	return s
}

func readDirectory(dir string) *directory {
	d := &directory{files: map[string]*fileRead{}}
	names, dirs, err := rulesFiles(dir)
	if err != nil {
		d.err = fmt.Errorf("cannot read the directory: %w", err)
		return d
	}
	d.dirs = dirs
	cases, among, err := rulesFiles(filepath.Join(dir, rules.CasesDir))
	if _, missing := os.Lstat(filepath.Join(dir, rules.CasesDir)); err != nil && !errors.Is(missing, fs.ErrNotExist) {
		d.files[rules.CasesDir] = &fileRead{name: rules.CasesDir, err: err}
	}
	for i, name := range cases {
		cases[i] = path.Join(rules.CasesDir, name)
	}
	for _, e := range among {
		if !strings.HasPrefix(e.Name(), ".") { // a mounted config map has some of these
			name := path.Join(rules.CasesDir, e.Name())
			d.files[name] = &fileRead{name: name, isDir: true}
		}
	}
	d.read(dir, names)
	d.read(dir, cases)
	return d
}

// read reads files up to the bound of what they may have together, and a byte more, by which a loader sees that.
func (d *directory) read(dir string, names []string) {
	room := int64(rules.MaxBytes)
	for _, name := range names {
		f := &fileRead{name: name}
		f.content, f.err = readBounded(filepath.Join(dir, filepath.FromSlash(name)), room)
		room = max(0, room-int64(len(f.content)))
		d.files[name] = f
	}
}

// names are those of the files, each with its directory.
func (s *snapshot) names() (names []string) {
	for dir, d := range s.dirs {
		for name := range d.files {
			names = append(names, filepath.Join(dir, filepath.FromSlash(name)))
		}
	}
	slices.Sort(names)
	return names
}

// hasCases says whether files of a snapshot, by their names, are cases of a directory.
func hasCases(files []string, dir string) bool {
	within := filepath.Join(dir, rules.CasesDir) + string(filepath.Separator)
	return slices.ContainsFunc(files, func(name string) bool { return strings.HasPrefix(name, within) })
}

// rulesFiles names what a loader of rules looks at. A link to a directory with the name of a file is one of these; a
// directory is not.
func rulesFiles(dir string) (names []string, dirs []fs.DirEntry, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		switch {
		case e.IsDir():
			dirs = append(dirs, e)
		case rules.IsRulesFile(e.Name()):
			names = append(names, e.Name())
		}
	}
	return names, dirs, err
}

// errNotRegular is why a file is not even opened: a read of a pipe or a device may never end.
var errNotRegular = errors.New("it is no regular file, such as a pipe or a device: put a file there")

func readBounded(name string, room int64) ([]byte, error) {
	switch is, err := os.Stat(name); {
	case err != nil:
		return nil, err
	case is.IsDir(): // reading it says so
	case !is.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, room+1))
}

func (s *snapshot) digest() string {
	sum := sha256.New()
	add := func(part []byte) {
		sum.Write(binary.AppendUvarint(nil, uint64(len(part))))
		sum.Write(part)
	}
	for _, dir := range slices.Sorted(maps.Keys(s.dirs)) {
		d := s.dirs[dir]
		add([]byte(dir))
		fmt.Fprintf(sum, "%d files, %v", len(d.files), d.err)
		for _, name := range slices.Sorted(maps.Keys(d.files)) {
			add([]byte(name))
			add(d.files[name].content)
			fmt.Fprintf(sum, "%v", d.files[name].err)
		}
	}
	return string(sum.Sum(nil))
}

// open is an opener of what was read.
func (s *snapshot) open(dir string) (fs.FS, error) {
	d := s.dirs[dir]
	if d == nil {
		return nil, fmt.Errorf("%s was not read", dir)
	}
	return d, d.err
}

var _ fs.ReadDirFS = (*directory)(nil)

// Open opens a file.
func (d *directory) Open(name string) (fs.File, error) {
	f := d.files[name]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if f.err != nil {
		return nil, f.err
	}
	return &openFile{f, bytes.NewReader(f.content)}, nil
}

// ReadDir lists the root, files before directories, or the files of the cases.
func (d *directory) ReadDir(name string) (list []fs.DirEntry, err error) {
	if f := d.files[name]; f != nil && f.err != nil {
		return nil, f.err
	}
	for _, at := range slices.Sorted(maps.Keys(d.files)) {
		if path.Dir(at) == name {
			list = append(list, fs.FileInfoToDirEntry(d.files[at]))
		}
	}
	switch {
	case name == ".":
		list = append(list, d.dirs...)
	case list == nil && !slices.ContainsFunc(d.dirs, func(e fs.DirEntry) bool { return e.Name() == name }):
		err = &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return list, err
}

// openFile is a file that is being read.
type openFile struct {
	*fileRead
	*bytes.Reader
}

// Stat describes the file.
func (f *openFile) Stat() (fs.FileInfo, error) { return f.fileRead, nil }

// Size is that of the file, not of what is still to be read.
func (f *openFile) Size() int64 { return f.fileRead.Size() }

// Close does nothing.
func (f *openFile) Close() error { return nil }

// Name is that without its directory; with the others it makes a fs.FileInfo.
func (f *fileRead) Name() string       { return path.Base(f.name) }
func (f *fileRead) Size() int64        { return int64(len(f.content)) }
func (f *fileRead) Mode() fs.FileMode  { return 0o444 }
func (f *fileRead) ModTime() time.Time { return time.Time{} }
func (f *fileRead) IsDir() bool        { return f.isDir }
func (f *fileRead) Sys() any           { return nil }
