// Package disk is the real file system: what a workspace reads from, and writes that are whole or not there at all.
package disk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Files is the file system of the process. It implements workspace.Files.
type Files struct{}

// Open opens a file for reading.
func (Files) Open(name string) (fs.File, error) { return os.Open(name) }

// Stat describes a file, or what a link points to.
func (Files) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// Lstat describes a file or a link.
func (Files) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }

// ReadDir lists a directory, sorted by name.
func (Files) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// Resolve is where name really is, after all links.
func (Files) Resolve(name string) (string, error) { return filepath.EvalSymlinks(name) }

// Sub is the directory dir as a file system of its own.
func (Files) Sub(dir string) fs.FS { return os.DirFS(dir) }

// ReadFile returns the first bytes of a file, up to limit.
func ReadFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	var buf bytes.Buffer
	_, err = buf.ReadFrom(io.LimitReader(f, limit))
	return buf.Bytes(), err
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
