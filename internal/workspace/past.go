package workspace

import (
	"cmp"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/internal/order"
)

// Past is files as they were before a change. Directories in which all files are new did not exist.
func Past(files Files, c *change.Change) Files {
	p := &past{Files: files, old: map[string]*change.File{}, dirs: map[string][]string{}, fresh: map[string]bool{}}
	noted := map[string]bool{}
	for i := range c.Files {
		f := &c.Files[i]
		if f.New != "" && f.New != f.Old {
			if p.old[f.New] == nil {
				p.old[f.New] = &change.File{New: f.New}
			}
			for dir := filepath.Dir(f.New); !p.fresh[dir] && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
				p.fresh[dir] = true
			}
		}
		if f.Old != "" {
			p.old[f.Old] = f
			p.add(f.Old, noted)
		}
	}
	return p
}

// past implements Files.
type past struct {
	Files
	old   map[string]*change.File // by name; without Old if there was no such file
	dirs  map[string][]string     // what was in a directory, as far as the change touches it: files and directories
	fresh map[string]bool         // directories that hold new files, and those above
}

// add notes a file that was there in the directories above it, unless it was noted.
func (p *past) add(name string, noted map[string]bool) {
	for {
		dir := filepath.Dir(name)
		if dir == name || noted[name] {
			return
		}
		noted[name] = true
		p.dirs[dir] = append(p.dirs[dir], name)
		name = dir
	}
}

func notThere(name string) error { return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist} }

// text is what a file of the change held.
func (p *past) text(f *change.File, name string) (string, error) {
	if f.Old == "" {
		return "", notThere(name)
	}
	data, err := f.Before()
	if err != nil {
		return "", &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return string(data), nil
}

// target is where name leads if it was a link, and name otherwise. A link to a link is not followed.
func (p *past) target(name string) string {
	f := p.old[name]
	if f == nil || !f.Link || f.Old == "" {
		return name
	}
	to, err := f.Before()
	if err != nil {
		return name
	}
	if filepath.IsAbs(string(to)) {
		return filepath.Clean(string(to))
	}
	return filepath.Join(filepath.Dir(name), filepath.FromSlash(string(to)))
}

// look is what the change knows of name; nil if it is as it is now.
func (p *past) look(name string) (fs.FileInfo, error) {
	if f := p.old[name]; f != nil {
		text, err := p.text(f, name)
		if err != nil {
			return nil, err
		}
		return oldInfo(f, text), nil
	}
	if len(p.dirs[name]) > 0 {
		if info, err := p.Files.Lstat(name); err == nil && info.IsDir() {
			return nil, nil
		}
		return dirInfo{memoryInfo{name: filepath.Base(name)}}, nil
	}
	if p.fresh[name] && p.empty(name) {
		return nil, notThere(name)
	}
	return nil, nil
}

// empty reports whether nothing was in a directory, which holds new files now.
func (p *past) empty(dir string) bool {
	entries, err := p.Files.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch f := p.old[name]; {
		case f != nil && f.Old == "":
		case e.IsDir() && p.fresh[name] && p.empty(name):
		default:
			return false
		}
	}
	return true
}

// Open implements Files.
func (p *past) Open(name string) (fs.File, error) {
	return p.open(name, func(name string) (fs.File, error) { return p.Files.Open(name) })
}

// OpenFrom implements Files.
func (p *past) OpenFrom(from, name string) (fs.File, error) {
	return p.open(name, func(name string) (fs.File, error) { return p.Files.OpenFrom(from, name) })
}

func (p *past) open(name string, now func(string) (fs.File, error)) (fs.File, error) {
	name = p.target(name)
	f := p.old[name]
	if f == nil {
		return now(name)
	}
	if f.Used != nil {
		f.Used()
	}
	text, err := p.text(f, name)
	if err != nil {
		return nil, err
	}
	return oldFile{newMemory(filepath.Base(name), text), oldInfo(f, text)}, nil
}

// Stat implements Files.
func (p *past) Stat(name string) (fs.FileInfo, error) {
	name = p.target(name)
	if info, err := p.look(name); info != nil || err != nil {
		return info, err
	}
	return p.Files.Stat(name)
}

// Lstat implements Files.
func (p *past) Lstat(name string) (fs.FileInfo, error) {
	if f := p.old[name]; f != nil && f.Link && f.Old != "" {
		return linkInfo{memoryInfo{name: filepath.Base(name)}}, nil
	}
	if info, err := p.look(name); info != nil || err != nil {
		return info, err
	}
	return p.Files.Lstat(name)
}

// ReadDir implements Files.
func (p *past) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := p.Files.ReadDir(name)
	return p.list(name, entries, err)
}

// list is what was in a directory whose entries are these now.
func (p *past) list(dir string, entries []fs.DirEntry, err error) ([]fs.DirEntry, error) {
	if err != nil && len(p.dirs[dir]) == 0 {
		return entries, err
	}
	out := make([]fs.DirEntry, 0, len(entries))
	known := map[string]bool{}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		_, touched := p.old[name]
		if touched || p.fresh[name] && p.empty(name) {
			continue
		}
		known[name] = true
		out = append(out, e)
	}
	for _, name := range p.dirs[dir] {
		if known[name] {
			continue
		}
		if info, err := p.Lstat(name); err == nil {
			out = append(out, fs.FileInfoToDirEntry(info))
		}
	}
	order.By(out, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return out, nil
}

// Resolve implements Files.
func (p *past) Resolve(name string) (string, error) {
	if f := p.old[name]; f != nil && f.Old != "" {
		return p.target(name), nil
	}
	return p.Files.Resolve(name)
}

// Sub implements Files.
func (p *past) Sub(dir string) fs.FS { return pastSub{p, dir, p.Files.Sub(dir)} }

// pastSub is a directory of past.
type pastSub struct {
	past *past
	dir  string
	now  fs.FS
}

func (s pastSub) name(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// Open implements fs.FS.
func (s pastSub) Open(name string) (fs.File, error) {
	full := s.name(name)
	return s.past.open(full, func(target string) (fs.File, error) {
		if target != full {
			return s.past.Files.Open(target)
		}
		return s.now.Open(name)
	})
}

// Stat implements fs.StatFS.
func (s pastSub) Stat(name string) (fs.FileInfo, error) {
	full := s.name(name)
	if target := s.past.target(full); target != full {
		return s.past.Stat(target)
	}
	if info, err := s.past.look(full); info != nil || err != nil {
		return info, err
	}
	return fs.Stat(s.now, name)
}

// ReadDir implements fs.ReadDirFS.
func (s pastSub) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(s.now, path.Clean(name))
	return s.past.list(s.name(name), entries, err)
}

// oldInfo describes a file that held text.
func oldInfo(f *change.File, text string) fs.FileInfo {
	info := memoryInfo{filepath.Base(f.Old), int64(len(text))}
	if f.Executable {
		return programInfo{info}
	}
	return info
}

// oldFile is an open file with its own description.
type oldFile struct {
	*memory
	info fs.FileInfo
}

// Stat implements fs.File.
func (f oldFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// These describe what is not there any more.
type (
	dirInfo     struct{ memoryInfo }
	linkInfo    struct{ memoryInfo }
	programInfo struct{ memoryInfo }
)

// Mode implements fs.FileInfo.
func (programInfo) Mode() fs.FileMode { return 0o755 }

// Mode implements fs.FileInfo.
func (dirInfo) Mode() fs.FileMode { return fs.ModeDir | 0o755 }

// IsDir implements fs.FileInfo.
func (dirInfo) IsDir() bool { return true }

// Mode implements fs.FileInfo.
func (linkInfo) Mode() fs.FileMode { return fs.ModeSymlink | 0o777 }
