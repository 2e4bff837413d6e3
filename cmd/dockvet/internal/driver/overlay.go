package driver

import (
	"bytes"
	"cmp"
	"io/fs"
	"path"
	"slices"
	"time"
)

// overlay is a folder with files that it does not have yet, or that hold something else. Package fs lists its folders by ReadDir;
// one that is opened does not list them.
type overlay struct {
	fs.FS
	files map[string]string
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.files[name]; ok {
		return &memory{*bytes.NewReader([]byte(text)), memoryInfo{path.Base(name), int64(len(text))}}, nil
	}
	return o.FS.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	if err != nil {
		return entries, err
	}
	for file, text := range o.files {
		base := path.Base(file)
		if path.Dir(file) == name && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == base }) {
			entries = append(entries, fs.FileInfoToDirEntry(memoryInfo{base, int64(len(text))}))
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// memory is an open file that is not on the disk.
type memory struct {
	bytes.Reader
	info memoryInfo
}

// Stat implements fs.File.
func (m *memory) Stat() (fs.FileInfo, error) { return m.info, nil }

// Close implements fs.File.
func (m *memory) Close() error { return nil }

type memoryInfo struct {
	name string
	size int64
}

// Name implements fs.FileInfo, as do those below.
func (m memoryInfo) Name() string     { return m.name }
func (m memoryInfo) Size() int64      { return m.size }
func (memoryInfo) Mode() fs.FileMode  { return 0o644 }
func (memoryInfo) ModTime() time.Time { return time.Time{} }
func (memoryInfo) IsDir() bool        { return false }
func (memoryInfo) Sys() any           { return nil }
