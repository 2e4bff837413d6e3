package base

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// FullSizeImage reports a final stage on the full image of a language whose publisher has a smaller one for running
// applications. It says nothing of a stage without CMD or ENTRYPOINT, which is a base or a toolbox. Images that are
// mainly compilers belong to the rules on stages. Where the image gets no more fixes either, the finding joins that of
// UnsupportedImage, since one change of the tag repairs both.
var FullSizeImage = &lint.Rule{
	Name: "full-size-image", Summary: "the final stage is built on a full image although a slim one exists",
	Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		i := s.Image()
		run := s.Command()
		if i == nil || s != p.Plan.Target || run.Entrypoint == nil && run.Cmd == nil {
			return
		}
		base := image.Of(*i.Ref)
		slim, ok := base.Slim()
		if !ok || base.Kit() != "" {
			return
		}
		what, java := compiles(p, s)
		if (java || starts(run.Entrypoint) || starts(run.Cmd)) && slim.JRE {
			return // it is there to build, or builds where it should not, which is a fault of its stages
		}
		small := supported(p, i, slim, true)
		f := p.Report(i.Origin, "`%s` is the full image", i.Value.Text).
			Because("it contains %s, which a running application does not use", slim.Carries).
			Advise("use `%s`", small)
		if i.Ref.Digest != "" {
			f.Advise("%s with that image's digest", f.Help)
		}
		if what != nil {
			f.Relate(what.Span, "this command needs the full image").
				Advise("build in a stage based on the full image, and use `%s` for the final stage", small)
			if slim.Musl { // what the full image builds does not run there
				f.Advise("use `%s`, and build in a stage that is based on it and installs `$PHPIZE_DEPS`", small)
			}
		}
		if old := worst(p, i); old != nil {
			f.Advise("%s; %s has ended", f.Help, lifecycle.SupportFor(old))
		}
		if why := needsMore(p, s); why != "" {
			f.Doubting("%s", why)
		}
		if base.Foundation() {
			f.Doubting("images built on this one may need the compilers")
		}
		if p.Plan.ForDevelopment() {
			f.Doubting("the image seems to be for development or tests")
		}
		if forWindows.Get().MatchString(p.File.Name) {
			f.Doubting("the path suggests Windows containers, which have no slim images")
		}
		if release := image.ReleaseIn(p.File.Name); release != "" {
			f.Doubting("the path says that this file is for release `%s`, which may be kept as it was built", release)
		}
		if slim.Musl {
			f.Doubting("Alpine has another C library and another package manager, so some steps may have to change")
		}
		p.Join(f, UnsupportedImage.Name, func(ended *lint.Finding) {
			if name := "`" + i.Value.Text + "`"; strings.Contains(ended.Message, name) {
				ended.Message += ", and this image is the full one"
			} else {
				ended.Message += ", and " + name + " is the full image"
			}
			ended.Note += "; the full image also contains " + slim.Carries + ", which a running application does not use"
			switch u := lifecycle.UpgradeOf(p, i, worst(p, i), true); {
			case what != nil:
			case slim.Name != base.Official():
				ended.Fixes = nil // the successor has no tags that are known for certain
				ended.Advise("use `%s`", slim)
				return
			default:
				u.Advise(ended, "it")
				return
			}
			ended.Related = append(ended.Related, f.Related...)
			if slim.Musl {
				ended.Advise("use `%s`, and build in a stage that is based on it and installs `$PHPIZE_DEPS`", small)
				return
			}
			ended.Advise("build in a stage based on `%s`, and use `%s` for the final stage", supported(p, i, slim, false), small)
		})
	}),
}

// needsMore says what in the image or around it uses a program that slim images lack, or may do so; "" if nothing does.
func needsMore(p *lint.Pass, s *plan.Stage) string {
	for _, service := range p.Services() {
		for _, w := range strings.Fields(strings.Join(service.Healthcheck.Test, " ")) {
			if w == "curl" || w == "wget" {
				return "the health check of the service `" + service.Name + "` calls `" + w + "`, which the slim image does not have"
			}
		}
	}
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				m := install.Manager(call)
				if m.Language == ecosystem.LanguageRuby && call.Action == shell.Install {
					return "some gems contain C code, which a compiler has to build"
				}
				if m.Project == nil || !m.Project.Requirements || len(call.Files) == 0 {
					continue
				}
				if p.Context() == nil {
					return "the packages in `" + call.Files[0].Text + "` are not known, and some of them may need git or a compiler"
				}
				if l := install.Of(p).Lists(call); l != nil && slices.ContainsFunc(l.Lists, fromGit) {
					return "`" + call.Manager + "` fetches a package in `" + call.Files[0].Text + "` with git, which the slim image does not have"
				}
			}
		}
	}
	return ""
}

func fromGit(l install.List) bool {
	return slices.ContainsFunc(l.Lines, func(r install.Requirement) bool { return strings.Contains(r.Written, "git+") })
}

// worst is the cycle of i that gets no more fixes; nil if both of its cycles get some.
func worst(p *lint.Pass, i *plan.Image) *image.Cycle {
	product, system := image.Of(*i.Ref).Cycles()
	switch {
	case product.Over(p.Now):
		return product
	case system.Over(p.Now):
		return system
	}
	return nil
}

// supported is the image i, or its slim variant, of a release that is supported if its own is not: a small image
// without fixes helps nobody.
func supported(p *lint.Pass, i *plan.Image, v image.Variant, slim bool) string {
	old := worst(p, i)
	switch u := lifecycle.UpgradeOf(p, i, old, slim); {
	case u.Ref != "":
		return u.Ref
	case slim:
		return old.Renamed(v.String(), u.Cycle)
	}
	return i.Value.Text
}

// starts reports whether step starts a build tool of Java.
func starts(step *plan.Step) bool {
	if step == nil {
		return false
	}
	for _, w := range step.Instruction.Args {
		for _, word := range strings.Fields(w.Value) {
			if javaTool(path.Base(strings.Trim(word, `"'`))) {
				return true
			}
		}
	}
	return false
}

// javaTool reports whether a command builds Java applications, or is part of a JDK.
func javaTool(name string) bool {
	switch name {
	case "javac", "jshell", "sbt", "ant", "lein":
		return true
	}
	m := ecosystem.Of(name)
	return m != nil && m.Language == ecosystem.LanguageJava
}

// compiles finds a command of s that surely needs a compiler; java says that s builds a Java application.
func compiles(p *lint.Pass, s *plan.Stage) (first *shell.Command, java bool) {
	compilers := []string{"gcc", "g++", "cc", "make", "cmake", "node-gyp"}
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				m := ecosystem.Of(c.Name)
				tool := javaTool(c.Name)
				switch {
				case tool:
					java = true
				case m != nil && m.Build != nil && m.Build.Linker, slices.Contains(compilers, c.Name):
				default:
					continue
				}
				if first == nil && !c.Has("--version", "-V") {
					first = c
				}
			}
		}
	}
	return first, java
}

// forWindows matches the path of a file for Windows containers.
var forWindows = lazy.Regexp{Expr: `(?i)(^|[/._-])windows([/._-]|$)`}
