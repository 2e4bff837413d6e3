package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
)

// maxFile bounds a configuration file, in bytes, and maxFiles how many are read for one: it may extend others, and they
// more.
const (
	maxFile  = 1 << 20
	maxFiles = 100
	// maxScripts bounds those among them, of one file, that are scripts.
	maxScripts = 20
)

// Names are the names of configuration files, the preferred first.
func Names() []string { return []string{".dockvet.yaml", ".dockvet.yml"} }

func hadolintNames() []string { return []string{".hadolint.yaml", ".hadolint.yml"} }

// Files is the file system that configurations are read from. Names are absolute.
type Files interface {
	Open(name string) (fs.File, error)
	OpenFrom(from, name string) (fs.File, error) // one that the file called from refers to
	Lstat(name string) (fs.FileInfo, error)
}

// Loader finds the settings of each Dockerfile. It is for one goroutine.
type Loader struct {
	Root  string // absolute: relative names begin here, and messages name files from here
	Files Files
	Rules []*lint.Rule
	// Retired are the codes that a configuration may name without effect.
	Retired []lint.Retired
	Flags   Flags
	// File is read for all Dockerfiles instead of searching for one; None reads nothing at all.
	File string
	None bool
	// Warn is told what is odd and works nonetheless; may be nil.
	Warn func(error)

	index  lint.Index                       // of Rules; nil until somebody asks
	dirs   map[string]found                 // by directory
	files  map[string]stack                 // by file
	merged map[string]map[string]*Effective // by file, "" for none, and by the overrides that apply
}

// found is the configuration files nearest to a directory, "" where there is none.
type found struct{ dockvet, hadolint string }

// reading is what was read for one configuration file.
type reading struct {
	files []string
	done  map[string][]*layer // by file: it with all that it extends
}

// stack is a configuration file with all that it extends, in the order in which they apply.
type stack struct {
	layers []*layer
	read   []string // the files that it was read from, those that could not be read included
	err    error
}

// For returns the settings of the Dockerfile called name. Dockerfiles with the same settings get the same Effective.
func (l *Loader) For(name string) (*Effective, error) {
	if l.merged == nil {
		l.dirs, l.files, l.merged = map[string]found{}, map[string]stack{}, map[string]map[string]*Effective{}
	}
	abs := l.abs(name)
	file := l.which(filepath.Dir(abs))
	excluded := false
	if len(l.Flags.Exclude) > 0 {
		if rel, err := filepath.Rel(l.Root, abs); err == nil {
			excluded = excludes(l.Flags.Exclude, filepath.ToSlash(rel))
		}
	}
	if file == "" {
		return l.merge("", nil, [][]bool{{excluded}}), nil
	}
	s := l.stack(file)
	if s.err != nil {
		return nil, s.err
	}
	rel, err := filepath.Rel(filepath.Dir(file), abs)
	if err != nil {
		rel = abs
	}
	chosen := make([][]bool, len(s.layers), len(s.layers)+1)
	for i, layer := range s.layers {
		chosen[i] = layer.choose(filepath.ToSlash(rel))
	}
	return l.merge(file, s.layers, append(chosen, []bool{excluded})), nil
}

// Forget forgets what was read from the absolute paths names or depends on whether they are there; all if exactly is
// not set. It returns the settings that it forgot.
func (l *Loader) Forget(names []string, exactly bool) []*Effective {
	known := slices.Concat(Names(), hadolintNames(), []string{".git"})
	moved := map[string]bool{} // the directories for which another file may be the nearest one
	for _, name := range names {
		for dir := range l.dirs {
			// A file decides for what is below its directory; a directory comes or goes with the files in it.
			for _, top := range []string{filepath.Dir(name), name} {
				rel, err := filepath.Rel(top, dir)
				inside := err == nil && filepath.IsLocal(rel)
				moved[dir] = moved[dir] || inside && (top == name || slices.Contains(known, filepath.Base(name)))
			}
		}
	}
	maps.DeleteFunc(l.dirs, func(dir string, _ found) bool { return !exactly || moved[dir] })
	var forgotten []*Effective
	for file, s := range l.files {
		touched := slices.ContainsFunc(s.read, func(read string) bool {
			return slices.ContainsFunc(names, func(name string) bool {
				rel, err := filepath.Rel(name, read)
				return err == nil && filepath.IsLocal(rel)
			})
		})
		if !exactly || touched {
			delete(l.files, file)
			forgotten = slices.AppendSeq(forgotten, maps.Values(l.merged[file]))
			delete(l.merged, file)
		}
	}
	return forgotten
}

// Index is that of Rules.
func (l *Loader) Index() lint.Index {
	if l.index == nil {
		l.index = lint.NewIndex(l.Rules)
	}
	return l.index
}

// Policy is what the flags and the file that the user named forbid. An error is about that file.
func (l *Loader) Policy() (Policy, error) {
	p := l.Flags.Policy
	if l.File == "" {
		return p, nil
	}
	s := l.stack(l.abs(l.File))
	for _, layer := range s.layers {
		if layer.Policy != nil {
			p = p.with(*layer.Policy)
		}
	}
	return p, s.err
}

// stack is the file called file, an absolute path, with what it extends.
func (l *Loader) stack(file string) stack {
	if l.merged == nil {
		l.dirs, l.files, l.merged = map[string]found{}, map[string]stack{}, map[string]map[string]*Effective{}
	}
	s, ok := l.files[file]
	if !ok {
		var r reading
		s.layers, s.err = l.read(file, nil, &r)
		s.read = r.files
		if lost, ok := errors.AsType[*fs.PathError](s.err); ok {
			s.err = fmt.Errorf("cannot read %s: %w", l.display(lost.Path), lost.Err)
		}
		l.files[file] = s
	}
	return s
}

// merge is the settings of layers. chosen is what choose says of each, and last whether a flag excludes it.
func (l *Loader) merge(file string, layers []*layer, chosen [][]bool) *Effective {
	key := fmt.Sprint(chosen)
	if e := l.merged[file][key]; e != nil {
		return e
	}
	e := defaults()
	policy := l.Flags.Policy
	e.House = houseRules(layers)
	for _, layer := range layers {
		for _, rule := range layer.house {
			if e.HouseFrom == nil {
				e.HouseFrom = map[string]string{}
			}
			e.HouseFrom[rule.Name] = layer.houseFrom[rule.Name]
		}
	}
	var index lint.Index
	if len(layers) > 0 {
		index = l.Index()
	}
	if len(e.House) > 0 {
		index = index.With(e.House)
	}
	for i, layer := range layers {
		e.Files = append(e.Files, layer.name)
		layer.apply(e, index, chosen[i])
	}
	e.apply(l.Flags, l.Rules)
	if chosen[len(layers)][0] {
		e.Off = Chosen[bool]{true, "--exclude"}
	}
	for _, layer := range layers {
		if layer.Policy == nil {
			continue
		}
		if l.File == "" {
			l.warn(fmt.Errorf("%s: `policy` has no effect here; name the file with --config", layer.from("policy")))
			continue
		}
		if policy = policy.with(*layer.Policy); policy.NoIgnoreComments && !e.NoComments.V {
			e.NoComments = Chosen[bool]{true, layer.from("policy.no-ignore-comments")}
		}
		if layer.Policy.NoBaseline {
			e.Baseline = Chosen[string]{"", layer.from("policy.no-baseline")}
		}
	}
	if l.merged[file] == nil {
		l.merged[file] = map[string]*Effective{}
	}
	l.merged[file][key] = e
	return e
}

// which is the absolute path of the configuration file for Dockerfiles in dir, "" without one.
func (l *Loader) which(dir string) string {
	switch {
	case l.File != "":
		return l.abs(l.File)
	case l.None, l.Flags.Policy.NoRepoConfig:
		return ""
	}
	f := l.search(dir)
	if f.dockvet != "" {
		return f.dockvet
	}
	return f.hadolint
}

func (l *Loader) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(l.Root, name)
}

// search looks in dir and the directories above it, up to the root of the repository.
func (l *Loader) search(dir string) found {
	f, ok := l.dirs[dir]
	if ok {
		return f
	}
	f = found{l.first(dir, Names()), l.first(dir, hadolintNames())}
	complete := f.dockvet != "" && f.hadolint != ""
	if up := filepath.Dir(dir); !complete && up != dir && !l.exists(filepath.Join(dir, ".git")) {
		above := l.search(up)
		if f.dockvet == "" {
			f.dockvet = above.dockvet
		}
		if f.hadolint == "" {
			f.hadolint = above.hadolint
		}
	}
	l.dirs[dir] = f
	return f
}

func (l *Loader) first(dir string, names []string) string {
	for _, name := range names {
		if path := filepath.Join(dir, name); l.exists(path) {
			return path
		}
	}
	return ""
}

func (l *Loader) exists(path string) bool {
	_, err := l.Files.Lstat(path)
	return err == nil
}

// display is path as messages print it: relative to the root when below it.
func (l *Loader) display(path string) string {
	if rel, err := filepath.Rel(l.Root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}

// read is the layers of the file at path, an absolute one, none of them twice. via are the files that extend it.
func (l *Loader) read(path string, via []string, r *reading) ([]*layer, error) {
	if layers, ok := r.done[path]; ok {
		return layers, nil // if something is wrong with it, it was said
	}
	src, err := l.readMore(path, via, r)
	if err != nil {
		return nil, err
	}
	layers, err := l.parse(path, src, via, r)
	if r.done == nil {
		r.done = map[string][]*layer{}
	}
	r.done[path] = layers
	return layers, err
}

func (l *Loader) parse(path string, src []byte, via []string, r *reading) ([]*layer, error) {
	d := &decoder{name: l.display(path), index: l.Index(), retired: l.Retired, warn: l.warn, lines: map[string]int{}}
	here := &layer{name: d.name, dir: filepath.Dir(path), lines: d.lines}
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
	l.houseFiles(d, here, root, append(via, path), r)
	return l.extend(d, here, root, append(via, path), r)
}

// extend puts what here extends before it. via ends in here.
func (l *Loader) extend(d *decoder, here *layer, root *yaml.Node, via []string, r *reading) ([]*layer, error) {
	var layers []*layer
	for i, name := range here.Extends {
		if len(r.files) > maxFiles {
			break // one complaint is enough
		}
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
			d.fail(at, "`extends` is circular: %s", strings.Join(names, " → "))
			continue
		}
		below, err := l.read(path, via, r)
		if err != nil {
			if lost, ok := errors.AsType[*fs.PathError](err); ok {
				d.fail(at, "cannot read %s: %w", l.display(lost.Path), lost.Err)
			} else {
				d.problems = append(d.problems, problem{at.Line, at.Column, err})
			}
		}
		// What is applied again later has no effect the first time.
		layers = slices.DeleteFunc(layers, func(x *layer) bool { return slices.Contains(below, x) })
		layers = append(layers, below...)
	}
	layers = append(layers, here)
	d.settle(houseRules(layers))
	return layers, d.err()
}

// houseFiles reads the files that here names for house rules. via ends in here.
func (l *Loader) houseFiles(d *decoder, here *layer, root *yaml.Node, via []string, r *reading) {
	here.house, here.houseFrom = d.made, d.madeAt
	scripts := 0
	for i, name := range here.HouseFiles {
		at := valueOf(root, "house-rule-files").Content[i]
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(here.dir, filepath.FromSlash(name))
		}
		if len(r.files) > maxFiles {
			break // one complaint is enough
		}
		src, err := l.readMore(path, via, r)
		if err != nil {
			if lost, ok := errors.AsType[*fs.PathError](err); ok {
				err = fmt.Errorf("cannot read %s: %w", l.display(lost.Path), lost.Err)
			}
			d.fail(at, "%w", err)
			continue
		}
		more := &decoder{name: l.display(path), index: l.Index(), warn: l.warn}
		if filepath.Ext(path) == ".star" {
			if scripts++; scripts > maxScripts {
				d.fail(at, "there are more than %d scripts", maxScripts)
				return
			}
			more.script(src)
		} else if doc := more.parse(src); doc != nil {
			more.house(doc)
		}
		if err := more.err(); err != nil {
			d.problems = append(d.problems, problem{at.Line, at.Column, err})
		}
		for _, rule := range more.made {
			if j := slices.IndexFunc(here.house, func(x *lint.Rule) bool { return x.Name == rule.Name }); j >= 0 {
				d.fail(at, "`%s` of %s is already a house rule of this file, or of one before it", rule.Name, more.name)
				continue
			}
			here.house = append(here.house, rule)
			if here.houseFrom == nil {
				here.houseFrom = map[string]string{}
			}
			here.houseFrom[rule.Name] = more.madeAt[rule.Name]
		}
	}
}

// houseRules are the house rules of layers, by name. Later layers replace those of earlier ones.
func houseRules(layers []*layer) []*lint.Rule {
	var out []*lint.Rule
	for _, layer := range layers {
		for _, rule := range layer.house {
			out = append(slices.DeleteFunc(out, func(x *lint.Rule) bool { return x.Name == rule.Name }), rule)
		}
	}
	order.By(out, func(a, b *lint.Rule) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// readMore is the text of one more file of the configuration that r is of. via are the files that lead to it.
func (l *Loader) readMore(path string, via []string, r *reading) ([]byte, error) {
	r.files = append(r.files, path)
	if len(r.files) > maxFiles {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it is file number %d of this configuration, of %d at most", len(r.files), maxFiles)}
	}
	return l.readFile(path, via)
}

func (l *Loader) readFile(path string, via []string) ([]byte, error) {
	open := l.Files.Open
	if len(via) > 0 {
		open = func(name string) (fs.File, error) { return l.Files.OpenFrom(via[len(via)-1], name) }
	}
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(src) > maxFile {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it is larger than %d bytes", maxFile)}
	}
	return src, err
}
