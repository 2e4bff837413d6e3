package runtime

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// BuildOnlyVariable reports a variable that chooses how the program runs, such as RAILS_ENV, and that the build sets: in an ENV
// of another stage, as a build argument or for a command of a RUN. The program that the container starts reads it, too, and neither
// the image, its scripts nor a compose file sets it then. It also reports any build argument that the code of CMD, ENTRYPOINT or
// HEALTHCHECK, or an entrypoint script, needs.
var BuildOnlyVariable = &lint.Rule{
	Name: "build-only-variable", Category: lint.Runtime,
	Summary:  "a variable that the program reads when it starts is only set for the build",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() {
			return
		}
		for i := range modes {
			if reportMode(p, &modes[i]) {
				return
			}
		}
		reportArguments(p)
	}),
}

// reportArguments reports the first use of each build argument in the code that runs in the container.
func reportArguments(p *lint.Pass) {
	c := container.Of(p)
	hasArg := func(s *plan.Stage) bool {
		return slices.ContainsFunc(s.Steps, func(s *plan.Step) bool { return s.Instruction.Name == "ARG" })
	}
	if c.Target.Windows() || !slices.ContainsFunc(c.Target.Lineage(), hasArg) {
		return
	}
	told := map[string]bool{}
	for _, code := range c.Code() {
		if code.Entry != nil {
			scriptArguments(p, code, told)
		} else {
			argumentsOf(p, code.Script, told)
		}
	}
	if step := c.Check(); step != nil {
		if sc := container.Command(p, step); sc != nil {
			for sc := range sc.All() {
				if sc.File != nil && sc.Err == nil && sc.Dialect != shell.Other {
					argumentsOf(p, sc, told)
				}
			}
		}
	}
}

// argumentsOf reports the build arguments that sc, the code of an instruction, needs and that told does not have.
func argumentsOf(p *lint.Pass, sc *shell.Script, told map[string]bool) {
	for _, x := range required(sc, func(name string) bool { return onlyArgument(p, name) != nil }) {
		name := x.Param.Value
		if told[name] {
			continue
		}
		told[name] = true
		at := sc.Text.Slice(int(x.Pos().Offset()), int(x.End().Offset())).Full()
		f := reportArgument(p, at, "`"+name+"` is used here, but it", name).
			Advise("add `ENV %s=$%s` above this instruction", name, name)
		if name == "PORT" && sc.Step.Instruction.Name != "HEALTHCHECK" {
			f.Doubting("the platform may set `PORT`")
		}
	}
}

// scriptArguments reports the build arguments that the entrypoint script code needs and that told does not have.
func scriptArguments(p *lint.Pass, code container.Code, told map[string]bool) {
	for _, x := range required(code.Script, func(name string) bool { return onlyArgument(p, name) != nil }) {
		name := x.Param.Value
		if told[name] {
			continue
		}
		told[name] = true
		e := code.Entry
		f := reportArgument(p, e.Word.Span, "`"+e.Word.Text+"` uses `"+name+"`, which", name).
			Advise("add `ENV %s=$%s` above this instruction", name, name).
			RelateFile(e.File, 1+strings.Count(e.Text[:x.Pos().Offset()], "\n"), "the variable is used here")
		if name == "PORT" {
			f.Doubting("the platform may set `PORT`")
		}
	}
}

// onlyArgument is the build argument called name that has a value in the target, if nothing sets the variable for the container; else nil.
func onlyArgument(p *lint.Pass, name string) *plan.Variable {
	v := p.Plan.Target.End.Env.Lookup(name)
	if v == nil || !v.Arg || v.Step() == nil || plan.Predefined(name) || !p.Plan.Given(name) && (!v.Set || v.Value() == plan.Value{Known: true}) {
		return nil
	}
	if sets, _ := container.Of(p).Base.Sets(name); sets {
		return nil
	}
	for _, u := range p.Services() {
		if _, given := u.Environment[name]; given || u.EnvironmentOpen {
			return nil
		}
	}
	return v
}

func reportArgument(p *lint.Pass, at parser.Span, subject, name string) *lint.Finding {
	c, v := container.Of(p), onlyArgument(p, name)
	f := p.Report(at, "%s is only a build argument", subject).
		Because("`ARG` sets a variable for the build, so it is empty in the container unless the deployment sets it").
		Relate(v.Pair.Key.Full(), "the build argument is declared here")
	if !c.Base.Known() && (c.Root == nil || !c.Root.Scratch) {
		f.Doubting("the base image may set the variable")
	}
	return f
}

// mode is a variable by which programs choose how they run.
type mode struct {
	name    string
	starts  func(p *lint.Pass, t *container.Task) bool // reports whether the program reads it
	without string                                     // what happens without it
}

// modes is not to be changed. Sources: https://guides.rubyonrails.org/configuring.html, https://github.com/puma/puma (lib/puma/dsl.rb),
// https://expressjs.com/en/advanced/best-practice-performance.html, https://hexdocs.pm/mix/Mix.html, https://docs.python.org/3/using/cmdline.html.
var modes = [...]mode{
	{"RAILS_ENV", runsRails, "Rails starts in development mode, which reloads code and shows errors to visitors"},
	{"MIX_ENV", runsMix, "Mix compiles the application again and starts it in development mode"},
	{"NODE_ENV", runsNode, "Express and other packages run in development mode, which is slower and shows stack traces to visitors"},
	{"PYTHONUNBUFFERED", runsPython, "Python buffers its output, so `docker logs` lags behind and loses the end if the process is killed"},
}

func runsRails(_ *lint.Pass, t *container.Task) bool {
	switch t.Name() {
	case "rails":
		return t.Arg(1) == "server" || t.Arg(1) == "s"
	case "puma", "unicorn", "thin", "rackup", "sidekiq":
		return true
	}
	return false
}

func runsMix(_ *lint.Pass, t *container.Task) bool {
	m := t.Manager()
	return m != nil && m.Language == ecosystem.LanguageElixir && t.Arg(1) == "phx.server"
}

// runsNode reports whether t runs a file of the application with Node. Servers that Next.js and Nuxt build set the variable
// themselves.
func runsNode(p *lint.Pass, t *container.Task) bool {
	switch t.Name() {
	case "node", "tsx", "ts-node", "pm2-runtime":
	default:
		if m := t.Manager(); m == nil || m.Runner == nil || !m.Runner.Interpreter {
			return false
		}
	}
	if len(t.Words) < 2 {
		return false
	}
	for _, s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			if text := step.Instruction.Text.String; strings.Contains(text, "standalone") || strings.Contains(text, ".output") ||
				strings.Contains(text, ".next") || strings.Contains(text, ".svelte-kit") {
				return false
			}
		}
	}
	return !strings.Contains(t.Arg(len(t.Words)-1), ".output")
}

func runsPython(_ *lint.Pass, t *container.Task) bool {
	return t.Python() && len(t.Words) > 1 && !t.Command().Has("-u")
}

// reportMode reports m if the program that the container starts reads it and only the build sets it.
func reportMode(p *lint.Pass, m *mode) bool {
	c, target := container.Of(p), p.Plan.Target
	v := target.End.Env.Lookup(m.name)
	if v != nil && !v.Arg || !leaves(c, m.name) {
		return false
	}
	all := c.Tasks()
	i := slices.IndexFunc(all, func(t container.Task) bool { return m.starts(p, &t) && t.Env[m.name] == "" })
	if i < 0 {
		return false
	}
	at, value := setForBuild(p, m.name, v)
	if at == (parser.Span{}) || setAtStart(p, c, m.name) {
		return false
	}
	switch value {
	case "", "development", "dev", "test":
		value = "…"
	}
	p.Report(at, "`%s` is set here for the build, but not for `%s` when the container starts", m.name, all[i].Name()).
		Because("unless the deployment sets the variable, %s", m.without).
		Advise("write `ENV %s=%s` in the final stage", m.name, value).
		Relate(all[i].Words[0].Span, "this program reads the variable")
	return true
}

// leaves reports whether the base image of c certainly does not set the variable called name.
func leaves(c *container.Container, name string) bool {
	sets, known := c.Base.Sets(name)
	return known && !sets
}

// setForBuild is where the build sets the variable called name: an ARG, an ENV of another stage or a command of a RUN. It is the zero
// Span if nothing does. v is what the target has of it. value is what the variable is set to, "" if that is unknown.
func setForBuild(p *lint.Pass, name string, v *plan.Variable) (at parser.Span, value string) {
	if v != nil {
		if v.Value().Known {
			value = v.Value().Text
		}
		return v.Pair.Key.Full(), value
	}
	for _, s := range p.Plan.Stages {
		if !s.Reached {
			continue
		}
		for _, step := range s.Steps {
			in := step.Instruction
			if !strings.Contains(in.Text.String, name) {
				continue
			}
			switch in.Name {
			case "ENV":
				for _, pair := range in.Pairs {
					if pair.Key.Value == name {
						if v := step.Env.Expand(pair.Value.Value); v.Known {
							value = v.Text
						}
						return pair.Key.Full(), value
					}
				}
			case "RUN":
				if sc := p.Script(step); sc != nil {
					if at, ok := assigned(sc, name); ok {
						return at, "production"
					}
				}
			}
		}
	}
	return parser.Span{}, ""
}

// assigned is where a command of sc gets the variable called name with the value `production`.
func assigned(sc *shell.Script, name string) (parser.Span, bool) {
	for _, c := range sc.Commands {
		for _, a := range c.Assigns {
			if a.Name == name && a.Value.Text == "production" {
				return a.Value.Span, true
			}
		}
	}
	return parser.Span{}, false
}

// setAtStart reports whether what starts the container may set the variable called name: a script, a service or a file.
func setAtStart(p *lint.Pass, c *container.Container, name string) bool {
	if c.Unread {
		return true
	}
	for _, code := range c.Code() {
		if strings.Contains(code.Text.String, name) {
			return true
		}
	}
	for _, u := range p.Services() {
		if _, given := u.Environment[name]; given || u.EnvironmentOpen {
			return true
		}
	}
	a := app.Of(p)
	return a != nil && a.Dotenv(name)
}
