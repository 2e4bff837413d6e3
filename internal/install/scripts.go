package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ScriptRun is a command such as `npm run build` whose package.json comes from the build context.
type ScriptRun struct {
	Command *shell.Command
	Name    string     // of the script
	Word    shell.Word // the word that names it
	File    string     // the package.json in the build context
	At      string     // its directory in the image
}

// ScriptRun is what c, of a RUN or of what the container starts, runs; nil if that is not a script of a package.json, or not
// certainly one of the package.json that is there.
func (f *Facts) ScriptRun(c *shell.Command) *ScriptRun {
	if f.p.Context() == nil || c.Script.Step.OnBuild {
		return nil
	}
	t := container.Task{Words: c.Words}
	i, name := t.ScriptName()
	if name == "" || !c.Words[i].Literal || c.Has("--if-present", "-r", "--recursive", "-ws", "-T", "--top-level", "-B", "-A", "--all") {
		return nil
	}
	explicit := slices.ContainsFunc(c.Words[1:i], func(w shell.Word) bool { return w.Text == "run" || w.Text == "run-script" })
	switch manager := ecosystem.Of(c.Name); {
	case !explicit && name != "start", manager == nil, name == "env":
		return nil // a program of a package, or a script that npm has itself
	case !manager.Runner.OnlyScripts && !usual(name):
		return nil // `yarn run` and `bun run` also run the programs of packages
	}
	dir, step, run := c.Dir(), c.Script.Step, c.Script.Step.Instruction.Name == "RUN"
	if !run {
		dir = f.p.Plan.Target.End.Workdir
	}
	if w, ok := c.FlagValue("--prefix", "--cwd", "-C", "--dir"); ok {
		if !w.Literal {
			return nil
		}
		if dir.Text = path.Join(dir.Text, w.Text); path.IsAbs(w.Text) {
			dir.Text = path.Clean(w.Text)
		}
	}
	if !dir.Known {
		return nil
	}
	r := &ScriptRun{Command: c, Name: name, Word: c.Words[i], At: dir.Text}
	var ok bool
	if run {
		r.File, ok = f.File(step, path.Join(r.At, "package.json"))
	} else {
		r.File, ok = f.p.Origin(f.p.Plan.Target, path.Join(r.At, "package.json"))
	}
	if !ok || f.edited(step.Stage) {
		return nil
	}
	return r
}

// usual reports whether a script of that name is one, and no program of a package.
func usual(name string) bool {
	first, _, _ := strings.Cut(name, ":")
	return first == "start" || first == "build"
}

// edited reports whether a RUN of s, or of the stages it is built from or copies from, may change a package.json.
func (f *Facts) edited(s *plan.Stage) bool {
	for _, stage := range f.p.Plan.Stages[:s.Index+1] {
		for _, step := range stage.Steps {
			if step.Instruction.Name == "RUN" && mentions(step.Instruction.Text.String, packageWriters) {
				return true
			}
		}
	}
	return false
}

// packageWriters are parts of commands that write a package.json.
var packageWriters = []string{"package.json", "npm pkg", "npm init", "yarn init", "pnpm init", "bun init", "set-script", " create "}

// Omitted is a program that a script runs and that the dependencies in the image lack, since its package is for
// development only and these are left out.
type Omitted struct {
	Program, Package, Line string
	By                     *shell.Call    // what leaves them out
	Variable               *plan.Variable // that makes By do so; nil for an option
	// Certain says that no other dependency brings the program.
	Certain bool
}

// Omitted is the first such program of r, nil if there is none or if anything may bring it nevertheless.
func (f *Facts) Omitted(r *ScriptRun) *Omitted {
	own := r.Command.Script.Step
	stage := own.Stage
	if own.Instruction.Name != "RUN" {
		stage = f.p.Plan.Target
	}
	out := &Omitted{}
	var calls []*shell.Call
	for _, s := range stage.Lineage() {
		for _, step := range s.Steps {
			if s == own.Stage && step.Index > own.Index && own.Instruction.Name == "RUN" {
				break
			}
			if brings(step, r.At) {
				return nil
			}
			sc := f.p.Script(step)
			if sc == nil {
				continue
			}
			if sc.Err != nil || strings.Contains(sc.Text.String, "node_modules") && step != own {
				return nil
			}
			for _, call := range sc.Calls() {
				later := step == own && call.Command.Span.Start > r.Command.Span.Start
				if call.Action == shell.Install && Manager(call).Family == ecosystem.Node && !later {
					calls = append(calls, call)
				}
			}
		}
	}
	for _, call := range calls {
		dir := call.Dir()
		if len(call.Packages) > 0 {
			continue // looked at below
		}
		variable, omits := f.omits(call)
		if !dir.Known || dir.Text != r.At || !omits {
			return nil
		}
		out.By, out.Variable = call, variable
	}
	if out.By == nil {
		return nil
	}
	dir := path.Dir(r.File)
	development := app.Of(f.p).Development(Manager(out.By).Project.Name, r.File)
	for _, line := range app.Of(f.p).Runs(dir, r.Name) {
		if strings.ContainsAny(line, ";|`") {
			continue // a failure may not matter
		}
		for _, words := range container.SplitScript(line) {
			program := firstProgram(words)
			i := slices.IndexFunc(development, func(pkg string) bool { return program != "" && provides(pkg, program) })
			if i < 0 || slices.ContainsFunc(calls, func(call *shell.Call) bool {
				return slices.ContainsFunc(call.Packages, func(p shell.Package) bool { return provides(p.Name, program) || !p.Word.Literal })
			}) {
				continue
			}
			brought, known := f.brought(Manager(out.By), dir, development[i])
			if brought || f.direct(r.File, program) {
				continue
			}
			out.Certain = known
			out.Program, out.Package, out.Line = program, development[i], line
			return out
		}
	}
	return nil
}

// brings reports whether step may bring the dependencies of an application in the directory at from elsewhere.
func brings(step *plan.Step, at string) bool {
	if step.Copy == nil || step.Copy.From == nil {
		return false
	}
	to := step.Destination()
	if !step.Copy.To.Known || plan.Within(at, path.Clean(to)) || strings.Contains(to, "node_modules") {
		return true
	}
	return slices.ContainsFunc(step.Copy.Sources, func(s plan.Source) bool {
		return !s.Path.Known || path.Base(s.Path.Text) == "node_modules"
	})
}

// omits reports whether call certainly leaves dev dependencies out, and the variable that makes it do so, if one does.
func (f *Facts) omits(call *shell.Call) (variable *plan.Variable, omits bool) {
	c, sc := call.Command, call.Command.Script
	fields, open := c.Fields()
	in := f.Setting(call)
	if open || in == nil || in.Manager.Production == nil || f.configured(in) {
		return nil, false
	}
	way := in.Manager.Production
	for i, field := range fields {
		name, value, valued := strings.Cut(field, "=")
		if !valued && i+1 < len(fields) {
			value = fields[i+1]
		}
		switch name {
		case "--include", "--dev", "-D":
			return nil, false
		case "--omit", "--only":
			omits = omits || value == "dev" || strings.HasPrefix(value, "prod")
		case "--production", "--prod", "-P":
			if value == "false" {
				return nil, false
			}
			omits = omits || slices.Contains(way.Flags, name)
		}
	}
	if omits || !way.ModeOmits || way.Locked && f.Modern(in) || Assigned(sc, "NODE_ENV") {
		return nil, omits
	}
	v := sc.Step.Env.Lookup("NODE_ENV")
	if v == nil || !v.Value().Known || v.Value().Text != "production" {
		return nil, false
	}
	return v, true
}

// firstProgram is the program that the command of a package.json runs, "" where that is unclear.
func firstProgram(words []string) string {
	for len(words) > 0 && strings.Contains(words[0], "=") && !strings.HasPrefix(words[0], "-") {
		words = words[1:]
	}
	if len(words) > 1 && (words[0] == "cross-env" || words[0] == "cross-env-shell") {
		return "cross-env"
	}
	if len(words) == 0 || strings.ContainsAny(words[0], "$()<>\\") {
		return ""
	}
	name := path.Base(words[0])
	switch name {
	case "test", "make", "node", "sh", "bash", "git", "rm", "cp", "mkdir", "echo", "cd", "env", "time":
		return ""
	}
	if ecosystem.Of(name) != nil {
		return ""
	}
	return name
}

// provides reports whether the package pkg has a program called name.
func provides(pkg, name string) bool {
	return pkg == name || slices.Contains(programs.Get()[pkg], name)
}

// direct reports whether a dependency that is not for development has the program.
func (f *Facts) direct(manifest, program string) bool {
	return slices.ContainsFunc(app.Of(f.p).NodeDependencies(manifest), func(pkg string) bool { return provides(pkg, program) })
}

// brought reports whether another dependency brings the dev dependency pkg of the application in dir, as far as that is known.
func (f *Facts) brought(m *ecosystem.Manager, dir, pkg string) (brought, known bool) {
	if m.Production.OwnPrograms {
		return false, true
	}
	if src, err := f.p.Context().Read(path.Join(dir, m.Lock.Files[0])); err == nil && m.Production.Marks != "" {
		for _, key := range [...]string{"\n    \"node_modules/" + pkg + "\": {", "\n    \"" + pkg + "\": {"} {
			if _, entry, ok := strings.Cut(string(src), key); ok {
				entry, _, ok = strings.Cut(entry, "\n    }")
				return ok && !strings.Contains(entry, m.Production.Marks), ok
			}
		}
	}
	switch pkg { // no library depends on these
	case "nodemon", "ts-node-dev", "@nestjs/cli", "@angular/cli", "@vue/cli-service", "@babel/cli", "@babel/node", "cross-env",
		"env-cmd", "dotenv-cli", "concurrently", "npm-run-all":
		return false, true
	}
	return false, false
}
