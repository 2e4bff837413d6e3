package builds

import (
	"maps"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UnusedBuildArgument reports a build argument that no ARG of the Dockerfile declares: at its place in a compose or bake
// file, and in the Dockerfile if CI, a script or a deployment tool passes it. That includes options among the arguments. It is silent about arguments that BuildKit
// or the client knows itself, those that several builds share, and a Dockerfile that does not parse or that another
// frontend reads.
var UnusedBuildArgument = &lint.Rule{
	Name: "unused-build-argument", Summary: "a build argument that no ARG declares", Category: lint.Builds,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(lint.OnDeclaration(func(p *lint.Pass, d *lint.Declaration) {
		if len(d.Args) == 0 {
			return
		}
		for _, a := range unused(p, d.Args) {
			undeclared(p, p.ReportAt(a.Place, "no ARG in `%s` declares `%s`", p.File.Name, a.Name), a.Name)
		}
	}), lint.OnFile(func(p *lint.Pass) {
		if len(p.Undeclared()) == 0 {
			return
		}
		all := unused(p, p.Undeclared())
		for len(all) > 0 {
			var names []string
			first := all[0]
			all = slices.DeleteFunc(all, func(a lint.Argument) bool {
				same := a.File == first.File && a.Line == first.Line && strings.HasPrefix(a.Name, "--") == strings.HasPrefix(first.Name, "--")
				if same && !slices.Contains(names, a.Name) {
					names = append(names, a.Name)
				}
				return same
			})
			f := p.Report(p.Plan.Stages[0].From.Head(), "no ARG declares the build argument %s", quoted(names))
			if len(names) > 1 {
				f.Message = "no ARG declares the build arguments " + quoted(names)
			}
			if option, _, _ := strings.Cut(names[0], " "); strings.HasPrefix(option, "--") {
				misplaced(f, option)
			} else {
				undeclared(p, f, names...)
			}
			if first.File != "" {
				f.RelateFile(first.File, first.Line, "passed here")
			}
		}
	})),
}

// unused are those of args that the Dockerfile does not declare and that nothing but an ARG could read.
func unused(p *lint.Pass, args []lint.Argument) (out []lint.Argument) {
	if !readable(p) || len(p.Plan.Stages) == 0 {
		return nil
	}
	names, open := declared(p.Plan)
	if open {
		return nil
	}
	for _, a := range args {
		if !a.Shared && !names[a.Name] && !reserved(a.Name) && p.Plan.Env.Lookup(a.Name) == nil {
			out = append(out, a)
		}
	}
	return out
}

// misplaced explains f, which is about an option among the build arguments.
func misplaced(f *lint.Finding, option string) {
	f.Message = "`" + option + "` is passed as a build argument"
	f.Because("the line becomes an argument that no ARG declares, which BuildKit ignores without a warning").
		Advise("pass `%s` to the build command, or use the action's input for it", option)
	if option == "--secret" {
		f.Because("the line becomes an argument that no ARG declares, so the secret is not mounted, and the build does not warn").
			Advise("move the secret to the action's input `secrets` or `secret-envs`")
	}
}

// undeclared explains f, which says that no ARG declares names.
func undeclared(p *lint.Pass, f *lint.Finding, names ...string) {
	f.Because("BuildKit ignores undeclared arguments without a warning").Advise("remove the argument")
	if len(names) > 1 {
		f.Advise("remove the arguments")
	}
	known, _ := declared(p.Plan)
	if near, ok := nearest.Name(names[0], slices.Collect(maps.Keys(known))); ok && len(names) == 1 {
		f.Advise("use `%s`", near)
	}
	for _, s := range p.Plan.Stages {
		if s.Base.External() && (!image.Of(*s.Base.Ref).Known() || strings.Contains(s.Base.Ref.Tag, "onbuild")) {
			f.Doubting("`%s` may declare the argument with ONBUILD", s.Base.Word.String)
		}
	}
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
