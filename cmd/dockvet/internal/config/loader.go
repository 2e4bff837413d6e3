package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/lint"
)

// maxFile bounds a configuration file, in bytes.
const maxFile = 1 << 20

// Names are the names of configuration files, the preferred first.
func Names() []string { return []string{".dockvet.yaml", ".dockvet.yml"} }

func hadolintNames() []string { return []string{".hadolint.yaml", ".hadolint.yml"} }

// Loader finds what holds for each Dockerfile. It is for one goroutine.
type Loader struct {
	Rules []*lint.Rule
	Index lint.Index // of Rules
	// Retired are codes that a configuration may name without effect.
	Retired []lint.Retired
	Flags   Flags
	// File is read for all Dockerfiles instead of a search; None reads nothing at all.
	File string
	None bool
	// Warn is told of what is odd and still works.
	Warn func(error)

	dir     string // the working directory
	folders map[string]found
	files   map[string]stack
	merged  map[string]*Effective
}

// found is the configuration files nearest to a folder, "" where there is none.
type found struct{ dockvet, hadolint string }

// stack is a configuration file with all that it extends, the weakest first.
type stack struct {
	layers []*layer
	err    error
}

// For is what holds for the Dockerfile called name. Those for which the same holds get the same Effective.
func (l *Loader) For(name string) (*Effective, error) {
	if l.merged == nil {
		l.folders, l.files, l.merged = map[string]found{}, map[string]stack{}, map[string]*Effective{}
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	file, err := l.which(filepath.Dir(abs))
	if err != nil {
		return nil, err
	}
	if file == "" {
		return l.merge("", nil, nil), nil
	}
	s, ok := l.files[file]
	if !ok {
		s.layers, s.err = l.read(file, nil)
		if lost, ok := errors.AsType[*fs.PathError](s.err); ok {
			s.err = fmt.Errorf("cannot read %s: %w", l.display(lost.Path), lost.Err)
		}
		l.files[file] = s
	}
	if s.err != nil {
		return nil, s.err
	}
	rel, err := filepath.Rel(filepath.Dir(file), abs)
	if err != nil {
		rel = abs
	}
	chosen := make([][]bool, len(s.layers))
	for i, layer := range s.layers {
		chosen[i] = layer.choose(filepath.ToSlash(rel))
	}
	return l.merge(fmt.Sprint(file, chosen), s.layers, chosen), nil
}

func (l *Loader) merge(key string, layers []*layer, chosen [][]bool) *Effective {
	if e := l.merged[key]; e != nil {
		return e
	}
	e := defaults()
	for i, layer := range layers {
		e.Files = append(e.Files, layer.name)
		layer.apply(e, l.Index, chosen[i])
	}
	e.apply(l.Flags, l.Rules)
	l.merged[key] = e
	return e
}

// which is the absolute path of the configuration file for Dockerfiles in dir, "" without one.
func (l *Loader) which(dir string) (string, error) {
	switch {
	case l.None:
		return "", nil
	case l.File != "":
		return filepath.Abs(l.File)
	}
	f := l.search(dir)
	if f.dockvet != "" {
		return f.dockvet, nil
	}
	return f.hadolint, nil
}

// search looks in dir and the folders above it, up to the root of the repository.
func (l *Loader) search(dir string) found {
	f, ok := l.folders[dir]
	if ok {
		return f
	}
	f = found{first(dir, Names()), first(dir, hadolintNames())}
	if up := filepath.Dir(dir); up != dir && !exists(filepath.Join(dir, ".git")) && (f.dockvet == "" || f.hadolint == "") {
		above := l.search(up)
		if f.dockvet == "" {
			f.dockvet = above.dockvet
		}
		if f.hadolint == "" {
			f.hadolint = above.hadolint
		}
	}
	l.folders[dir] = f
	return f
}

func first(dir string, names []string) string {
	for _, name := range names {
		if path := filepath.Join(dir, name); exists(path) {
			return path
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// display is path as messages print it: relative to the working directory when below it.
func (l *Loader) display(path string) string {
	if l.dir == "" {
		if dir, err := os.Getwd(); err == nil {
			l.dir = dir
		}
	}
	if rel, err := filepath.Rel(l.dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}

// read is the layers of the file at path, an absolute one. via are the files that extend it.
func (l *Loader) read(path string, via []string) ([]*layer, error) {
	src, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return l.parse(path, src, via)
}

func (l *Loader) parse(path string, src []byte, via []string) ([]*layer, error) {
	d := &decoder{name: l.display(path), index: l.Index, retired: l.Retired, warn: l.warn, lines: map[string]int{}}
	here := &layer{name: d.name, lines: d.lines}
	root := d.parse(src)
	if isHadolint(filepath.Base(path)) {
		if root != nil {
			l.hadolint(d, root, here)
		}
		return []*layer{here}, d.err()
	}
	if root == nil {
		return []*layer{here}, d.err()
	}
	d.decode(root, reflect.ValueOf(&here.File).Elem(), "")
	d.check(&here.File, root)
	return l.extend(d, here, root, append(via, path))
}

// extend puts what here extends below it. via ends in here.
func (l *Loader) extend(d *decoder, here *layer, root *yaml.Node, via []string) ([]*layer, error) {
	var layers []*layer
	for i, name := range here.Extends {
		at := valueOf(root, "extends").Content[i]
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(via[len(via)-1]), filepath.FromSlash(name))
		}
		if j := slices.Index(via, path); j >= 0 {
			var names []string
			for _, v := range append(via[j:len(via):len(via)], path) {
				names = append(names, l.display(v))
			}
			d.fail(at, "`extends` goes in a circle: %s", strings.Join(names, " → "))
			continue
		}
		below, err := l.read(path, via)
		if err != nil {
			if lost, ok := errors.AsType[*fs.PathError](err); ok {
				d.fail(at, "cannot read %s: %w", l.display(lost.Path), lost.Err)
			} else {
				d.problems = append(d.problems, problem{at.Line, at.Column, err})
			}
		}
		layers = append(layers, below...)
	}
	return append(layers, here), d.err()
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(src) > maxFile {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("over the limit of %d bytes", maxFile)}
	}
	return src, err
}
