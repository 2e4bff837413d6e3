//go:build !unix

package disk

import (
	"io/fs"
	"os"
	"syscall"
)

// openDir opens a directory, and nothing else.
func openDir(root *os.Root, name string) (*os.File, error) {
	info, err := root.Stat(name)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: syscall.ENOTDIR}
	}
	if err != nil {
		return nil, err
	}
	return root.Open(name)
}

// entriesOf lists the open directory f.
func entriesOf(f *os.File) ([]fs.DirEntry, error) { return f.ReadDir(-1) }
