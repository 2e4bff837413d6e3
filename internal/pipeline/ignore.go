package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// maxIgnorePasses bounds how many times files with new ignore comments are linted: comments may cause findings, and what a rule reports once for
// several places appears at the next one if the first is ignored.
const maxIgnorePasses = 8

// Ignoring says how AddIgnores ignores findings.
type Ignoring struct {
	Reason string // "" for none
	Disk   fix.Disk
	Write  bool // to Disk; otherwise results say what would be written
}

// AddIgnores adds comments to the files of jobs that ignore the findings in results, which Run has made of them. Results then have the
// findings that are left, what would be or was written, and how many comments were added.
func AddIgnores(ctx context.Context, w *workspace.Workspace, jobs []Job, results []Result, o Ignoring) {
	a := ignoring{Ignoring: o, workspace: w, jobs: jobs, results: results, files: make([]commented, len(jobs))}
	var list []int
	for i := range jobs {
		if a.begin(i) {
			list = append(list, i)
		}
	}
	for pass := 0; pass < maxIgnorePasses && len(list) > 0; pass++ {
		list = a.pass(ctx, list)
	}
	for i := range jobs {
		a.end(i)
	}
}

// ignoring is the work of AddIgnores.
type ignoring struct {
	Ignoring
	workspace *workspace.Workspace
	jobs      []Job
	results   []Result
	files     []commented
}

// commented is a file in the hands of AddIgnores.
type commented struct {
	src      *parser.Source  // as it was, nil if nothing is to be ignored
	first    []*lint.Finding // what was found, and what was not reported
	silent   []*lint.Finding
	now      []byte
	comments int            // in now
	rules    []string       // those that comments in now ignore
	whole    []string       // rules to ignore in the whole file
	known    map[string]int // findings that are not reported for other reasons than comments, by identity
	others   []*lint.Finding
}

func identity(f *lint.Finding) string {
	return f.Rule.Name + "\x00" + f.Fingerprint() + "\x00" + f.Message
}

// begin prepares the job numbered i, and reports whether it has findings to ignore.
func (a *ignoring) begin(i int) bool {
	r, x := &a.results[i], &a.files[i]
	n := slices.IndexFunc(r.Findings, func(f *lint.Finding) bool { return f.Rule.Name != lint.RuleBug })
	if n < 0 {
		return false
	}
	x.src = r.Findings[n].Source
	if len(x.src.Bytes) > parser.MaxFile {
		r.Errs = append(r.Errs, fmt.Errorf("%s: no comments are added, since the rest of it was not read", a.jobs[i].Path))
		x.src = nil
		return false
	}
	x.now, x.known, x.first, x.silent = x.src.Bytes, map[string]int{}, r.Findings, r.Suppressed
	for _, f := range r.Suppressed {
		if f.Suppressed != lint.ByComment {
			x.known[identity(f)]++
			x.others = append(x.others, f)
		}
	}
	return true
}

// pass adds comments to the jobs numbered list, lints them again, and returns those with findings that another pass may ignore.
func (a *ignoring) pass(ctx context.Context, list []int) (left []int) {
	var jobs []Job
	var numbers []int
	for _, i := range list {
		x, r, job := &a.files[i], &a.results[i], a.jobs[i]
		src := parser.NewSource(job.Path, x.now)
		edits := fix.IgnoreComments(src, r.Findings, job.Describes, a.Reason, x.whole)
		if len(edits) == 0 {
			continue
		}
		now, err := fix.Ignoring(src, edits, job.Describes, plan.Options{})
		if err != nil {
			r.Errs = append(r.Errs, fmt.Errorf("%s: findings are not ignored: %w", job.Path, err))
			continue
		}
		x.now = now
		x.comments += len(edits)
		for _, f := range r.Findings {
			x.rules = append(x.rules, f.Rule.Name)
		}
		a.workspace.SetOverlay(job.Name, string(now))
		job.Baseline = nil
		jobs, numbers = append(jobs, job), append(numbers, i)
	}
	for n, again := range Run(ctx, a.workspace, jobs, Options{}) {
		i := numbers[n]
		r, x := &a.results[i], &a.files[i]
		r.Errs = append(r.Errs, again.Errs...)
		known := maps.Clone(x.known)
		r.Findings = slices.DeleteFunc(again.Findings, func(f *lint.Finding) bool {
			k := identity(f)
			known[k]--
			return known[k] >= 0
		})
		r.Suppressed = slices.Concat(again.Suppressed, x.others)
		if len(r.Findings) > 0 {
			left = append(left, i)
			x.reveal(r)
		}
	}
	return left
}

// reveal begins again, with comments on the whole file, if rules find in other places what was ignored in one.
func (x *commented) reveal(r *Result) {
	n := len(x.whole)
	for _, f := range r.Findings {
		if name := f.Rule.Name; f.Instruction.Name != "" && slices.Contains(x.rules, name) && !slices.Contains(x.whole, name) {
			x.whole = append(x.whole, name)
		}
	}
	if len(x.whole) > n {
		x.now, x.comments, x.rules, r.Findings = x.src.Bytes, 0, nil, x.first
	}
}

// end writes what became of the job numbered i.
func (a *ignoring) end(i int) {
	r, x, job := &a.results[i], &a.files[i], a.jobs[i]
	if x.comments == 0 {
		return
	}
	a.workspace.DropOverlay(job.Name)
	made := fix.Result{Source: x.now, Findings: r.Findings}
	if a.Write {
		name := a.workspace.Abs(job.Name)
		notes, err := made.Write(a.Disk, x.src.Bytes, fix.Location{Dockerfile: name}, fix.Location{Dockerfile: job.Path})
		r.Notes = append(r.Notes, notes...)
		if err != nil {
			r.Errs = append(r.Errs, fmt.Errorf("findings are not ignored: %w", err))
			r.Findings, r.Suppressed = x.first, x.silent
			return
		}
	}
	r.Source, r.Fixed, r.Comments = x.src.Bytes, &made, x.comments
}
