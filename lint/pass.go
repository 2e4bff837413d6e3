package lint

import (
	"cmp"
	"time"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Build is what is linted: one Dockerfile, and what is known about its use.
type Build struct {
	Plan    *plan.Plan            // of the Dockerfile, which is Plan.File
	Context *buildcontext.Context // nil: rules that need it are silent
	// Services are those of compose files that run the image; nil where no compose file is known.
	Services []Service
	// OtherServices are those that run another image of the Dockerfile, such as that of another target.
	OtherServices []Service
	// Declaration says where a description declares the build, for Linter.LintDescription.
	Declaration *Declaration
	Outside     Outside
	// Builder is the program that builds; "" is BuildKit. BuilderHint is what only suggests it, a clause; "" if it is known.
	Builder     Builder
	BuilderHint string
	// Mask takes out of a text what must not be printed; nil: there is nothing.
	Mask func(text string) string
	// DockerFormat says that buildah writes the image in Docker's format, and not in its default, OCI.
	DockerFormat bool
	// Platforms are those that the build is for, as in linux/arm64; nil if they are not known.
	Platforms []string
	// Undeclared are the arguments that CI, scripts and deployment tools pass to this build, and to no other one at the same place, although no ARG declares them.
	Undeclared []Argument
	// Accounts are those that the remotes of the git repository belong to, in lower case, as `example` of
	// https://github.com/example/app; nil if they are not known.
	Accounts []string
	// Scripts are those of Plan, so that whoever reads them before the rules do shares them; nil if nobody has.
	Scripts *shell.Scripts
}

// Builder is a program that builds Dockerfiles.
type Builder string

// The builders.
const (
	BuildKit Builder = "buildkit"
	Buildah  Builder = "buildah" // also podman
	Kaniko   Builder = "kaniko"
)

// AllBuilders are all builders.
func AllBuilders() []Builder { return []Builder{BuildKit, Buildah, Kaniko} }

// Outside is what programs and services outside the repository say about a build. They were asked before it is
// linted; a nil field means that its source was not asked.
type Outside struct {
	// ShellCheck has ShellCheck's notes on each script that it has read, by the step of the script: a RUN, or the RUN
	// that an ONBUILD stores. A script that it could not read has no entry.
	ShellCheck map[*plan.Step][]ShellNote
	// History is what the git history says of the layer cache; nil if nobody has asked, or there is none.
	History *History
}

// History is how often the last commits of a repository would have made steps run again, had each been built.
type History struct {
	Commits int
	Reran   map[*parser.Instruction]Reran
}

// Reran is how many commits would have made a step run again, and of how many more that is not known.
type Reran struct{ Commits, Unknown int }

// Service is what a compose file says of one use of the image. A value that interpolation leaves open is left out, if
// nothing else is said.
type Service struct {
	Name string
	Place
	// Ports are what it publishes, Expose what it only names.
	Ports, Expose []Port
	// Environment has the variables that it sets, from `env_file` too; `environment` wins. Some of their values are
	// not known.
	Environment map[string]plan.Value
	// EnvironmentOpen says that it may set more: an `env_file` is not there.
	EnvironmentOpen bool
	// Command and Entrypoint replace the image's own; nil where the service does not say.
	Command, Entrypoint []string
	User                string // "" where the service does not say
	Volumes             []Volume
	// Synced are the directories and files that `docker compose watch` copies into the running container, as if they were bind mounts.
	Synced []Volume
	// Alone says that the project has no other service.
	Alone       bool
	Healthcheck Healthcheck
	HostNetwork bool // it has the network of the host, where Ports mean nothing
}

// Port is one port of a container in a compose file.
type Port struct {
	Container int
	Published string // the port or range of the host, "" if Docker chooses one
	Protocol  string // tcp where none is written
	Place
}

// Volume is something that a compose file mounts into a container.
type Volume struct {
	Bind   bool   // a file or directory of the host
	Source string // of a directory in the build context its path in it, "." for all of it; "" if it is elsewhere or has no name
	Target string // the path in the container
	Place
}

// Healthcheck is how a service checks that it works.
type Healthcheck struct {
	Test     []string // nil where the service does not say
	Disabled bool     // the image's own is switched off
	Place             // zero without one
}

// Place is a place in a description such as a compose file. File and Line are as Finding.RelateFile takes them: File is
// relative to the build context, and above it more often than not; Line counts from 1.
type Place struct {
	File   string
	Line   int
	Source *parser.Source // the file itself, for Pass.ReportAt; nil if there is nothing to point at
	Span   parser.Span    // what is written there
}

// Pass is what a rule sees of a build. Facts are computed on first use, once for all rules.
type Pass struct {
	File *parser.File
	Plan *plan.Plan
	Now  time.Time // the day on which dates are judged
	// Options is the rule's options: a pointer to the type of Rule.Options, with the configuration's values.
	Options any
	rule    *Rule
	run     *run
}

// Report adds a finding at span of the Dockerfile. Its severity is the rule's. After 1,000 findings of a rule, one stands
// for all others.
func (p *Pass) Report(span parser.Span, format string, args ...any) *Finding {
	f := &Finding{Rule: p.rule, Severity: p.rule.Severity, Source: p.File.Source, Span: span, Message: sprintf(format, args)}
	if p.run.overflow(p.rule).keep(f) {
		p.run.findings = append(p.run.findings, f)
	}
	return f
}

// Fail says that the rule cannot judge this build because of a mistake in the rule itself, as a finding of RuleBug at the start of
// the file. The rule is not asked about the rest.
func (p *Pass) Fail(format string, args ...any) {
	r := p.run
	for i := range r.passes {
		if &r.passes[i] == p && !r.broken[i] {
			r.broken[i] = true
			f := &Finding{Rule: r.l.index()[RuleBug], Severity: Error, Source: r.source, Message: sprintf(format, args)}
			r.findings = append(r.findings, f.Advise("correct the rule; `--ignore %s` skips it", p.rule.Name))
		}
	}
}

// Mask calls f with what takes secrets out of a text, if there are any. Messages are masked by others; this is for a rule that
// takes values apart.
func (p *Pass) Mask(f func(mask func(text string) string)) {
	if m := p.run.build.Mask; m != nil {
		f(m)
	}
}

// Reran is how many of the last commits would have made step run again, and how many there are: none if nobody has asked.
func (p *Pass) Reran(step *plan.Step) (reran Reran, commits int) {
	h := p.run.build.Outside.History
	if h == nil {
		return Reran{}, 0
	}
	reran, known := h.Reran[step.Instruction]
	if !known {
		return Reran{}, 0
	}
	return reran, h.Commits
}

// Script is the code of a RUN step or trigger, nil for another instruction or one that does not parse.
//
//go:noinline
func (p *Pass) Script(s *plan.Step) *shell.Script { return p.run.script(s) }

// Scripts are the scripts of each RUN of s in order, without what ONBUILD stores. The list may not be changed.
func (p *Pass) Scripts(s *plan.Stage) []*shell.Script {
	return p.run.stageScripts(s)
}

// Context is the build context, nil if there is none to look at.
func (p *Pass) Context() *buildcontext.Context { return p.run.build.Context }

// Origin is the file of the build context that stage has under name in the end, as buildcontext.Context.Trail finds
// it; none without a build context.
//
//go:noinline
func (p *Pass) Origin(stage *plan.Stage, name string) (file string, ok bool) {
	t, ok := p.Trail(stage, name)
	return t.File, ok
}

// Trail is Origin with the steps on the way, as buildcontext.Context.Trail has it. It looks once for each stage and
// name, so stage must be one of the plan and the steps that it returns must not be changed.
func (p *Pass) Trail(stage *plan.Stage, name string) (t buildcontext.Trail, ok bool) {
	if p.Context() == nil {
		return buildcontext.Trail{}, false
	}
	key := trailOf{stage, name}
	known, ok := p.run.trails[key]
	if !ok {
		known.Trail, known.ok = p.Context().Trail(stage, name)
		if p.run.trails == nil {
			p.run.trails = map[trailOf]trail{}
		}
		p.run.trails[key] = known
	}
	return known.Trail, known.ok
}

// trailOf is a question to Trail, trail its answer.
type (
	trailOf struct {
		stage *plan.Stage
		name  string
	}
	trail struct {
		buildcontext.Trail
		ok bool
	}
)

// Builder is the program that builds. hint is what only suggests it, a clause such as "its name suggests podman"; "" if it
// is known. A finding that depends on a hint needs a doubt.
func (p *Pass) Builder() (b Builder, hint string) {
	return cmp.Or(p.run.build.Builder, BuildKit), p.run.build.BuilderHint
}

// DockerFormat reports whether buildah writes the image in Docker's format, and not in its default, OCI.
func (p *Pass) DockerFormat() bool { return p.run.build.DockerFormat }

// Platforms are those that the build is for, as in linux/arm64; none if they are not known.
func (p *Pass) Platforms() []string { return p.run.build.Platforms }

// Accounts are those that the remotes of the git repository belong to, in lower case; none if they are not known.
func (p *Pass) Accounts() []string { return p.run.build.Accounts }

// Undeclared are the arguments that the build is passed and that no ARG declares; see Build.Undeclared.
func (p *Pass) Undeclared() []Argument { return p.run.build.Undeclared }

// Services are the uses of the image that compose files describe.
func (p *Pass) Services() []Service { return p.run.build.Services }

// OtherServices are the uses of other images of the Dockerfile that compose files describe.
func (p *Pass) OtherServices() []Service { return p.run.build.OtherServices }
