package builds

import (
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UnusedBuildArgument reports a build argument that no ARG of the Dockerfile declares. It is silent about arguments
// that BuildKit or the client knows itself, those that several builds share, and a Dockerfile that does not parse or
// that another frontend reads.
var UnusedBuildArgument = &lint.Rule{
	Name: "unused-build-argument", Summary: "a build argument that no ARG declares", Category: lint.Builds,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnDeclaration(func(p *lint.Pass, d *lint.Declaration) {
		if len(d.Args) == 0 || !readable(p) {
			return
		}
		names, open := declared(p.Plan)
		if open {
			return
		}
		var base string
		for _, s := range p.Plan.Stages {
			if s.Base.External() && (!image.Of(*s.Base.Ref).Known() || strings.Contains(s.Base.Ref.Tag, "onbuild")) {
				base = s.Base.Word.String
			}
		}
		for _, a := range d.Args {
			if a.Shared || names[a.Name] || reserved(a.Name) || p.Plan.Env.Lookup(a.Name) != nil {
				continue
			}
			f := p.ReportAt(a.Place, "no ARG in `%s` declares `%s`", p.File.Name, a.Name).
				Because("BuildKit ignores undeclared arguments without a warning").Advise("remove the argument, or declare it with ARG")
			var list []string
			for n := range names {
				list = append(list, n)
			}
			if near, ok := nearest.Name(a.Name, list); ok {
				f.Advise("use `%s`, or declare `%s` with ARG", near, a.Name)
			}
			if base != "" {
				f.Doubting("`%s` may declare the argument with ONBUILD", base)
			}
		}
	}),
}

// declared are the names that the ARGs of p declare, in whatever stage. open says that a variable hides one.
func declared(p *plan.Plan) (names map[string]bool, open bool) {
	names = map[string]bool{}
	add := func(s *plan.Step) {
		if s == nil || s.Instruction.Name != "ARG" {
			return
		}
		for _, pair := range s.Instruction.Pairs {
			names[pair.Key.Value] = true
			open = open || strings.Contains(pair.Key.Value, "$")
		}
	}
	for _, s := range p.Globals {
		add(s)
	}
	for _, stage := range p.Stages {
		for _, s := range stage.Steps {
			add(s)
			add(s.Trigger)
		}
	}
	return names, open
}

// reserved reports whether a build argument works without ARG.
// Sources: https://docs.docker.com/reference/dockerfile/#predefined-args and the section below it.
func reserved(name string) bool {
	switch strings.ToUpper(name) {
	case "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY":
		return true
	}
	return name == "SOURCE_DATE_EPOCH" || strings.HasPrefix(name, "BUILDKIT_")
}
