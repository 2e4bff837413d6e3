package disk

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes the file called name, whole or not at all. It keeps the mode of a file that is there, and a link
// stays a link. Pipes and devices are written in place.
func WriteFile(name string, write func(io.Writer) error) (err error) {
	mode := fs.FileMode(0o644)
	info, err := os.Lstat(name)
	link := err == nil && info.Mode()&fs.ModeSymlink != 0
	if link {
		info, err = os.Stat(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(buffered(f, write), f.Close())
	default:
		mode = info.Mode().Perm()
		if link { // it stays one
			if name, err = filepath.EvalSymlinks(name); err != nil {
				return err
			}
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".dockvet-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error says more
		}
	}()
	if err := errors.Join(buffered(f, write), f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func buffered(f io.Writer, write func(io.Writer) error) error {
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}
