package workspace

import (
	"bytes"
	"io/fs"
	"time"
)

// memory is an open file whose text is not on the disk.
type memory struct {
	bytes.Reader
	info memoryInfo
}

func newMemory(name, text string) *memory {
	return &memory{*bytes.NewReader([]byte(text)), memoryInfo{name, int64(len(text))}}
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
