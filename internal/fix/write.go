package fix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/parser"
)

// Location is where a Dockerfile and the directory of its build context are, "" without one.
type Location struct{ Dockerfile, Dir string }

// inside is a file of the build context, whose name has slashes.
func (l Location) inside(name string) string { return filepath.Join(l.Dir, filepath.FromSlash(name)) }

// Write writes r to the Dockerfile at, which must hold before, and to the files of its build context: all or nothing.
// The files of the build context come first, since they are easy to undo. Errors call the files what shown calls them.
func (r *Result) Write(before []byte, at, shown Location) (err error) {
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for _, f := range slices.Backward(undo) {
			err = errors.Join(err, f())
		}
	}()
	same := bytes.Equal(before, r.Source)
	if !same && len(r.Files) > 0 { // without other files, replace finds out just as early
		if err := writable(at.Dockerfile); err != nil {
			return cannot("write", shown.Dockerfile, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		file, path := r.Files[name], at.inside(name)
		if file.Create {
			if err := create(at.Dir, name, file.After); err != nil {
				return cannot("create", shown.inside(name), err)
			}
			undo = append(undo, func() error {
				return cannot("undo the creation of", shown.inside(name), os.Remove(path))
			})
			continue
		}
		if err := inContext(at.Dir, name); err != nil {
			return cannot("write", shown.inside(name), err)
		}
		if err := replace(path, []byte(file.Before), []byte(file.After)); err != nil {
			return cannot("write", shown.inside(name), err)
		}
		undo = append(undo, func() error {
			return cannot("restore", shown.inside(name), replace(path, []byte(file.After), []byte(file.Before)))
		})
	}
	if same {
		return nil
	}
	return cannot("write", shown.Dockerfile, replace(at.Dockerfile, before, r.Source))
}

// cannot says what failed, without the name of a system call; nil if err is nil.
func cannot(what, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot %s %s: %w", what, filepath.ToSlash(name), disk.Reason(err))
}

// replace writes after to the file called name, which must hold before, or after already: another process may have
// fixed it too.
func replace(name string, before, after []byte) error {
	if err := writable(name); err != nil {
		return err
	}
	return disk.WriteFile(name, func(w io.Writer) error {
		if _, err := w.Write(after); err != nil {
			return err
		}
		now, err := disk.ReadFile(name, parser.MaxFile+1)
		if err == nil && !bytes.Equal(now, before) && !bytes.Equal(now, after) {
			err = errors.New("it has changed since it was read")
		}
		return err
	})
}

// ReadInside reads a file of the build context dir that a fix may add to. Links that lead out of dir are errors.
func ReadInside(dir, name string) ([]byte, error) {
	if err := inContext(dir, name); err != nil {
		return nil, err
	}
	return disk.ReadFile(filepath.Join(dir, filepath.FromSlash(name)), parser.MaxFile)
}

// inContext returns an error unless name is a file in dir that no link leads out of.
func inContext(dir, name string) error {
	if dir == "" {
		return errors.New("there is no build context")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // nothing was written to it
	info, err := root.Stat(filepath.FromSlash(name))
	if err == nil && (!info.Mode().IsRegular() || info.Size() > parser.MaxFile) {
		err = errors.New("it is not a regular file, or it is too large")
	}
	return err
}

// writable returns an error unless name is a file that may be replaced: a rename would replace a read-only file too.
func writable(name string) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case info.Mode().Perm()&0o200 == 0:
		return errors.New("it is read-only")
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// create makes a file in dir, whole or not at all, and never overwrites one.
func create(dir, name, text string) error {
	if dir == "" {
		return errors.New("there is no build context")
	}
	root, err := os.OpenRoot(dir) // no link leads out of it
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // what was written is closed
	name = filepath.FromSlash(name)
	part := filepath.Join(filepath.Dir(name), fmt.Sprintf(".dockvet-%d-%d", os.Getpid(), time.Now().UnixNano()))
	if err := fill(root, part, text); err != nil {
		return err
	}
	err = root.Link(part, name) // unlike a rename, it fails if the name is taken
	if again := root.Remove(part); err == nil || errors.Is(err, fs.ErrExist) {
		return errors.Join(err, again)
	}
	return fill(root, name, text) // a file system without links
}

// fill makes a file that does not exist yet.
func fill(root *os.Root, name, text string) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = root.Remove(name) // the first error says more
	}
	return err
}
