// Package container is what the container of a build does: what it starts, with which environment, as which user, on
// which ports it listens and what checks its health. Each answer is computed when the first rule asks, and at most once
// a build.
package container

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

// Container is a container of the target. Of a build without a target nothing is known: all fields are zero.
type Container struct {
	Start
	Target *plan.Stage
	// Root is the image at the root of the target, be it scratch; nil in a fragment.
	Root *plan.Image
	// User is whom the container starts as, as USER takes it. Known is false where a base image that we do not know
	// decides.
	User plan.Value
	// Base is what is known of Root, the zero value if that is not an image from a registry.
	Base image.Image
	// Health is the HEALTHCHECK in force, be it NONE; nil without one.
	Health *plan.Step
	pass   *lint.Pass
}

var (
	containers = lint.NewFact(look)
	commands   = lint.NewFact(func(*lint.Pass) *answers[*plan.Step, *shell.Script] {
		return newAnswers(shell.ReadCommand)
	})
	tasks     = lint.NewFact(findTasks)
	servers   = lint.NewFact(findServers)
	scripts   = lint.NewFact(findScripts)
	exposed   = lint.NewFact(findExposed)
	uses      = lint.NewFact(findUses)
	descents  = lint.NewFact(findDescent)
	accounts  = lint.NewFact(createsUser)
	needs     = lint.NewFact(findNeeds)
	additions = lint.NewFact(func(p *lint.Pass) *answers[string, bool] {
		return newAnswers(func(program string) bool { return adds(p, program) })
	})
)

// Of is the container of the build that p looks at, never nil.
//
//go:noinline
func Of(p *lint.Pass) *Container { return containers.Of(p) }

func look(p *lint.Pass) *Container {
	c := &Container{Target: p.Plan.Target, pass: p}
	if c.Target == nil {
		return c
	}
	c.Start = start(c.Target, func(step *plan.Step) *shell.Script { return Command(p, step) })
	for _, s := range c.Target.Lineage() {
		c.Root = s.Base
		for _, step := range s.Steps {
			in := step.Instruction
			if in.Name == "HEALTHCHECK" && in.Cmd != nil && (c.Health == nil || c.Health.Stage == s) {
				c.Health = step // the last one of the nearest stage
			}
		}
	}
	if c.Root.External() {
		c.Base = image.Of(*c.Root.Ref)
	}
	c.User = c.Target.End.User
	if c.Root.External() && c.Target.End.UserStep == nil {
		c.User.Text, c.User.Known = c.Base.User()
	}
	return c
}

// Command is the code of a CMD, ENTRYPOINT or HEALTHCHECK of any stage, as shell.ReadCommand reads it.
func Command(p *lint.Pass, step *plan.Step) *shell.Script {
	return commands.Of(p).to(step)
}

// Tasks are the programs that the container runs, in order.
func (c *Container) Tasks() []Task { return tasks.Of(c.pass) }

// Servers are those of Tasks whose ports are known.
func (c *Container) Servers() []Server { return servers.Of(c.pass) }

// EntryScripts are the scripts of the build context that ENTRYPOINT and CMD name, each once. The script of a CMD to
// which that of ENTRYPOINT does not hand over is not among them.
func (c *Container) EntryScripts() []*EntryScript { return scripts.Of(c.pass) }

// Exposed is what EXPOSE says in the target and the stages that it is built from.
func (c *Container) Exposed() *Exposed { return exposed.Of(c.pass) }

// Uses are the services of compose files that run what the image itself starts.
func (c *Container) Uses() []lint.Service { return uses.Of(c.pass) }

// Quiet reports whether nothing says that the container serves anything.
func (c *Container) Quiet() bool {
	x := c.Exposed()
	return len(c.Servers()) == 0 && c.Health == nil && len(x.Ports) == 0 && x.Base == 0 && !x.Unknown
}

// Packaged reports whether the image only has programs of others, apart from scripts, and nothing says that the container
// serves anything: most often it is a tool that people run by hand.
func (c *Container) Packaged() bool {
	list := c.Tasks()
	if len(list) == 0 || len(c.Servers()) > 0 || c.Health != nil {
		return false
	}
	last := &list[len(list)-1]
	if row := programs.Get()[last.Name()]; strings.HasSuffix(last.Name(), "server") || row != nil && (!row.console || len(last.Words) > 1) {
		return false
	}
	if x := c.Exposed(); len(x.Ports) > 0 || x.Base > 0 || x.Unknown {
		return false
	}
	runs := false // without a RUN, nothing says where the program comes from
	for _, s := range c.pass.Plan.Stages {
		if !s.Reached {
			continue
		}
		for _, step := range s.Steps {
			if step.Copy != nil && (step.Copy.From == nil && slices.ContainsFunc(step.Copy.Sources, own) ||
				step.Copy.From != nil && step.Copy.From.Stage != nil && !c.fetches(step.Copy.From.Stage)) {
				return false
			}
			runs = runs || step.Instruction.Name == "RUN"
		}
	}
	return runs
}

// fetches reports whether a step of s fetches a program over the network.
func (c *Container) fetches(s *plan.Stage) bool {
	for _, sc := range c.pass.Scripts(s) {
		if slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool { return c.Name == "git" || c.Name == "curl" || c.Name == "wget" }) ||
			slices.ContainsFunc(sc.Calls(), func(c *shell.Call) bool {
				return c.Action == shell.Install && ecosystem.Of(c.Manager) != nil && ecosystem.Of(c.Manager).Language != ""
			}) {
			return true
		}
	}
	return false
}

// own reports whether src, of the build context, may be a program of the author's own, or its data: neither a shell script nor from
// the network.
func own(src plan.Source) bool { return !src.Remote && path.Ext(src.Word.Value) != ".sh" }

// Check is the HEALTHCHECK in force, nil without one and for NONE.
func (c *Container) Check() *plan.Step {
	if c.Health == nil || len(c.Health.Instruction.Args) == 0 {
		return nil
	}
	return c.Health
}

func absolute(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// answers are what compute says of each question, which is computed when it is first asked.
type answers[Q comparable, A any] struct {
	compute func(Q) A
	known   map[Q]A
}

func newAnswers[Q comparable, A any](compute func(Q) A) *answers[Q, A] {
	return &answers[Q, A]{compute, map[Q]A{}}
}

func (x *answers[Q, A]) to(question Q) A {
	answer, ok := x.known[question]
	if !ok {
		answer = x.compute(question)
		x.known[question] = answer
	}
	return answer
}
