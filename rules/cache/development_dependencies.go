package cache

import (
	"fmt"
	"slices"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// DevelopmentDependencies reports an installation whose result ships and that takes what the manifest lists for development. It is
// silent where a later step removes it, where a step or the container's command may need it, and in images for development.
var DevelopmentDependencies = &lint.Rule{
	Name: "development-dependencies", Summary: "packages for development are installed into the image", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached || p.Plan.ForDevelopment() {
			return
		}
		told := map[string]bool{}
		for sc := range p.Scripts(s) {
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

// developing reports call.
func developing(p *lint.Pass, in *install.Development, call *shell.Call) {
	c := call.Command
	at := c.Words[0].Span
	if call.Verb.Text != "" {
		at.End = call.Verb.Span.End
	}
	shown := quoted(in.Packages[:min(2, len(in.Packages))])
	why := fmt.Sprintf("`%s` lists %s for development: it and all that it needs is in the image, where nothing runs it", in.Manifest, shown)
	if n := len(in.Packages); n > 1 {
		if n > 2 {
			shown = fmt.Sprintf("%d packages for development, such as %s", n, shown)
		} else {
			shown += " for development"
		}
		why = fmt.Sprintf("`%s` lists %s: they and all that they need are in the image, where nothing runs them", in.Manifest, shown)
	}
	f := p.Report(at, "`%s` installs the packages for development as well", install.Command(call)).Because("%s", why)
	f.Advise("write `%s`", in.Write)
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
		f.Advise("write `%s` above it", above)
	}
	switch {
	case in.Flag == "":
	case call.Verb.Text != "" && c.Plain(call.Verb):
		end := call.Verb.Span.End
		f.Offer(lint.Unsafe, "add `"+in.Flag+"`", lint.Edit{Span: parser.Span{Start: end, End: end}, Text: " " + in.Flag})
	case call.Verb.Text == "" && c.Plain(c.Words[0]):
		end := c.Words[0].Span.End
		f.Offer(lint.Unsafe, "add `install "+in.Flag+"`", lint.Edit{Span: parser.Span{Start: end, End: end}, Text: " install " + in.Flag})
	}
	for _, s := range p.Services() {
		if slices.ContainsFunc(s.Volumes, func(v lint.Volume) bool { return v.Bind && v.Source == in.Dir }) {
			f.Doubting("the service `%s` mounts the sources: the image may be for development", s.Name)
			return
		}
	}
}
