package runtime

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// LateBuildVariable reports a variable that a bundler writes into the code for the browser, if it is only set after the
// bundler has run: by an ENV below the build, in a stage that only runs the result, or by a compose file.
var LateBuildVariable = &lint.Rule{
	Name: "late-build-variable", Category: lint.Runtime,
	Summary:  "a variable that the bundler writes into the code is only set after the build",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		target := p.Plan.Target
		if target == nil || p.Plan.ForDevelopment() {
			return
		}
		if !mentionsInlined(p) {
			return
		}
		build := lastBuild(p)
		if build == nil {
			return
		}
		at := build.Script.Step
		for _, s := range target.Lineage() {
			for _, step := range s.Steps {
				if step.Instruction.Name != "ENV" || s == at.Stage && step.Index < at.Index {
					continue
				}
				for _, pair := range step.Instruction.Pairs {
					if name := pair.Key.Value; inlined(name) && at.Env.Lookup(name) == nil {
						f := reportLate(p, pair.Key.Full(), name, build)
						if s == at.Stage && !strings.Contains(pair.Value.String, "$") {
							f.Advise("set `%s` in an `ENV` above the build", name)
						}
					}
				}
			}
		}
		for i := range p.Services() {
			if lateService(p, &p.Services()[i], build) {
				return
			}
		}
	}),
}

// mentionsInlined reports whether the target or a service sets a variable that a bundler replaces.
func mentionsInlined(p *lint.Pass) bool {
	for _, s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name == "ENV" &&
				slices.ContainsFunc(step.Instruction.Pairs, func(pair parser.Pair) bool { return inlined(pair.Key.Value) }) {
				return true
			}
		}
	}
	for _, u := range p.Services() {
		for name := range u.Environment {
			if inlined(name) {
				return true
			}
		}
	}
	return false
}

// lateService reports the first variable of a service that the build would have needed.
func lateService(p *lint.Pass, u *lint.Service, build *shell.Command) bool {
	var names []string
	for name := range u.Environment {
		if inlined(name) && build.Script.Step.Env.Lookup(name) == nil && !inFile(p, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 || len(u.Command) > 0 && strings.Contains(strings.Join(u.Command, " "), "build") {
		return false
	}
	slices.Sort(names)
	reportLate(p, build.Words[0].Span, names[0], build).
		Advise("declare `ARG %s` above the build, and set it under `build.args` of the service", names[0]).
		RelateFile(u.File, u.Line, "service `%s` sets the variable", u.Name)
	return true
}

// inFile reports whether a file that bundlers read sets the variable.
func inFile(p *lint.Pass, name string) bool {
	if p.Context() == nil {
		return false
	}
	for _, file := range [...]string{".env", ".env.production", ".env.local", ".env.production.local"} {
		if data, err := p.Context().Read(file); err == nil && strings.Contains(string(data), name+"=") {
			return true
		}
	}
	return false
}

func reportLate(p *lint.Pass, span parser.Span, name string, build *shell.Command) *lint.Finding {
	f := p.Report(span, "`%s` is set after the build that needs it", name).
		Because("the bundler writes the value into the code for the browser, so a value that is set later does not reach the browser").
		Advise("declare `ARG %s` above the build, and pass it with `--build-arg`", name)
	if span != build.Words[0].Span {
		f.Relate(build.Span, "the build happens here")
	}
	p.Repeat(f, build)
	return f
}

// inlined reports whether a bundler replaces the variable called name in the code that it builds.
func inlined(name string) bool {
	for _, prefix := range [...]string{"NEXT_PUBLIC_", "VITE_", "REACT_APP_", "GATSBY_", "VUE_APP_", "EXPO_PUBLIC_"} {
		if strings.HasPrefix(name, prefix) && len(name) > len(prefix) {
			return true
		}
	}
	return false
}

// lastBuild is the last command of the stages that the target needs that builds a web application; nil if there is none, or
// if the container builds again when it starts.
func lastBuild(p *lint.Pass) (last *shell.Command) {
	for _, s := range p.Plan.Stages {
		if !s.Reached {
			continue
		}
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				if bundles(c) {
					last = c
				}
			}
		}
	}
	for _, code := range container.Of(p).Code() {
		if slices.ContainsFunc(code.Commands, bundles) || code.Entry != nil && replaces(code.Entry.Text) {
			return nil
		}
	}
	return last
}

// replaces reports whether an entrypoint script may replace values in the result of the build.
func replaces(text string) bool {
	for _, mark := range [...]string{"sed", "envsubst", "replace", "NEXT_PUBLIC", "VITE_", "REACT_APP"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

// bundles reports whether c runs the script `build` of a package.json, or a bundler.
func bundles(c *shell.Command) bool {
	build := func(w shell.Word) bool { return w.Text == "build" || strings.HasPrefix(w.Text, "build:") }
	for i, w := range c.Words[:max(len(c.Words)-1, 0)] {
		switch w.Text {
		case "next", "vite", "react-scripts", "gatsby", "vue-cli-service":
			if build(c.Words[i+1]) {
				return true
			}
		}
	}
	m := ecosystem.Of(c.Name)
	return m != nil && m.Runner != nil && m.Runner.Scripts && c.Script.Step != nil && slices.ContainsFunc(c.Args(), build)
}
