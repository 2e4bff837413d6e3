package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Development is the dev dependencies that a call installs into the image although nothing there needs them.
type Development struct {
	*Setting
	Packages []string
	Write    string // the command without dev dependencies, or what sets that
	Flag     string // to write after the verb, if that is all
	// Build is a later command that builds the application with dev dependencies, so that they can only be left out
	// afterwards; nil without one. Packages are then those that no application loads.
	Build *shell.Command
}

// Development is nil if call leaves dev dependencies out, if a later step removes them, if the image does not get what
// call installs, if something may need them, or if any of this is unknown.
func (f *Facts) Development(call *shell.Call) *Development {
	return once(f, developmentOf{call}, func() *Development { return f.development(call) })
}

func (f *Facts) development(call *shell.Call) *Development {
	in := f.Setting(call)
	if in == nil || f.p.Plan.Target == nil || in.Manager.Production == nil || f.chosen(in, call) {
		return nil
	}
	packages := app.Of(f.p).Development(in.Manager.Project.Name, in.Manifest)
	if len(packages) == 0 || !f.ships(in, call.Command.Script.Step.Stage) || f.removed(call) || f.started(in, packages) {
		return nil
	}
	way := in.Manager.Production
	out := &Development{Setting: in, Packages: packages, Write: fill(way.Write, call), Flag: way.Flag}
	switch {
	case !f.tooled(in, call, packages):
		if app.Of(f.p).Loads(in.Dir, packages) {
			return nil
		}
	case runner(in.Manager.Name):
		out.Build, out.Packages = f.builder(call), slices.DeleteFunc(slices.Clone(packages), func(pkg string) bool { return !idle(pkg) })
		if out.Build == nil || len(out.Packages) == 0 {
			return nil
		}
		if f.apart(in, out.Build) {
			// The build has packages of its own, so it needs none of these.
			if len(out.Packages) < len(packages) || app.Of(f.p).Loads(in.Dir, packages) {
				return nil
			}
			out.Build, out.Flag = nil, "" // other directories may have scripts that need them
		}
	default:
		return nil
	}
	return out
}

// idle reports whether a package of Node is only for work on the sources: no application loads it when it runs.
func idle(pkg string) bool {
	switch pkg {
	case "eslint", "prettier", "jest", "vitest", "mocha", "husky", "lint-staged", "nodemon", "cypress", "ts-jest", "storybook",
		"stylelint", "playwright", "turbo", "concurrently", "supertest", "jsdom":
		return true
	}
	return strings.HasPrefix(pkg, "@types/") || strings.HasPrefix(pkg, "eslint-") || strings.HasPrefix(pkg, "@typescript-eslint/") ||
		strings.HasPrefix(pkg, "@testing-library/")
}

// builder is the first command after call, in its stage, that runs a script called build or like it; nil without one.
func (f *Facts) builder(call *shell.Call) *shell.Command {
	own := call.Command.Script.Step
	for _, sc := range f.p.Scripts(own.Stage) {
		for _, c := range sc.Commands {
			words := texts(c)
			if sc.Step.Index >= own.Index && c.Span.Start > call.Command.Span.Start && len(words) > 1 && runner(words[0]) &&
				slices.ContainsFunc(words[1:], func(w string) bool { return w == "build" || strings.HasPrefix(w, "build:") }) {
				return c
			}
		}
	}
	return nil
}

// apart reports whether c runs a script of another package.json than that of in.
func (f *Facts) apart(in *Setting, c *shell.Command) bool {
	dir := c.Dir()
	if !dir.Known || path.Clean(dir.Text) == path.Clean(in.At) {
		return false
	}
	file, ok := f.File(c.Script.Step, path.Join(dir.Text, "package.json"))
	return ok && file != in.Manifest
}

// chosen reports whether an option, a variable or a setting may decide about dev dependencies.
func (f *Facts) chosen(in *Setting, call *shell.Call) bool {
	way, c := in.Manager.Production, call.Command
	fields, open := c.Fields()
	if open || c.Has("--package", "--all-packages", "--workspace", "--workspaces", "--filter", "-w", "-F") {
		return true // another manifest may be the effective one
	}
	if !of(way.Verbs, call.Verb.Text) || ecosystem.Has(way.Not, call.Verb.Text) || has(fields, way.Flags) ||
		len(way.Only) > 0 && !has(fields, way.Only) {
		return true
	}
	// A variable decides if it is there at all, whatever it holds, because its value may come from elsewhere.
	for _, name := range way.Env {
		if c.Script.Step.Env.Lookup(name) != nil || Assigned(c.Script, name) {
			return true
		}
	}
	if way.Locked && (in.Lock == "" || f.Modern(in)) || f.configured(in) {
		return true
	}
	for _, name := range way.Modes {
		v := c.Script.Step.Stage.End.Env.Lookup(name)
		if v == nil {
			continue
		}
		if v.Arg || strings.Contains(v.Pair.Value.String, "$") || !v.Value().Known || v.Value().Text != way.ModeValue {
			return true // an ARG makes images for several uses
		}
	}
	return false
}

// configured reports whether the manager's settings beside the manifest may leave packages out.
func (f *Facts) configured(in *Setting) bool {
	way := in.Manager.Production
	if way.Settings == "" {
		return false
	}
	name := path.Join(in.Dir, way.Settings)
	if len(way.SettingsWords) == 0 {
		return f.p.Context().Has(name)
	}
	src, err := f.p.Context().Read(name)
	return err == nil && mentions(string(src), way.SettingsWords)
}

// ships reports whether the image has what is installed in s: s ships, or a stage that ships copies the directory from
// it.
func (f *Facts) ships(in *Setting, s *plan.Stage) bool {
	if s.Shipped {
		return true
	}
	for _, other := range f.p.Plan.Stages {
		if !other.Shipped {
			continue
		}
		for _, step := range other.Steps {
			if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage != s {
				continue
			}
			for _, src := range step.Copy.Sources {
				name := path.Clean(src.Path.Text)
				if !path.IsAbs(name) {
					name = "/" + name
				}
				made := func(product string) bool { return name == path.Join(in.At, product) }
				if slices.Contains(in.Manager.Production.Kept, name) ||
					src.Path.Known && slices.ContainsFunc(in.Manager.Project.Products, made) {
					return true
				}
			}
		}
	}
	return false
}

// removed reports whether a later step may remove dev dependencies, of whatever manager, or install again without them.
func (f *Facts) removed(call *shell.Call) bool {
	own := call.Command.Script.Step
	for _, s := range f.p.Plan.Stages {
		if !s.Shipped && s != own.Stage {
			continue
		}
		for _, step := range s.Steps {
			if s == own.Stage && step.Index < own.Index || step.Instruction.Name != "RUN" {
				continue
			}
			texts := []string{step.Instruction.Text.String}
			for _, doc := range step.Instruction.Heredocs {
				texts = append(texts, doc.Body.String)
			}
			if slices.ContainsFunc(texts, undone) {
				return true
			}
		}
	}
	return false
}

// undone reports whether text, of a later step, shows that the step may remove dev dependencies.
func undone(text string) bool {
	return slices.ContainsFunc(ecosystem.All(), func(m *ecosystem.Manager) bool {
		return m.Production != nil && mentions(text, m.Production.Undone)
	})
}

// runs reports whether the script called name, of the application that in installs, runs a program of packages.
func (f *Facts) runs(in *Setting, packages []string, name string) bool {
	return slices.ContainsFunc(app.Of(f.p).Runs(in.Dir, name), func(line string) bool {
		return names(strings.Fields(line), packages)
	})
}

// needs reports whether a command may need one of packages.
func (f *Facts) needs(in *Setting, packages, words []string) bool {
	switch {
	case names(words, packages):
		return true
	case !runner(in.Manager.Name) || len(words) == 0:
		return false
	case words[0] == "make" || comesWithRunner(words[0]):
		return true
	}
	return runner(words[0]) && slices.ContainsFunc(words[1:], func(w string) bool { return f.runs(in, packages, w) })
}

// tooled reports whether the installation itself or a step after call may need one of packages.
func (f *Facts) tooled(in *Setting, call *shell.Call, packages []string) bool {
	own := call.Command.Script.Step
	node := runner(in.Manager.Name) // packages bring programs, which scripts of the application run
	if inputs := f.directory(in.Manager.Name, in.Dir, nil); node && inputs != nil && inputs.Sources != "" {
		return true // the installation itself runs scripts
	}
	if node && (f.runs(in, packages, "install") || f.runs(in, packages, "prepare")) {
		return true
	}
	for _, s := range f.p.Plan.Stages {
		if s != own.Stage && !s.Shipped {
			continue
		}
		for _, sc := range f.p.Scripts(s) {
			if s == own.Stage && sc.Step.Index < own.Index {
				continue
			}
			if sc.Err != nil {
				return true
			}
			for _, c := range sc.Commands {
				if sc.Step == own && c.Span.Start <= call.Command.Span.Start {
					continue
				}
				words := texts(c)
				script := node && len(words) > 0 && (strings.HasSuffix(words[0], ".sh") || runner(words[0]) && builds(words))
				if script || f.needs(in, packages, words) {
					return true
				}
			}
		}
	}
	return false
}

// started reports whether the container's command or a service that runs the image may need one of packages.
func (f *Facts) started(in *Setting, packages []string) bool {
	node, start := runner(in.Manager.Name), container.Of(f.p)
	if node && (start.Unread || start.OpenCmd && start.OpenEntrypoint && start.Cmd == nil && start.Entrypoint == nil) {
		return true // what runs may be anything
	}
	for _, c := range start.Commands {
		if f.needs(in, packages, texts(c)) {
			return true
		}
	}
	for _, script := range start.EntryScripts() {
		for _, c := range script.Code().Commands {
			if f.needs(in, packages, texts(c)) {
				return true
			}
		}
	}
	return slices.ContainsFunc(f.p.Services(), func(s lint.Service) bool {
		return f.needs(in, packages, s.Command) || f.needs(in, packages, s.Entrypoint)
	})
}

func texts(c *shell.Command) []string {
	var out []string
	for _, w := range c.Words {
		out = append(out, w.Text)
	}
	return out
}

// runner reports whether program runs the scripts of a package.json.
func runner(program string) bool {
	program = path.Base(program)
	if program == "node" || comesWithRunner(program) {
		return true
	}
	m := ecosystem.Of(program)
	return m != nil && m.Runner != nil && m.Runner.Scripts
}

// comesWithRunner reports whether program comes with such a manager and runs the programs of packages, such as npx.
func comesWithRunner(program string) bool {
	return slices.ContainsFunc(ecosystem.All(), func(m *ecosystem.Manager) bool {
		return m.Runner != nil && m.Runner.Scripts && slices.Contains(m.Runner.Programs, program)
	})
}

// builds reports whether words, which call a runner, run a script of the application.
func builds(words []string) bool {
	for _, w := range words[1:] {
		switch w {
		case "run", "test", "build", "exec", "dlx", "x", "run-script", "t":
			return true
		}
	}
	return false
}

// names reports whether one of words is the name of one of packages or of a program in it.
func names(words, packages []string) bool {
	for _, word := range words {
		word = path.Base(strings.Trim(word, `"';&|()`))
		for _, pkg := range packages {
			if word == path.Base(pkg) && !strings.HasPrefix(pkg, "@types/") || slices.Contains(programs.Get()[pkg], word) {
				return true
			}
		}
	}
	return false
}

// programs are the programs of dev dependencies that have another name than their package. Source: `bin` in the
// package.json of each, or its entry points.
var programs = lazy.Value[map[string][]string]{Make: func() map[string][]string {
	return map[string][]string{
		"typescript":         {"tsc", "tsserver"},
		"@angular/cli":       {"ng"},
		"@nestjs/cli":        {"nest"},
		"@vue/cli-service":   {"vue-cli-service"},
		"@babel/cli":         {"babel"},
		"@babel/node":        {"babel-node"},
		"@tailwindcss/cli":   {"tailwindcss"},
		"ts-node":            {"ts-node-esm", "ts-script"},
		"webpack-cli":        {"webpack"},
		"webpack-dev-server": {"webpack"},
		"gulp-cli":           {"gulp"},
		"grunt-cli":          {"grunt"},
		"postcss-cli":        {"postcss"},
		"@playwright/test":   {"playwright"},
		"@biomejs/biome":     {"biome"},
		"@swc/cli":           {"swc"},
		"@remix-run/dev":     {"remix"},
		"@react-router/dev":  {"react-router"},
		"@sveltejs/kit":      {"svelte-kit"},
		"rspec-rails":        {"rspec"},
		"pytest-django":      {"pytest"},
		"pytest-cov":         {"pytest"},
		"pytest-asyncio":     {"pytest"},
		"phpunit/phpunit":    {"phpunit"},
		"pestphp/pest":       {"pest"},
	}
}}

// Assigned reports whether the script itself sets a variable.
func Assigned(sc *shell.Script, name string) bool {
	return slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
		return slices.ContainsFunc(c.Assigns, func(a shell.Assign) bool { return a.Name == name }) ||
			(c.Name == "export" || configures(c.Name)) && slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
				return strings.HasPrefix(w.Text, name) || w.Text == "config"
			})
	})
}

// configures reports whether program can change settings that a variable would set.
func configures(program string) bool {
	m := ecosystem.Of(program)
	return m != nil && m.Runner != nil && m.Runner.Configures
}
