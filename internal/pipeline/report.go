package pipeline

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
)

// Report is the last step: what was found in jobs. Rules are those of all that ran. The caller adds what is not about
// this run: version, pages and addresses. With suppressed, what is not reported is in it too.
func Report(jobs []Job, results []Result, all []*lint.Rule, suppressed bool) *report.Report {
	rep := &report.Report{}
	contexts := map[string]Result{}
	ran := map[*lint.Rule]bool{}
	seen := map[*lint.Linter]bool{}
	for i, r := range results {
		findings := r.Findings
		if suppressed && len(r.Suppressed) > 0 {
			findings = slices.Concat(findings, r.Suppressed)
			slices.SortStableFunc(findings, func(a, b *lint.Finding) int {
				return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), strings.Compare(a.Rule.Name, b.Rule.Name))
			})
		}
		rep.Findings = append(rep.Findings, findings...)
		rep.Suppressed.Add(r.Suppressed)
		rep.Builds = append(rep.Builds, r.Builds...)
		if r.Read {
			rep.Files++
		}
		if r.Open != nil {
			contexts[jobs[i].Path] = r
		}
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
		}
	}
	rep.Context = func(dockerfile, name string) ([]byte, error) {
		if r, ok := contexts[dockerfile]; ok {
			return r.Open(name)
		}
		return nil, fs.ErrNotExist
	}
	rep.ContextPath = func(dockerfile, name string) string {
		return path.Join(filepath.ToSlash(contexts[dockerfile].Dir), name)
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
		if len(r.Fixed.Applied) > 0 {
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
