package disk

import (
	"cmp"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"
)

// file is an open file that gives at most MaxFile bytes.
type file struct {
	f    *os.File
	info fs.FileInfo // when it was opened
	left int64
}

// Stat implements fs.File.
func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (f *file) Close() error { return f.f.Close() }

// Read implements fs.File.
func (f *file) Read(p []byte) (int, error) {
	if f.left <= 0 {
		return 0, &fs.PathError{Op: "read", Path: f.f.Name(), Err: ErrTooLarge}
	}
	n, err := f.f.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	return n, err
}

// regular is an error unless info is a file whose content can be read: to open a pipe waits, and to open a device may
// do anything.
func regular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return ErrDirectory
	case !info.Mode().IsRegular():
		return ErrNotRegular
	}
	return nil
}

// openRegular opens a regular file in root.
func openRegular(root *os.Root, name string) (*file, error) {
	info, err := root.Stat(name)
	if err == nil {
		err = regular(info)
	}
	if err != nil {
		return nil, err
	}
	f, err := openRead(root, name)
	if err != nil {
		return nil, err
	}
	return &file{f, info, MaxFile}, nil
}

// openRead opens a file in root that was looked at. Should a pipe take its place just then, nothing waits for it.
func openRead(root *os.Root, name string) (*os.File, error) {
	return root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// openNamed opens a file that the user named. It may be a pipe or a device.
func openNamed(name string) (fs.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: ErrDirectory}
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, err
	}
	return &file{f, info, MaxFile}, nil
}

// ReadNamed is the content of a file that the user named, which may be a pipe or a device.
func ReadNamed(name string) ([]byte, error) {
	f, err := openNamed(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	return io.ReadAll(f)
}

// ReadNamedUpTo is ReadNamed for a file that may have up to limit bytes. Of a larger one it reads limit+1 bytes.
func ReadNamedUpTo(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// list is the directory called name in root, sorted by name.
func list(root *os.Root, name string) ([]fs.DirEntry, error) {
	info, err := root.Stat(name)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return nil, err
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	entries, err := f.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, err
}

// outside describes what is outside the repository, by its name.
type outside string

// Name implements fs.FileInfo, as do those below.
func (o outside) Name() string     { return string(o) }
func (outside) Size() int64        { return 0 }
func (outside) Mode() fs.FileMode  { return fs.ModeIrregular }
func (outside) ModTime() time.Time { return time.Time{} }
func (outside) IsDir() bool        { return false }
func (outside) Sys() any           { return nil }
