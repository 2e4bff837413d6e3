// Package cache has the rules on what makes a build do work again.
package cache

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CopyBeforeInstall reports a COPY or ADD of the whole build context above the step that installs the application's
// dependencies. It is silent where the dependencies were installed before, where the RUN has a cache mount (the download is
// kept), and for vendored Go modules. `pip install .` needs the sources themselves: there the finding is doubtful.
var CopyBeforeInstall = &lint.Rule{
	Name: "copy-before-install", Summary: "the whole build context is copied before the dependencies are installed", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		var broad *plan.Step
		seen := map[string]bool{} // managers that have installed before the copy
		for _, step := range s.Steps {
			if broad == nil && step.Copy.Whole() {
				broad = step
				continue
			}
			sc := p.Script(step)
			if sc == nil {
				continue
			}
			for _, call := range sc.Calls() {
				if call.Action != shell.Install || !call.Manifest {
					continue
				}
				if broad == nil {
					seen[family(call.Manager)] = true
					continue
				}
				if seen[family(call.Manager)] || cached(step) || vendored(p, call) {
					continue
				}
				report(p, broad, call)
				return
			}
		}
	}),
}

func report(p *lint.Pass, broad *plan.Step, call *shell.Call) {
	keyword := broad.Instruction.Name
	first := manifests(p, broad, call)
	change := "a change to any file of the build context"
	if p.Context() != nil && p.Context().Count() > 1 {
		change = fmt.Sprintf("a change to any of the %d files in the build context", p.Context().Count())
	}
	f := p.Report(source(broad).Word.Full(), "the whole build context is copied before `%s`", install(call)).
		Relate(call.Command.Span, "the dependencies come with this step")
	fetch := prefetch(call)
	switch {
	case family(call.Manager) == "cargo":
		f.Because("%s makes `%s` download and build every dependency again", change, install(call)).
			Advise("keep the downloads in `--mount=type=cache,target=/usr/local/cargo/registry`, or build the dependencies from %s first", quoted(first))
	case fetch != "":
		f.Because("%s makes `%s` download every dependency again", change, install(call)).
			Advise("copy %s first, run `%s`, then `%s` the rest", quoted(first), fetch, keyword)
	default:
		f.Because("%s makes `%s` run again", change, install(call)).
			Advise("copy %s first, install, then `%s` the rest", quoted(first), keyword)
	}
	if local(call) {
		f.Doubting("the call installs the application itself, which needs its sources")
	}
}

// prefetch is the command that gets the dependencies alone, for a call that also builds the application; else "".
func prefetch(call *shell.Call) string {
	switch call.Manager {
	case "go":
		return "go mod download"
	case "mvn":
		return call.Command.Words[0].Text + " dependency:go-offline"
	case "gradle":
		return call.Command.Words[0].Text + " dependencies"
	case "dotnet":
		if call.Verb.Text != "restore" {
			return "dotnet restore"
		}
	}
	return ""
}

// source is the source of a COPY that takes the whole context.
func source(step *plan.Step) plan.Source {
	i := slices.IndexFunc(step.Copy.Sources, func(s plan.Source) bool { return s.Whole() })
	return step.Copy.Sources[i]
}

// install is the call in short: the manager with its verb.
func install(call *shell.Call) string {
	if call.Verb.Text == "" {
		return call.Manager
	}
	return call.Manager + " " + call.Verb.Text
}

// family joins the calls that install the same dependencies.
func family(manager string) string {
	switch manager {
	case "go mod":
		return "go"
	case "uv pip", "pip":
		return "pip"
	case "npm", "yarn", "pnpm", "bun":
		return "node"
	case "swift package":
		return "swift"
	}
	return manager
}

func cached(step *plan.Step) bool {
	return slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool { return m.Type == "cache" })
}

func vendored(p *lint.Pass, call *shell.Call) bool {
	if family(call.Manager) != "go" {
		return false
	}
	mod, ok := call.Command.Value("-mod")
	if ok && mod.Text == "vendor" || slices.ContainsFunc(call.Command.Words, func(w shell.Word) bool { return w.Text == "-mod=vendor" }) {
		return true
	}
	return p.Context() != nil && p.Context().Has("vendor/modules.txt")
}

// local reports whether the call installs the application itself.
func local(call *shell.Call) bool {
	return family(call.Manager) == "pip" && len(call.Files) == 0
}

// manifests are the files to copy first: what the call names, else what its manager reads; those that exist, if the context
// is known and has one.
func manifests(p *lint.Pass, broad *plan.Step, call *shell.Call) []string {
	var names []string
	for _, w := range call.Files {
		if name := inContext(broad, w.Text); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		names = defaults(call.Manager)
	}
	if local(call) {
		names = []string{"pyproject.toml"}
	}
	if p.Context() == nil {
		return names
	}
	var present []string
	for _, name := range names {
		present = append(present, p.Context().Glob(name)...)
	}
	if len(present) == 0 {
		return names
	}
	return present
}

// inContext is the file of the build context that lies at target in the image after step.
func inContext(step *plan.Step, target string) string {
	if !path.IsAbs(target) {
		return path.Clean(target)
	}
	to := step.Copy.To.Text
	if !path.IsAbs(to) {
		to = path.Join(step.Workdir.Text, to)
	}
	if name, ok := strings.CutPrefix(target, strings.TrimSuffix(to, "/")+"/"); ok && path.IsAbs(to) {
		return path.Clean(name)
	}
	return ""
}

// defaults are the manifests and lock files of a manager; the first one is never absent.
func defaults(manager string) []string {
	switch manager {
	case "pip", "uv pip":
		return []string{"requirements.txt"}
	case "uv":
		return []string{"pyproject.toml", "uv.lock"}
	case "poetry":
		return []string{"pyproject.toml", "poetry.lock"}
	case "pdm":
		return []string{"pyproject.toml", "pdm.lock"}
	case "pipenv":
		return []string{"Pipfile", "Pipfile.lock"}
	case "conda":
		return []string{"environment.yml"}
	case "npm":
		return []string{"package.json", "package-lock.json"}
	case "yarn":
		return []string{"package.json", "yarn.lock"}
	case "pnpm":
		return []string{"package.json", "pnpm-lock.yaml"}
	case "bun":
		return []string{"package.json", "bun.lock"}
	case "go", "go mod":
		return []string{"go.mod", "go.sum"}
	case "cargo":
		return []string{"Cargo.toml", "Cargo.lock"}
	case "bundle":
		return []string{"Gemfile", "Gemfile.lock"}
	case "composer":
		return []string{"composer.json", "composer.lock"}
	case "mvn":
		return []string{"pom.xml"}
	case "gradle":
		return []string{"build.gradle*", "settings.gradle*"}
	case "dotnet":
		return []string{"*.csproj"}
	case "mix":
		return []string{"mix.exs", "mix.lock"}
	case "swift", "swift package":
		return []string{"Package.swift", "Package.resolved"}
	}
	return []string{"the manifest"}
}

func quoted(names []string) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i > 0 && i == len(names)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		if strings.Contains(name, " ") {
			b.WriteString(name)
		} else {
			b.WriteString("`" + name + "`")
		}
	}
	return b.String()
}
