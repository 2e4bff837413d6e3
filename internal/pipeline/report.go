package pipeline

import (
	"cmp"
	"io/fs"
	"iter"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
)

// Report is the last step: what was found in jobs. Rules are those of all that ran. The caller adds what is not about
// this run: version, pages and addresses. With suppressed, what is not reported is in it too.
func Report(jobs []Job, results []Result, all []*lint.Rule, suppressed bool) *report.Report {
	contexts := contexts{}
	rep := contexts.report(jobs, all)
	for i := range results {
		r := &results[i]
		rep.Findings = append(rep.Findings, r.told(suppressed)...)
		rep.Builds = append(rep.Builds, r.Builds...)
		contexts.count(rep, jobs[i].Path, r)
	}
	return rep
}

// Live is Report for results that come one after the other: its findings are in Stream. each is called for each result, before its
// findings, also when the reader of the report wants no more of them.
func Live(jobs []Job, results iter.Seq2[int, *Result], all []*lint.Rule, suppressed bool, each func(int, *Result)) *report.Report {
	contexts := contexts{}
	rep := contexts.report(jobs, all)
	var builds builds
	rep.StreamBuilds = builds.all
	rep.Stream = func(yield func(*lint.Finding) bool) {
		wanted := true
		for i, r := range results {
			each(i, r)
			clear(contexts)
			builds.add(r.Builds)
			contexts.count(rep, jobs[i].Path, r)
			wanted = wanted && !slices.ContainsFunc(r.told(suppressed), func(f *lint.Finding) bool { return !yield(f) })
		}
	}
	return rep
}

// told are the findings of r for a report.
func (r *Result) told(suppressed bool) []*lint.Finding {
	if !suppressed || len(r.Suppressed) == 0 {
		return r.Findings
	}
	findings := slices.Concat(r.Findings, r.Suppressed)
	order.By(findings, func(a, b *lint.Finding) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), strings.Compare(a.Rule.Name, b.Rule.Name))
	})
	return findings
}

// contexts are the results that have files to read, by their Dockerfile.
type contexts map[string]*Result

func (c contexts) count(rep *report.Report, path string, r *Result) {
	rep.Suppressed.Add(r.Suppressed)
	if r.Read {
		rep.Files++
	}
	if r.Open != nil {
		c[path] = r
	}
}

// report is a report without findings.
func (c contexts) report(jobs []Job, all []*lint.Rule) *report.Report {
	rep := &report.Report{Rules: make([]*lint.Rule, 0, len(all))}
	ran := make(map[*lint.Rule]bool, len(all))
	seen := map[*lint.Linter]bool{}
	for i := range jobs {
		if l := jobs[i].Linter; !seen[l] {
			seen[l] = true
			for _, rule := range l.Rules() {
				ran[rule] = true
			}
		}
	}
	for _, rule := range all {
		if ran[rule] {
			rep.Rules = append(rep.Rules, rule)
			delete(ran, rule)
		}
	}
	others := slices.Collect(maps.Keys(ran))
	order.By(others, func(a, b *lint.Rule) int { return strings.Compare(a.Name, b.Name) })
	for _, rule := range others {
		// Those of configurations, of which several may define the same one.
		if n := len(rep.Rules); n == 0 || rep.Rules[n-1].Name != rule.Name {
			rep.Rules = append(rep.Rules, rule)
		}
	}
	rep.Context = func(dockerfile, name string) ([]byte, error) {
		if r, ok := c[dockerfile]; ok {
			return r.Open(name)
		}
		return nil, fs.ErrNotExist
	}
	rep.ContextPath = func(dockerfile, name string) string {
		dir := ""
		if r, ok := c[dockerfile]; ok {
			dir = r.Dir
		}
		return path.Join(filepath.ToSlash(dir), name)
	}
	return rep
}

// Changes are what the fixes of all jobs change.
func Changes(jobs []Job, results []Result) []report.Change {
	var out []report.Change
	for i, r := range results {
		if r.Fixed == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(r.Fixed.Files)) {
			f := r.Fixed.Files[name]
			out = append(out, report.Change{
				Name:   path.Join(filepath.ToSlash(r.Dir), name),
				Create: f.Create, Before: []byte(f.Before), After: []byte(f.After),
			})
		}
		if len(r.Fixed.Applied) > 0 || r.Comments > 0 {
			out = append(out, report.Change{Name: jobs[i].Path, Before: r.Source, After: r.Fixed.Source})
		}
	}
	return out
}

// Builds are those of d as reports print them. The values of arguments that a `.env` file holds are left out.
func Builds(d *workspace.Dockerfile) []report.Build {
	out := make([]report.Build, 0, len(d.Builds))
	for _, b := range d.Builds {
		r := report.Build{
			Dockerfile: d.Path, Context: filepath.ToSlash(b.Dir), Target: b.Options.Target, TargetOpen: b.TargetOpen,
			Args: map[string]string{}, Contexts: b.Contexts, Platforms: b.Platforms, Builder: string(cmp.Or(b.Builder, described.BuildKit)),
			Kind: string(b.Source.Kind), File: b.Source.File, Line: b.Source.Line, Assumed: b.Assumed, Reason: b.Reason,
		}
		for name, value := range b.Options.Args {
			r.Args[name] = b.Mask(value)
		}
		for _, s := range b.Services {
			if !slices.Contains(r.Services, s.Name) {
				r.Services = append(r.Services, s.Name)
			}
		}
		out = append(out, r)
	}
	return out
}
