package pipeline

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// maxFixed bounds what is fixed, in bytes: a fix is proven by reading the file again and again. The largest of 2,198 Dockerfiles
// from public repositories has 58,262 bytes.
const maxFixed = 256 << 10

// FixOptions say what to fix.
type FixOptions struct {
	Unsafe bool            // also what changes the build
	Only   map[string]bool // rule names; empty means all
	Disk   fix.Disk
	Write  bool // to Disk; otherwise results say what would be written
}

// wanted reports whether x has a fix to apply.
func (o *FixOptions) wanted(x *lint.Finding) bool {
	if len(o.Only) > 0 && !o.Only[x.Rule.Name] {
		return false
	}
	return slices.ContainsFunc(x.Fixes, func(x lint.Fix) bool {
		return x.Safety == lint.Safe || x.Safety == lint.Unsafe && o.Unsafe
	})
}

// fixer is what fixes of one Dockerfile tell the next.
type fixer struct {
	files map[string]map[string]string // by the directory of a build context: what fixes made of its files
}

// fix is the fourth step. Dockerfiles are fixed one after the other: those that share a build context see what fixes
// made of it for the ones before. The findings that are left replace those that were there.
func (r *run) fix(list []int) {
	if r.Fix == nil {
		return
	}
	for _, i := range list {
		if slices.ContainsFunc(r.results[i].Findings, r.Fix.wanted) {
			r.fixOne(i)
		}
	}
}

// fixOne fixes one Dockerfile. If it fails, the file and its result stay as they are.
func (r *run) fixOne(i int) {
	defer r.guard(i, &r.results[i], "a fix")
	job, result, it := r.jobs[i], &r.results[i], &r.items[i]
	src := it.file.File.Bytes
	if len(src) > maxFixed {
		result.Notes = append(result.Notes, fmt.Errorf("%s: not fixed: it has %d bytes, and the limit is %d", job.Path, len(src), maxFixed))
		return
	}
	builds, earlier := it.file.Builds, r.fixer.files[result.Dir]
	// A proof is about all stages, whatever a compose file says; the names of contexts are part of the grammar.
	proof, start := builds[0].Options, builds[0].Plan
	if builds[0].Place() != "" {
		proof, start = plan.Options{NamedContexts: proof.NamedContexts}, nil
	}
	first := result.Findings
	for _, b := range builds {
		if len(job.Sources) > 0 || r.fixer.files[b.Dir] != nil {
			first = nil // what is left is judged by our own rules only, in the build context as it is now
		}
	}
	o := fix.Options{
		Name: job.Path, Unsafe: r.Fix.Unsafe, Only: r.Fix.Only, Plan: proof, Start: start, First: first,
		Read: func(name string) ([]byte, error) {
			if text, ok := earlier[name]; ok {
				return []byte(text), nil
			}
			return fix.ReadInside(r.Fix.Disk, r.absolute(result.Dir), name)
		},
		Lint: func(p *plan.Plan, files map[string]string) []*lint.Finding { return r.again(i, p, files) },
	}
	fixed := fix.Run(src, o)
	if bytes.Equal(fixed.Source, src) && len(fixed.Files) == 0 {
		fixed.Applied = nil // the fixes cancelled out
	}
	if len(fixed.Applied) > 0 && r.Fix.Write {
		at := fix.Location{Dockerfile: r.workspace.Abs(job.Name), Dir: r.absolute(result.Dir)}
		notes, err := fixed.Write(r.Fix.Disk, src, at, fix.Location{Dockerfile: job.Path, Dir: result.Dir})
		result.Notes = append(result.Notes, notes...)
		if err != nil {
			result.Errs = append(result.Errs, fmt.Errorf("not fixed: %w", err))
			return
		}
	}
	for name, file := range fixed.Files {
		if r.fixer.files == nil {
			r.fixer.files = map[string]map[string]string{}
		}
		if r.fixer.files[result.Dir] == nil {
			r.fixer.files[result.Dir] = map[string]string{}
		}
		r.fixer.files[result.Dir][name] = file.After
	}
	result.Source, result.Fixed, result.Findings = src, &fixed, fixed.Findings
	if len(fixed.Failures) == 0 {
		return
	}
	file := parser.NewSource(job.Path, fixed.Source)
	for i := len(fixed.Failures) - 1; i >= 0; i-- {
		x := fixed.Failures[i]
		bug := job.Linter.Bug(file, x.Rule, "bug in the fix `%s` of rule %s: %s", x.Title, x.Rule.Name, x.Reason)
		result.Findings = append([]*lint.Finding{bug}, result.Findings...)
	}
}

// absolute is the directory of a build context, "" without one.
func (r *run) absolute(dir string) string {
	if dir == "" {
		return ""
	}
	return r.workspace.Abs(dir)
}

// again lints a state of the Dockerfile that fixes have made. p is its plan for a proof, files what they made of its
// build context.
func (r *run) again(i int, p *plan.Plan, files map[string]string) []*lint.Finding {
	it, dir := &r.items[i], r.results[i].Dir
	lints := make([]lint.Build, len(it.file.Builds))
	for n, b := range it.file.Builds {
		lints[n] = lint.Build{Plan: p, Services: b.Services, OtherServices: b.OtherServices, Accounts: b.Accounts}
		if b.Place() != "" {
			lints[n].Plan = plan.New(p.File, b.Options)
		}
		if b.Dir == "" || it.file.Builds[0].Context == nil {
			continue
		}
		var made map[string]string
		if b.Dir == dir {
			made = maps.Clone(r.fixer.files[dir])
			if made == nil {
				made = map[string]string{}
			}
			maps.Copy(made, files)
		}
		// What could be read a moment ago may be gone: then the rules that need it are silent.
		lints[n].Context, _ = r.workspace.Reopen(b, made)
	}
	found, _ := merge(r.jobs[i].Linter, it.file.Builds, lints)
	return found
}
