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

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// FixOptions say what to fix.
type FixOptions struct {
	Unsafe bool            // also what changes the build
	Only   map[string]bool // rule names; empty means all
	Write  bool            // to the disk; else results tell what would be written
}

// Fix fixes what o allows of the findings in results and puts what is left in their place. Dockerfiles are fixed one after the
// other, since those that share a build context see what was created for the one before.
func Fix(jobs []Job, results []Result, o Options, how FixOptions) {
	f := fixer{options: o, how: how, created: map[string]map[string]string{}}
	for i := range jobs {
		if slices.ContainsFunc(results[i].Findings, f.wanted) {
			f.one(jobs[i], &results[i])
		}
	}
}

type fixer struct {
	options Options
	how     FixOptions
	created map[string]map[string]string // by build context: files that were not written
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
	src := r.Findings[0].File.Source
	if len(src) > parser.MaxFile {
		return // the rest of it was not read
	}
	earlier := f.created[r.Dir]
	proof := f.options.Plan // of every stage and whatever arguments are given; the names of contexts are part of its grammar
	proof.NamedContexts = r.builds[0].options.NamedContexts
	fixed := fix.Run(src, fix.Options{
		Unsafe: f.how.Unsafe, Only: f.how.Only, Plan: proof,
		Lint: func(src []byte, created map[string]string) []*lint.Finding {
			contexts := make([]*buildcontext.Context, len(r.builds))
			for i, b := range r.builds {
				if b.dir == "" || r.Context == nil {
					continue
				}
				var made map[string]string
				if b.dir == r.Dir {
					made = maps.Clone(created)
					maps.Copy(made, earlier)
				}
				// What could be read a moment ago may have gone: the rules that need it are silent then.
				contexts[i], _ = openContext(b.dir, job.Name, made)
			}
			return r.lint(job, parser.Parse(job.Path, src), contexts, nil)
		},
	})
	if bytes.Equal(fixed.Source, src) && len(fixed.Created) == 0 {
		fixed.Applied = nil // they undid one another
	}
	if len(fixed.Applied) > 0 && f.how.Write {
		if err := write(job.Name, src, &fixed, r.Dir); err != nil {
			r.Errs = append(r.Errs, fmt.Errorf("not fixed: %w", err))
			return
		}
	}
	if !f.how.Write && len(fixed.Created) > 0 {
		made := maps.Clone(fixed.Created)
		maps.Copy(made, earlier)
		f.created[r.Dir] = made
	}
	r.Source, r.Fixed = src, &fixed
	r.Findings = fixed.Findings
	file := parser.Parse(job.Path, fixed.Source)
	for _, x := range slices.Backward(fixed.Failures) {
		r.Findings = slices.Insert(r.Findings, 0, job.Linter.Bug(file, x.Rule, "bug in the fix `%s` of rule %s: %s", x.Title, x.Rule.Name, x.Reason))
	}
}

// write puts what fixed holds on the disk, all or nothing. It creates files first: they are easy to take back.
func write(name string, before []byte, fixed *fix.Result, dir string) (err error) {
	var made []string
	defer func() {
		if err == nil {
			return
		}
		for _, name := range made {
			if again := os.Remove(name); again != nil {
				err = errors.Join(err, fmt.Errorf("cannot remove %s again: %w", filepath.ToSlash(name), reason(again)))
			}
		}
	}()
	same := bytes.Equal(before, fixed.Source)
	if !same {
		if err := writable(name); err != nil {
			return fmt.Errorf("cannot write %s: %w", filepath.ToSlash(name), reason(err))
		}
	}
	for _, inside := range slices.Sorted(maps.Keys(fixed.Created)) {
		path := filepath.Join(dir, filepath.FromSlash(inside))
		if err := create(dir, inside, fixed.Created[inside]); err != nil {
			return fmt.Errorf("cannot create %s: %w", filepath.ToSlash(path), reason(err))
		}
		made = append(made, path)
	}
	if same {
		return nil
	}
	return WriteFile(name, func(w io.Writer) error {
		if _, err := w.Write(fixed.Source); err != nil {
			return err
		}
		now, err := readFile(name, parser.MaxFile+1)
		if err == nil && !bytes.Equal(now, before) {
			err = errors.New("it has changed since it was read")
		}
		return err
	})
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

// create makes a file in dir, and overwrites none.
func create(dir, name, text string) error {
	if dir == "" {
		return errors.New("there is no build context")
	}
	root, err := os.OpenRoot(dir) // no link leads out of it
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // nothing was written to it
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = root.Remove(filepath.FromSlash(name)) // the first error says more
	}
	return err
}

// reason is err without the path that the sentence around it names already.
func reason(err error) error {
	if detail, ok := errors.AsType[*fs.PathError](err); ok {
		return detail.Err
	}
	return err
}
