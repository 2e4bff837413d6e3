package driver

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

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// FixOptions say what to fix.
type FixOptions struct {
	Unsafe bool            // also what changes the build
	Only   map[string]bool // rule names; empty means all
	Write  bool            // to the disk; else results tell what would be written
}

// Fix fixes what o allows of the findings in results and puts what is left in their place. Dockerfiles are fixed one after the
// other, since those that share a build context see what fixes made of it for the one before.
func Fix(jobs []Job, results []Result, o Options, how FixOptions) {
	f := fixer{options: o, how: how, files: map[string]map[string]string{}}
	for i := range jobs {
		if slices.ContainsFunc(results[i].Findings, f.wanted) {
			f.one(jobs[i], &results[i])
		}
	}
}

type fixer struct {
	options Options
	how     FixOptions
	files   map[string]map[string]string // by build context: what fixes made of its files
}

// wanted reports whether x has a fix to apply.
func (f *fixer) wanted(x *lint.Finding) bool {
	if len(f.how.Only) > 0 && !f.how.Only[x.Rule.Name] {
		return false
	}
	return slices.ContainsFunc(x.Fixes, func(x lint.Fix) bool {
		return x.Safety == lint.Safe || x.Safety == lint.Unsafe && f.how.Unsafe
	})
}

// one fixes one Dockerfile. Whatever happens, the others are fixed; the file and its result stay as they are.
func (f *fixer) one(job Job, r *Result) {
	defer func() {
		if what := recover(); what != nil {
			r.Errs = append(r.Errs, fmt.Errorf("%s: bug in a fix, please report it with this file: %v", job.Path, what))
		}
	}()
	src := r.Findings[0].Source.Bytes
	if len(src) > parser.MaxFile {
		return // the rest of it was not read
	}
	earlier := f.files[r.Dir]
	proof := f.options.Plan // of every stage and whatever arguments are given; the names of contexts are part of its grammar
	proof.NamedContexts = r.builds[0].options.NamedContexts
	first := r.Findings
	if job.ShellCheck != nil || slices.ContainsFunc(r.builds, func(b described) bool { return f.files[b.dir] != nil }) {
		first = nil // what is fixed is held to our own rules, and to the build context as it is now
	}
	fixed := fix.Run(src, fix.Options{
		Name: job.Path, Unsafe: f.how.Unsafe, Only: f.how.Only, Plan: proof, First: first,
		Read: func(name string) ([]byte, error) {
			if text, ok := earlier[name]; ok {
				return []byte(text), nil
			}
			return readInside(r.Dir, name)
		},
		Lint: func(p *plan.Plan, files map[string]string) []*lint.Finding {
			contexts := make([]*buildcontext.Context, len(r.builds))
			for i, b := range r.builds {
				if b.dir == "" || r.Context == nil {
					continue
				}
				var made map[string]string
				if b.dir == r.Dir {
					made = maps.Clone(earlier)
					if made == nil {
						made = map[string]string{}
					}
					maps.Copy(made, files)
				}
				// What could be read a moment ago may have gone: the rules that need it are silent then.
				contexts[i], _ = openContext(b.dir, job.Name, made)
			}
			for i := range r.builds {
				r.builds[i].plan = plan.New(p.File, r.builds[i].options)
			}
			return r.lint(job, contexts, nil)
		},
	})
	if bytes.Equal(fixed.Source, src) && len(fixed.Files) == 0 {
		fixed.Applied = nil // they undid one another
	}
	if len(fixed.Applied) > 0 && f.how.Write {
		if err := write(job.Name, src, &fixed, r.Dir); err != nil {
			r.Errs = append(r.Errs, fmt.Errorf("not fixed: %w", err))
			return
		}
	}
	for name, file := range fixed.Files {
		if f.files[r.Dir] == nil {
			f.files[r.Dir] = map[string]string{}
		}
		f.files[r.Dir][name] = file.After
	}
	r.Source, r.Fixed = src, &fixed
	r.Findings = fixed.Findings
	if len(fixed.Failures) == 0 {
		return
	}
	file := parser.NewSource(job.Path, fixed.Source)
	for _, x := range slices.Backward(fixed.Failures) {
		r.Findings = slices.Insert(r.Findings, 0, job.Linter.Bug(file, x.Rule, "bug in the fix `%s` of rule %s: %s", x.Title, x.Rule.Name, x.Reason))
	}
}

// write puts what fixed holds on the disk, all or nothing. The files of the build context, dir, come first: they are easy to take
// back.
func write(name string, before []byte, fixed *fix.Result, dir string) (err error) {
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for _, f := range slices.Backward(undo) {
			err = errors.Join(err, f())
		}
	}()
	same := bytes.Equal(before, fixed.Source)
	if !same && len(fixed.Files) > 0 { // alone, replace finds out as early
		if err := writable(name); err != nil {
			return fmt.Errorf("cannot write %s: %w", filepath.ToSlash(name), reason(err))
		}
	}
	for _, inside := range slices.Sorted(maps.Keys(fixed.Files)) {
		file := fixed.Files[inside]
		path := filepath.Join(dir, filepath.FromSlash(inside))
		if file.Create {
			if err := create(dir, inside, file.After); err != nil {
				return fmt.Errorf("cannot create %s: %w", filepath.ToSlash(path), reason(err))
			}
			undo = append(undo, func() error {
				if err := os.Remove(path); err != nil {
					return fmt.Errorf("cannot remove %s again: %w", filepath.ToSlash(path), reason(err))
				}
				return nil
			})
			continue
		}
		if err := inContext(dir, inside); err != nil {
			return fmt.Errorf("cannot write %s: %w", filepath.ToSlash(path), reason(err))
		}
		if err := replace(path, []byte(file.Before), []byte(file.After)); err != nil {
			return err
		}
		undo = append(undo, func() error { return replace(path, []byte(file.After), []byte(file.Before)) })
	}
	if same {
		return nil
	}
	return replace(name, before, fixed.Source)
}

// replace gives the file called name, which must hold before, what is after. Another process that came to the same is no harm.
func replace(name string, before, after []byte) error {
	if err := writable(name); err != nil {
		return fmt.Errorf("cannot write %s: %w", filepath.ToSlash(name), reason(err))
	}
	return WriteFile(name, func(w io.Writer) error {
		if _, err := w.Write(after); err != nil {
			return err
		}
		now, err := readFile(name, parser.MaxFile+1)
		if err == nil && !bytes.Equal(now, before) && !bytes.Equal(now, after) {
			err = errors.New("it has changed since it was read")
		}
		return err
	})
}

// readInside reads a file of the build context dir that a fix may add to.
func readInside(dir, name string) ([]byte, error) {
	if err := inContext(dir, name); err != nil {
		return nil, err
	}
	return readFile(filepath.Join(dir, filepath.FromSlash(name)), parser.MaxFile)
}

// inContext is an error unless name is a file in dir, and no link leads out of it.
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
		err = errors.New("it is no regular file, or too large")
	}
	return err
}

// writable is an error unless name is a file that may be replaced. A rename would replace one that is read-only, too.
func writable(name string) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is no regular file")
	case info.Mode().Perm()&0o200 == 0:
		return errors.New("it is read-only")
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// create makes a file in dir, whole or not at all, and overwrites none.
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

// fill makes a file that is not there yet.
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

// reason is err without the path that the sentence around it names already.
func reason(err error) error {
	if detail, ok := errors.AsType[*fs.PathError](err); ok {
		return detail.Err
	}
	if detail, ok := errors.AsType[*os.LinkError](err); ok {
		return detail.Err
	}
	return err
}
