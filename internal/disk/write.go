package disk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The reasons for which a file is not written.
var (
	ErrReadOnly = errors.New("it is read-only")
	ErrChanged  = errors.New("it has changed since it was read")
	ErrMount    = errors.New("it is a mount point, which cannot be replaced; mount its directory instead")
	ErrNoReader = errors.New("it is a pipe that nobody reads")
)

// spot is where a file is written: a root and a path in it, which is not a link to a file that is there.
type spot struct {
	root *os.Root
	name string
	info fs.FileInfo // nil: there is no such file yet
}

func (s spot) close() { _ = s.root.Close() } // what was written to it is closed

// spot finds out where the file called name is written. In a repository no link may lead out of it.
func (f *Files) spot(name string) (spot, error) { return f.spotIn(f.placeOf(filepath.Dir(name)), name) }

func (f *Files) spotIn(p place, name string) (spot, error) {
	dir, rel := filepath.Dir(name), filepath.Base(name)
	confined := p.root != "" && !p.own
	if confined {
		var err error
		if rel, err = filepath.Rel(p.root, name); err != nil {
			return spot{}, err
		}
		dir = p.root
	} else if resolved, err := filepath.EvalSymlinks(name); err == nil {
		dir, rel = filepath.Dir(resolved), filepath.Base(resolved)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return spot{}, err
	}
	s := spot{root: root, name: rel}
	link, err := root.Lstat(rel)
	if err == nil && link.Mode()&fs.ModeSymlink != 0 || escapes(err) {
		if again, ok := inside(dir, name); ok {
			s.name = again
			link, err = root.Lstat(again)
		} else if _, err = root.Stat(rel); !escapes(err) {
			err = nil // it leads to nothing, and is replaced
			link = nil
		}
	}
	switch {
	case err == nil && link != nil:
		s.info = link
	case escapes(err):
		s.close()
		return spot{}, ErrLink
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		s.close()
		return spot{}, err
	}
	return s, nil
}

// WriteFile writes the file called name, an absolute path, whole or not at all. A link stays a link, and a file keeps
// its mode, owner and attributes where it can. A pipe or device is written in place. In a repository, a link that leads
// out of it is an error, and so is a file that is read-only.
func (f *Files) WriteFile(name string, write func(io.Writer) error) error {
	defer f.changed()
	p := f.placeOf(filepath.Dir(name))
	if info, err := os.Stat(name); p.root == "" || p.own { // not in a repository
		special := strings.HasPrefix(name, "/dev/") || strings.HasPrefix(name, "/proc/") // even if it is a file after all
		if err == nil && (special || !info.Mode().IsRegular()) {
			out, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			return errors.Join(buffered(out, write), out.Close())
		}
	}
	s, err := f.spot(name)
	if err != nil {
		return err
	}
	defer s.close()
	if s.info != nil && s.info.Mode()&fs.ModeNamedPipe != 0 {
		return s.pipe(write)
	}
	_, err = s.replace(write, func() error { return nil })
	return err
}

// pipe writes to a pipe in a repository. It does not wait for a reader: who put the pipe there may want that.
func (s spot) pipe(write func(io.Writer) error) error {
	out, err := s.root.OpenFile(s.name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		if errors.Is(err, syscall.ENXIO) {
			return ErrNoReader
		}
		return err
	}
	return errors.Join(buffered(out, write), out.Close())
}

// Replace writes after to the file called name, an absolute path, which must hold before, or after already: another
// process may have written the same. It returns what could not be kept of the file, as in "its owner".
func (f *Files) Replace(name string, before, after []byte) (lost []string, err error) {
	s, err := f.spot(name)
	if err != nil {
		return nil, err
	}
	return s.put(before, after)
}

// ReplaceIn is Replace for the file called name in dir, an absolute path, that no link may lead out of.
func (f *Files) ReplaceIn(dir, name string, before, after []byte) (lost []string, err error) {
	s, err := f.spotBelow(dir, name)
	if err != nil {
		return nil, err
	}
	return s.put(before, after)
}

// spotBelow is where the file called name in dir is written. No link may lead out of dir.
func (f *Files) spotBelow(dir, name string) (spot, error) {
	if err := f.reaches(dir); err != nil {
		return spot{}, err
	}
	if !filepath.IsLocal(name) {
		return spot{}, ErrOutside
	}
	return f.spotIn(place{root: dir}, filepath.Join(dir, name))
}

// reaches is an error if dir is outside its repository.
func (f *Files) reaches(dir string) error {
	_, err := in(f, f.placeOf(dir), dir, (*os.Root).Stat)
	return err
}

func (s spot) put(before, after []byte) (lost []string, err error) {
	defer s.close()
	if s.info == nil {
		return nil, fs.ErrNotExist
	}
	write := func(w io.Writer) error {
		_, err := w.Write(after)
		return err
	}
	return s.replace(write, func() error {
		now, err := s.read(int64(max(len(before), len(after))) + 1)
		if err == nil && !bytes.Equal(now, before) && !bytes.Equal(now, after) {
			err = ErrChanged
		}
		return err
	})
}

// ReadIn is the first bytes, up to limit, of the file called name in dir, an absolute path, that no link may lead out of.
func (f *Files) ReadIn(dir, name string, limit int64) ([]byte, error) {
	s, err := f.spotBelow(dir, name)
	if err != nil {
		return nil, err
	}
	defer s.close()
	return s.read(limit)
}

// read is the first bytes of the file, up to limit.
func (s spot) read(limit int64) ([]byte, error) {
	f, err := openRegular(s.root, s.name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	return io.ReadAll(io.LimitReader(f, limit))
}

// Writable returns an error unless the file called name, an absolute path, can be replaced.
func (f *Files) Writable(name string) error {
	s, err := f.spot(name)
	if err != nil {
		return err
	}
	defer s.close()
	if s.info == nil {
		return fs.ErrNotExist
	}
	return s.writable()
}

// writable returns an error unless s may be replaced: a rename would replace a read-only file too.
func (s spot) writable() error {
	if err := regular(s.info); err != nil {
		return err
	}
	if s.info.Mode().Perm()&0o200 == 0 {
		return ErrReadOnly
	}
	f, err := s.root.OpenFile(s.name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// part is a name for a file that is not yet whole, beside the file called name.
func part(name string) string {
	return filepath.Join(filepath.Dir(name), fmt.Sprintf(".dockvet-%d-%d", os.Getpid(), time.Now().UnixNano()))
}

// replace makes write's output the content of s by a rename, right after ready. lost is what could not be kept.
func (s spot) replace(write func(io.Writer) error, ready func() error) (lost []string, err error) {
	perm := fs.FileMode(0o644)
	if s.info != nil {
		if err := s.writable(); err != nil {
			return nil, err
		}
		perm = 0o600 // until it has its owner
	}
	temp := part(s.name)
	f, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = s.root.Remove(temp) // the first error says more
		}
	}()
	err = buffered(f, write)
	if err == nil && s.info != nil {
		lost, err = s.keep(f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if err := ready(); err != nil {
		return nil, err
	}
	if err := s.root.Rename(temp, s.name); err != nil {
		if errors.Is(err, syscall.EBUSY) {
			err = ErrMount
		}
		return nil, err
	}
	return lost, nil
}

// keep gives f what the file at s has besides its content: owner, attributes and mode.
func (s spot) keep(f *os.File) (lost []string, err error) {
	old, err := s.root.OpenFile(s.name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = old.Close() }() // nothing was written
	owned := keepOwner(old, f)
	if !owned {
		lost = append(lost, "its owner")
	}
	for _, name := range keepAttributes(old, f) {
		lost = append(lost, "its attribute "+name)
	}
	info, err := old.Stat()
	if err != nil {
		return nil, err
	}
	const special = fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	mode := info.Mode() & (fs.ModePerm | special)
	if !owned {
		mode &^= fs.ModeSetuid | fs.ModeSetgid // they would act for someone else
	}
	if err := f.Chmod(mode); err != nil { // after the owner, whose change clears some bits
		return nil, err
	}
	now, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if (now.Mode()^info.Mode())&special != 0 {
		lost = append(lost, "its "+info.Mode().String()+" mode")
	}
	if hardLinked(info) {
		lost = append(lost, "its other hard links")
	}
	return lost, nil
}

// Create makes the file called name in dir, an absolute path, whole or not at all. It never overwrites one, and no link
// may lead out of dir.
func (f *Files) Create(dir, name string, text []byte) error {
	defer f.changed()
	if err := f.reaches(dir); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // what was written is closed
	temp := part(name)
	if err := fill(root, temp, text); err != nil {
		return err
	}
	err = root.Link(temp, name) // unlike a rename, it fails if the name is taken
	if again := root.Remove(temp); err == nil || errors.Is(err, fs.ErrExist) {
		return errors.Join(err, again)
	}
	return fill(root, name, text) // a file system without links
}

// fill makes a file that does not exist yet.
func fill(root *os.Root, name string, text []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = root.Remove(name) // the first error says more
	}
	return err
}

// Remove removes the file called name, an absolute path, that Create has made.
func (f *Files) Remove(name string) error {
	defer f.changed()
	s, err := f.spot(name)
	if err != nil {
		return err
	}
	defer s.close()
	return s.root.Remove(s.name)
}

func buffered(f io.Writer, write func(io.Writer) error) error {
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}
