// Package disk is the real file system. Whatever is read from a repository is opened here, and nowhere else: regular
// files only, looked at before they are opened, bounded, and through an os.Root, so that no link leads out of the
// repository. Writes are whole or not there at all.
package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// MaxFile bounds how much of a file can be read, in bytes. Readers have smaller limits of their own.
const MaxFile = 4 << 20

// The reasons for which a file is not read.
var (
	ErrOutside    = errors.New("it is outside the repository")
	ErrLink       = errors.New("it is a link that leads out of the repository")
	ErrNotRegular = errors.New("it is not a regular file")
	ErrDirectory  = errors.New("it is a directory")
	ErrTooLarge   = errors.New("it is larger than 4 MiB")
)

// Files is the file system of a run. It implements workspace.Files.
//
// What is in a repository is opened through its root. That is the directory that holds `.git`, or else the working
// directory or the directory that the user named. Links to other files of the repository are followed, others are
// errors. A file that the user named, and that is neither in a repository nor in the working directory, is opened as
// it is: it may be a pipe. Several goroutines may use Files at once.
type Files struct {
	dir string // the working directory

	mu      sync.Mutex
	tops    []string         // the directories that the user named, and dir
	named   map[string]bool  // the files that the user named and that may be anywhere
	places  map[string]place // by directory
	roots   map[string]*os.Root
	refused map[string]bool // the links that led out
	lists   map[string][]fs.DirEntry
	listed  int // entries in lists
}

// maxListed bounds the entries that are kept of listed directories.
const maxListed = 25_000

// place is how a directory is reached.
type place struct {
	root    string // the directory that no link may lead out of; "": it may not be read
	direct  bool   // no link is between root and the directory, which is there
	missing bool   // the directory is not there, and no link may lead to it
	own     bool   // only the directory itself may be read, not what is below it
	git     bool   // root holds .git
}

// maxRoots bounds how many roots are open at once.
const maxRoots = 200

// New is the file system of a run in dir, an absolute path.
func New(dir string) *Files {
	dir = filepath.Clean(dir)
	f := &Files{
		dir: dir, named: map[string]bool{}, places: map[string]place{}, roots: map[string]*os.Root{},
		refused: map[string]bool{}, lists: map[string][]fs.DirEntry{},
	}
	if dir != filepath.Dir(dir) { // else everything would be in it
		f.tops = []string{dir}
	}
	return f
}

// Dir is the working directory.
func (f *Files) Dir() string { return f.dir }

// Forget forgets what was found out about directories, which may have changed.
func (f *Files) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.places)
	clear(f.lists)
	f.listed = 0
	for name, root := range f.roots {
		_ = root.Close() // nothing was written to it
		delete(f.roots, name)
	}
}

// Trust says that the user named a file or directory, on the command line for example. It may be anywhere, but if it
// is in a repository or in the working directory, links must not lead out of that.
func (f *Files) Trust(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trust(name)
}

func (f *Files) trust(name string) {
	if f.dir != filepath.Dir(f.dir) && below(name, f.dir) {
		return
	}
	info, err := os.Stat(name)
	dir, whole := name, err == nil && info.IsDir()
	if !whole {
		dir = filepath.Dir(name)
	}
	if dir != filepath.Dir(dir) && f.topOf(dir) == "" {
		f.tops = append(f.tops, dir)
		clear(f.places)
	}
	if !whole && !f.find(dir).git {
		f.named[name] = true
	}
}

// Refused are the links that led out of a repository and were not followed, sorted.
func (f *Files) Refused() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]string, 0, len(f.refused))
	for name := range f.refused {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// below reports whether name is dir or below it.
func below(name, dir string) bool {
	rest, ok := strings.CutPrefix(name, dir)
	return ok && (rest == "" || os.IsPathSeparator(rest[0]) || os.IsPathSeparator(dir[len(dir)-1]))
}

// topOf is the outermost directory that the user named and that name is in, "" if there is none.
func (f *Files) topOf(name string) string {
	found := ""
	for _, top := range f.tops {
		if below(name, top) && (found == "" || len(top) < len(found)) {
			found = top
		}
	}
	return found
}

// above reports whether the user went through dir to a directory that he named.
func (f *Files) above(dir string) bool {
	return below(f.dir, dir) || slices.ContainsFunc(f.tops, func(top string) bool { return below(top, dir) })
}

func isGit(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// gitAbove is the nearest directory at or above dir that holds .git, "" without one.
func gitAbove(dir string) string {
	for ; ; dir = filepath.Dir(dir) {
		if isGit(dir) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// placeOf is the place of a directory, which need not exist.
func (f *Files) placeOf(dir string) place {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.find(dir)
}

func (f *Files) find(dir string) place {
	p, ok := f.places[dir]
	if !ok {
		p = f.look(dir)
		f.places[dir] = p
	}
	return p
}

func (f *Files) look(dir string) place {
	if f.above(dir) {
		if root := gitAbove(dir); root != "" {
			return place{root: root, direct: true, git: true}
		}
		return place{root: dir, direct: true, own: f.topOf(dir) == ""}
	}
	if dir == filepath.Dir(dir) {
		return place{}
	}
	p := f.find(filepath.Dir(dir))
	if p.own {
		return place{}
	}
	if !p.direct {
		return p
	}
	info, err := os.Lstat(dir) // no link is above it
	switch {
	case err != nil || !info.IsDir():
		p.direct, p.missing = false, errors.Is(err, fs.ErrNotExist)
	case isGit(dir):
		p = place{root: dir, direct: true, git: true}
	}
	return p
}

// open is the root of a directory, which is kept open for the next time.
func (f *Files) open(dir string, how func() (*os.Root, error)) (*os.Root, error) {
	f.mu.Lock()
	root := f.roots[dir]
	f.mu.Unlock()
	if root != nil {
		return root, nil
	}
	root, err := how()
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if again := f.roots[dir]; again != nil {
		_ = root.Close() // nothing was written to it
		return again, nil
	}
	if len(f.roots) >= maxRoots {
		for name, other := range f.roots {
			_ = other.Close() // who still uses it opens it again
			delete(f.roots, name)
		}
	}
	f.roots[dir] = root
	return root, nil
}

// rootOf is the root that no link from p may lead out of.
func (f *Files) rootOf(p place) (*os.Root, error) {
	return f.open(p.root, func() (*os.Root, error) { return os.OpenRoot(p.root) })
}

// nearest is a root for dir, which is below p.root. Most files are opened through it, since a path of one part is
// resolved faster than one of many.
func (f *Files) nearest(p place, dir string) (*os.Root, error) {
	return f.open(dir, func() (*os.Root, error) {
		switch at := f.placeOf(dir); {
		case at.missing:
			return nil, fs.ErrNotExist
		case at.direct:
			if info, err := os.Stat(dir); err != nil || !info.IsDir() { // to open a pipe would wait for a writer
				return nil, fs.ErrNotExist
			}
			return os.OpenRoot(dir)
		}
		root, err := f.rootOf(p)
		if err != nil {
			return nil, err
		}
		rel, err := filepath.Rel(p.root, dir)
		if err != nil {
			return nil, err
		}
		if info, err := root.Stat(rel); err != nil {
			return nil, err
		} else if !info.IsDir() {
			return nil, fs.ErrNotExist
		}
		return root.OpenRoot(rel)
	})
}

// in does op with a root and the path in it of name. No link may lead out of the root of p.
func in[T any](f *Files, p place, name string, op func(root *os.Root, rel string) (T, error)) (T, error) {
	var none T
	if p.root == "" || !below(name, p.root) {
		return none, &fs.PathError{Op: "open", Path: name, Err: ErrOutside}
	}
	if dir := filepath.Dir(name); name != p.root && dir != p.root {
		root, err := f.nearest(p, dir)
		if err == nil {
			var v T
			if v, err = op(root, filepath.Base(name)); err == nil {
				return v, nil
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return none, &fs.PathError{Op: "open", Path: name, Err: Reason(err)}
		}
		// A link may lead out of dir, and stay in the repository.
	}
	rel, err := filepath.Rel(p.root, name)
	if err != nil {
		return none, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	for {
		root, err := f.rootOf(p)
		if err != nil {
			return none, err
		}
		v, err := op(root, rel)
		if errors.Is(err, fs.ErrClosed) {
			continue
		}
		if escapes(err) {
			if again, ok := inside(p.root, name); ok && again != rel {
				rel = again
				continue
			}
			f.mu.Lock()
			f.refused[name] = true
			f.mu.Unlock()
			err = ErrLink
		}
		if err != nil {
			return v, &fs.PathError{Op: "open", Path: name, Err: Reason(err)}
		}
		return v, nil
	}
}

// escapes reports whether err is the one that os.Root has for a link that leads out of it. It has no name, and
// TestEscapes fails if it changes its words.
func escapes(err error) bool {
	return err != nil && Reason(err).Error() == "path escapes from parent"
}

// inside is the path in root of what name means after all links. An os.Root follows no absolute link, not even one that
// leads to the same root.
func inside(root, name string) (string, bool) {
	resolved, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", false
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return "", false
	}
	rel, err := filepath.Rel(root, resolved)
	return rel, err == nil && filepath.IsLocal(rel)
}

// Open opens a regular file for reading.
func (f *Files) Open(name string) (fs.File, error) {
	f.mu.Lock()
	named := f.named[name]
	f.mu.Unlock()
	if named {
		return openNamed(name)
	}
	return f.openAt(f.placeOf(filepath.Dir(name)), name)
}

// OpenFrom opens a regular file that another file, from, refers to. It must be in the same repository, unless the user
// named from and it is in none.
func (f *Files) OpenFrom(from, name string) (fs.File, error) {
	f.mu.Lock()
	anywhere := f.named[from]
	if anywhere {
		f.trust(name)
	}
	f.mu.Unlock()
	if anywhere {
		return f.Open(name)
	}
	return f.openAt(f.placeOf(filepath.Dir(from)), name)
}

func (f *Files) openAt(p place, name string) (fs.File, error) {
	info, err := f.stat(p, name)
	if err == nil {
		err = regular(info)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: Reason(err)}
	}
	open, err := in(f, p, name, openRead)
	if err != nil {
		return nil, err
	}
	return &file{open, info, MaxFile}, nil
}

// Stat describes a file, or what a link points to.
func (f *Files) Stat(name string) (fs.FileInfo, error) {
	f.mu.Lock()
	plain := f.named[name] || f.above(name)
	f.mu.Unlock()
	if plain {
		return os.Stat(name)
	}
	return f.stat(f.placeOf(filepath.Dir(name)), name)
}

// stat describes a file, or what a link points to. A link is followed through a root of p.
func (f *Files) stat(p place, name string) (fs.FileInfo, error) {
	switch at := f.placeOf(filepath.Dir(name)); {
	case p.root == "" || !below(name, p.root): // in says so
	case at.missing:
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	case at.direct:
		if info, err := os.Lstat(name); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return info, err
		}
	}
	return in(f, p, name, (*os.Root).Stat)
}

// Lstat describes a file or a link.
func (f *Files) Lstat(name string) (fs.FileInfo, error) {
	f.mu.Lock()
	plain := f.named[name] || f.above(name)
	f.mu.Unlock()
	if plain {
		return os.Lstat(name)
	}
	return in(f, f.placeOf(filepath.Dir(name)), name, (*os.Root).Lstat)
}

// ReadDir lists a directory, sorted by name.
func (f *Files) ReadDir(name string) ([]fs.DirEntry, error) { return f.list(f.placeOf(name), name) }

// list lists a directory. If no link leads to it, its path is as good as a root, through which Go looks at each file in
// it, and that would double the time of a walk.
func (f *Files) list(p place, name string) ([]fs.DirEntry, error) {
	if p.direct && p.root != "" {
		return f.listOnce(name)
	}
	return in(f, p, name, list)
}

// listOnce remembers a listing, since the search for builds and a build context list the same directories. The caller may change what it
// gets.
func (f *Files) listOnce(name string) ([]fs.DirEntry, error) {
	f.mu.Lock()
	entries, ok := f.lists[name]
	f.mu.Unlock()
	if ok {
		return slices.Clone(entries), nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return entries, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listed += len(entries); f.listed <= maxListed {
		f.lists[name] = slices.Clone(entries)
	}
	return entries, nil
}

// changed forgets the listings, because a file may have come or gone.
func (f *Files) changed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.lists)
	f.listed = 0
}

// Resolve is where name really is, after all links. Nothing there is opened.
func (f *Files) Resolve(name string) (string, error) { return filepath.EvalSymlinks(name) }

// Sub is the directory dir as a file system of its own. Links may lead out of dir, but not out of its repository.
func (f *Files) Sub(dir string) fs.FS { return sub{f, dir, f.placeOf(dir)} }

// sub is a directory of Files.
type sub struct {
	files *Files
	dir   string
	place place
}

func (s sub) path(name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return filepath.Join(s.dir, filepath.FromSlash(name)), nil
}

// named is err with the name that the caller used.
func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: "open", Path: name, Err: Reason(err)}
}

// Open implements fs.FS.
func (s sub) Open(name string) (fs.File, error) {
	full, err := s.path(name)
	if err != nil {
		return nil, err
	}
	file, err := s.files.openAt(s.place, full)
	return file, named(name, err)
}

// Stat implements fs.StatFS. What a link that leads out of the repository points to counts as something that is there
// and that cannot be read.
func (s sub) Stat(name string) (fs.FileInfo, error) {
	full, err := s.path(name)
	if err != nil {
		return nil, err
	}
	info, err := s.files.stat(s.place, full)
	if errors.Is(err, ErrLink) {
		return outside(filepath.Base(full)), nil
	}
	return info, named(name, err)
}

// ReadDir implements fs.ReadDirFS.
func (s sub) ReadDir(name string) ([]fs.DirEntry, error) {
	full, err := s.path(name)
	if err != nil {
		return nil, err
	}
	p := s.files.placeOf(full)
	if !p.direct {
		p = s.place
		p.direct = false
	}
	entries, err := s.files.list(p, full)
	return entries, named(name, err)
}

// Reason is err without the path that the sentence around it already names.
func Reason(err error) error {
	if detail, ok := errors.AsType[*fs.PathError](err); ok {
		return detail.Err
	}
	if detail, ok := errors.AsType[*os.LinkError](err); ok {
		return detail.Err
	}
	return err
}
