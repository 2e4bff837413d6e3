package fix

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/parser"
)

// Disk is what a result is written to. Names are absolute paths; see disk.Files.
type Disk interface {
	Writable(name string) error
	Replace(name string, before, after []byte) (lost []string, err error)
	ReadIn(dir, name string, limit int64) ([]byte, error)
	ReplaceIn(dir, name string, before, after []byte) (lost []string, err error)
	Create(dir, name string, text []byte) error
	Remove(name string) error
}

// Location is where a Dockerfile and the directory of its build context are, "" without one.
type Location struct{ Dockerfile, Dir string }

// inside is a file of the build context, whose name has slashes.
func (l Location) inside(name string) string { return filepath.Join(l.Dir, filepath.FromSlash(name)) }

// Write writes r to the Dockerfile at, which must hold before, and to the files of its build context: all or nothing.
// The files of the build context come first, since they are easy to undo. Errors call the files what shown calls them,
// and notes say what files have lost besides their content.
func (r *Result) Write(d Disk, before []byte, at, shown Location) (notes []error, err error) {
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for i := len(undo) - 1; i >= 0; i-- {
			f := undo[i]
			err = errors.Join(err, f())
		}
	}()
	keep := func(name string, lost []string) {
		for _, x := range lost {
			notes = append(notes, fmt.Errorf("%s: %s could not be kept", filepath.ToSlash(name), x))
		}
	}
	replace := func(what, name string, before, after string) error {
		lost, err := d.ReplaceIn(at.Dir, filepath.FromSlash(name), []byte(before), []byte(after))
		keep(shown.inside(name), lost)
		return cannot(what, shown.inside(name), err)
	}
	same := bytes.Equal(before, r.Source)
	if !same && len(r.Files) > 0 { // without other files, replace finds out just as early
		if err := d.Writable(at.Dockerfile); err != nil {
			return nil, cannot("write", shown.Dockerfile, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		file := r.Files[name]
		if at.Dir == "" {
			return nil, cannot("write", shown.inside(name), errors.New("there is no build context"))
		}
		if file.Create {
			if err := d.Create(at.Dir, filepath.FromSlash(name), []byte(file.After)); err != nil {
				return nil, cannot("create", shown.inside(name), err)
			}
			undo = append(undo, func() error {
				return cannot("undo the creation of", shown.inside(name), d.Remove(at.inside(name)))
			})
			continue
		}
		if err := replace("write", name, file.Before, file.After); err != nil {
			return nil, err
		}
		undo = append(undo, func() error { return replace("restore", name, file.After, file.Before) })
	}
	if same {
		return notes, nil
	}
	lost, err := d.Replace(at.Dockerfile, before, r.Source)
	keep(shown.Dockerfile, lost)
	return notes, cannot("write", shown.Dockerfile, err)
}

// cannot says what failed, without the name of a system call; nil if err is nil.
func cannot(what, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot %s %s: %w", what, filepath.ToSlash(name), disk.Reason(err))
}

// ReadInside reads a file of the build context dir that a fix may add to.
func ReadInside(d Disk, dir, name string) ([]byte, error) {
	if dir == "" {
		return nil, errors.New("there is no build context")
	}
	data, err := d.ReadIn(dir, filepath.FromSlash(name), parser.MaxFile+1)
	if len(data) > parser.MaxFile {
		err = errors.New("it is too large")
	}
	return data, err
}
