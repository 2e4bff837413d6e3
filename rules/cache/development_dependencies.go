package cache

import (
	"slices"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// DevelopmentDependencies reports an installation that puts dev dependencies into the image. It is silent where a later
// step removes them, where a step or the container's command may need them, and in images for development.
var DevelopmentDependencies = &lint.Rule{
	Name: "development-dependencies", Summary: "dev dependencies are installed into the image", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached || p.Plan.ForDevelopment() {
			return
		}
		told := map[string]bool{}
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				in := install.Of(p).Development(call)
				if in != nil && !told[in.Manifest] {
					told[in.Manifest] = true
					developing(p, in, call)
				}
			}
		}
	}),
}

// cost is what is wrong with packages that the image does not need.
const cost = "packages such as %s add size and may add vulnerabilities"

// developing reports call.
func developing(p *lint.Pass, in *install.Development, call *shell.Call) {
	c := call.Command
	at := c.Words[0].Span
	if call.Verb.Text != "" {
		at.End = call.Verb.Span.End
	}
	if in.Build != nil {
		leftAfterBuild(p, in, call, at)
		return
	}
	shown := quoted(in.Packages[:min(2, len(in.Packages))])
	f := p.Report(at, "`%s` also installs dev dependencies", install.Command(call)).
		Because(cost, shown).
		Advise("use `%s`", in.Write)
	way := in.Manager.Production
	own := func(c *shell.Command) bool { return ecosystem.Of(c.Name) == in.Manager && !c.Has(way.AgainFlags...) }
	if way.Again && slices.ContainsFunc(container.Of(p).Commands, own) {
		f.Advise("%s", way.AgainWrite)
	}
	if way.Above != "" {
		above := way.AboveNo
		for _, mode := range way.Modes {
			if c.Script.Step.Stage.End.Env.Lookup(mode) != nil {
				above = way.Above
			}
		}
		f.Advise("add `%s` above this step", above)
	}
	switch {
	case in.Flag == "":
	case call.Verb.Text != "" && c.Plain(call.Verb):
		f.Offer(lint.Unsafe, "add `"+in.Flag+"`", lint.Insert(call.Verb.Span.End, " "+in.Flag))
	case call.Verb.Text == "" && c.Plain(c.Words[0]):
		f.Offer(lint.Unsafe, "add `install "+in.Flag+"`", lint.Insert(c.Words[0].Span.End, " install "+in.Flag))
	}
	mounted(p, f, in.Dir)
}

// mounted adds a doubt to f if a service mounts the directory dir of the sources.
func mounted(p *lint.Pass, f *lint.Finding, dir string) {
	for _, s := range p.Services() {
		if slices.ContainsFunc(s.Volumes, func(v lint.Volume) bool { return v.Bind && v.Source == dir }) {
			f.Doubting("the service `%s` mounts the sources, so the image may be for development", s.Name)
			return
		}
	}
}

// leftAfterBuild reports call if only the build needs what it installs.
func leftAfterBuild(p *lint.Pass, in *install.Development, call *shell.Call, at parser.Span) {
	shown := quoted(in.Packages[:min(2, len(in.Packages))])
	f := p.Report(at, "dev dependencies that `%s` installs stay in the image after the build", install.Command(call)).
		Relate(in.Build.Span, "only the build needs them").
		Because(cost, shown).
		Advise("build in an earlier stage, and copy the result into a stage that runs `%s`", in.Write)
	mounted(p, f, in.Dir)
}
