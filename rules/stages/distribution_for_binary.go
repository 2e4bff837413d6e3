package stages

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// DistributionForBinary reports a final stage on a whole distribution that gets nothing but a binary which another
// stage clearly links statically: Go with CGO_ENABLED=0, or Rust for a musl target. It says nothing where a step does
// more than add users, certificates and time zones, where a script, a health check or the shell form needs a shell, and
// of images for development. The sizes are from
// https://github.com/GoogleContainerTools/distroless#why-should-i-use-distroless-images.
var DistributionForBinary = &lint.Rule{
	Name: "distribution-for-binary", Summary: "a static binary ships with a whole distribution that it does not need",
	Category: lint.Stages,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s != p.Plan.Target || p.Plan.ForDevelopment() || s.Base == nil || !s.Base.External() ||
			s.Base.Origin != s.Base.Span {
			return
		}
		if !whole(image.Of(*s.Base.Ref)) {
			return
		}
		built, word, ok := onlyBinary(p, s)
		if !ok {
			return
		}
		f := p.Report(s.Base.Origin, "the image only runs a static binary, which does not need `%s`", s.Base.Value.Text).
			Relate(word.Words[0].Span, "%s", built).
			Because("according to the distroless project, its static image takes about 2 MiB and Debian 124 MiB").
			Advise("use `FROM gcr.io/distroless/static-debian13:nonroot`, or `FROM scratch`")
		if strings.Contains(s.Base.Ref.Tag, "slim") {
			f.Because("according to the distroless project, its static image only takes about 2 MiB")
		}
	}),
}

// whole reports whether an image is a whole distribution, or that with a toolchain whose programs may be linked
// statically.
func whole(i image.Image) bool {
	m := ecosystem.Of(i.Kit())
	libc, _, _ := i.Libc()
	return libc == image.Glibc && (i.System() || m != nil &&
		(m.Language == ecosystem.LanguageGo || m.Language == ecosystem.LanguageRust))
}

// onlyBinary is the command that links the binary, if that is all that s gets.
func onlyBinary(p *lint.Pass, s *plan.Stage) (why string, build *shell.Command, ok bool) {
	run := s.Command()
	for _, step := range []*plan.Step{run.Entrypoint, run.Cmd} {
		if step != nil && !step.Instruction.JSON {
			return "", nil, false
		}
	}
	start := run.Entrypoint
	if start == nil {
		start = run.Cmd
	}
	if start == nil || len(start.Instruction.Args) == 0 {
		return "", nil, false
	}
	for _, step := range s.Steps {
		switch {
		case step.Instruction.Name == "HEALTHCHECK", step.Instruction.Cmd == nil,
			step.Instruction.Name == "RUN" && !furnishes(p.Script(step)):
			return "", nil, false
		case step.Copy == nil:
			continue
		case step.Copy.Add:
			return "", nil, false
		}
		for _, src := range step.Copy.Sources {
			file := src.Path.Text
			if src.Heredoc || strings.HasSuffix(file, ".sh") || strings.Contains(file, "entrypoint") ||
				strings.Contains(file, "/lib") {
				return "", nil, false
			}
			if step.Copy.From == nil || step.Copy.From.Stage == nil ||
				path.Base(start.Instruction.Args[0].Value) != name(step, src) {
				continue
			}
			if how, c := links(p, step.Copy.From.Stage, file); c != nil {
				why, build = how, c
			}
		}
	}
	return why, build, build != nil
}

// name is the name that the file of a source has after the copy.
func name(step *plan.Step, src plan.Source) string {
	to := step.Copy.To.Text
	if strings.HasSuffix(to, "/") || to == "." || path.Clean(to) == step.Workdir.Text || path.Base(to) == "bin" {
		return path.Base(src.Path.Text)
	}
	return path.Base(to)
}

// furnishes reports whether a script adds nothing but users, directories, certificates and time zones.
func furnishes(sc *shell.Script) bool {
	if sc == nil || len(sc.Commands) == 0 {
		return false
	}
	for _, c := range sc.Commands {
		switch c.Name {
		case "useradd", "adduser", "groupadd", "addgroup", "mkdir", "chown", "chmod", "rm", "update-ca-certificates", "set",
			"true":
		default:
			if m := ecosystem.Of(c.Name); m == nil || !m.System {
				return false
			}
		}
	}
	for _, call := range sc.Calls() {
		for _, pkg := range call.Packages {
			if call.Action == shell.Install && pkg.Name != "ca-certificates" && pkg.Name != "tzdata" {
				return false
			}
		}
	}
	return true
}

// links is the command of s that links the file statically, and what shows that it does.
func links(p *lint.Pass, s *plan.Stage, file string) (string, *shell.Command) {
	var why string
	var found *shell.Command
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				out, named := c.FlagValue("-o")
				target, cross := c.FlagValue("--target")
				tool := language(c)
				if tool == ecosystem.LanguageGo && verb(c) == "build" && named && static(sc, c) &&
					(path.Base(out.Text) == path.Base(file) || path.Base(path.Dir(file)) == path.Base(out.Text)) {
					why, found = "`go build` runs with CGO_ENABLED=0 here", c
				}
				if tool == ecosystem.LanguageRust && cross && strings.Contains(target.Text, "-musl") && strings.Contains(file, target.Text) &&
					slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return w.Text == "build" || w.Text == "install" }) {
					why, found = "`"+c.Name+"` builds for "+target.Text+" here", c
				}
			}
		}
	}
	return why, found
}

// language is the language of the package manager that c runs, "" if it runs none.
func language(c *shell.Command) ecosystem.Language {
	if m := ecosystem.Of(c.Name); m != nil {
		return m.Language
	}
	return ""
}

// verb is the word after the command's name, "" without one.
func verb(c *shell.Command) string {
	if len(c.Words) < 2 {
		return ""
	}
	return c.Words[1].Text
}

// static reports whether cgo is off for c.
func static(sc *shell.Script, c *shell.Command) bool {
	for o := c; o != nil; o = o.Outer {
		for _, a := range o.Assigns {
			if a.Name == "CGO_ENABLED" {
				return a.Value.Text == "0"
			}
		}
	}
	for _, other := range sc.Commands {
		if other.Name == "export" && other.Span.Start < c.Span.Start &&
			slices.ContainsFunc(other.Args(), func(w shell.Word) bool { return w.Text == "CGO_ENABLED=0" }) {
			return true
		}
	}
	v := sc.Step.Env.Lookup("CGO_ENABLED")
	return v != nil && v.Value().Known && v.Value().Text == "0"
}
