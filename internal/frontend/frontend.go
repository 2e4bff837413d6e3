// Package frontend finds what BuildKit's frontend rejects once a Dockerfile parses: words that cannot be expanded, values of flags
// and mounts, sources, ports and signals. It calls BuildKit's own lexer and instruction code. What BuildKit checks in its graph
// compiler (package dockerfile2llb), which is too large to link, is repeated here; each check names the function that it repeats.
package frontend

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Kind is what is wrong with a Dockerfile that BuildKit rejects.
type Kind int

// The kinds.
const (
	Expansion Kind = iota // a word that BuildKit's lexer rejects
	Flag                  // a flag's value
	Mount                 // a mount
	Argument              // an argument
	Base                  // the image in FROM
	CopyFrom              // the stage or image in COPY --from
	Expose                // a port
	Directive             // a parser directive
)

// Refusal is one reason why BuildKit rejects a Dockerfile.
type Refusal struct {
	Kind    Kind
	Span    parser.Span
	Message string // lower-case, no full stop
	Help    string
	Step    *plan.Step // nil for FROM and for what is outside the stages
	Breaks  bool       // BuildKit rejects the build of the target; otherwise only one that needs this stage or trigger
	Filled  bool       // it is a placeholder, which something fills in before BuildKit reads the file
}

// Note is what the refusal stops.
func (r Refusal) Note() string {
	switch {
	case r.Breaks:
		return "BuildKit rejects the Dockerfile"
	case r.Step != nil && r.Step.OnBuild:
		return "builds that are based on this image fail"
	}
	return "BuildKit rejects every build that needs this stage"
}

// Report makes r a finding of the rule that p belongs to.
func (r Refusal) Report(p *lint.Pass) *lint.Finding {
	f := p.Report(r.Span, "%s", r.Message).Because("%s", r.Note())
	if r.Help != "" {
		f.Advise("%s", r.Help)
	}
	if r.Filled {
		return f.Because("%s", AsItIs).Doubting("the dev container tools fill in the placeholder when somebody uses the template")
	}
	Claim(p, f, r.Breaks)
	return f
}

// What is said of a placeholder that BuildKit rejects.
const (
	AsItIs   = "BuildKit rejects the file as it is"
	FilledIn = "something may fill in the placeholder before the build"
)

// Claim says in f, about what BuildKit's frontend rejects, that it breaks the build if the target needs it. Another builder may
// accept it.
func Claim(p *lint.Pass, f *lint.Finding, breaks bool) {
	if b, _ := p.Builder(); b != lint.BuildKit {
		f.Doubting("%s may accept it", b)
	} else if breaks {
		f.Breaking(lint.BreaksFrontend)
	}
}

var refusals = lint.NewFact(func(p *lint.Pass) []Refusal {
	if Foreign(p.Plan) {
		return nil
	}
	return compile(p.Plan)
})

// Of are the refusals of a build, ordered by place.
func Of(p *lint.Pass) []Refusal { return refusals.Of(p) }

// On is the first refusal of kind on step, or nil.
func On(p *lint.Pass, kind Kind, step *plan.Step) *Refusal {
	all := Of(p)
	if i := slices.IndexFunc(all, func(r Refusal) bool { return r.Kind == kind && r.Step == step }); i >= 0 {
		return &all[i]
	}
	return nil
}

// OnWord reports whether BuildKit rejects what word of a FROM stands for: an image or a platform. origin is where it is really
// written.
func OnWord(p *lint.Pass, word parser.Word, origin parser.Span) bool {
	return slices.ContainsFunc(Of(p), func(r Refusal) bool {
		return (r.Kind == Base || r.Kind == Flag) && (r.Span == word.Full() || r.Span == origin)
	})
}

// Triggered reports whether BuildKit runs what the ONBUILD in stage s stores: a stage that the target needs is built from s.
func Triggered(p *plan.Plan, s *plan.Stage) bool {
	return slices.ContainsFunc(p.Stages, func(child *plan.Stage) bool { return child.Reached && child.Base != nil && child.Base.Stage == s })
}

// compiler goes through a plan as BuildKit's graph compiler does.
type compiler struct {
	plan    *plan.Plan
	globals plan.Expander
	stages  map[*plan.Stage]*plan.Expander // by the root of a stage's lineage
	found   []Refusal

	// of the step at hand
	step   *plan.Step
	env    *plan.Env
	stage  *plan.Stage    // nil outside the stages
	words  *plan.Expander // see expander
	breaks bool
}

// Refused is how many refusals a build has if Docker's frontend reads the file.
func Refused(p *plan.Plan) int { return len(compile(p)) }

func compile(p *plan.Plan) []Refusal {
	c := &compiler{plan: p, breaks: true}
	c.globals.Unset = func(string) bool { return true }
	c.directive()
	c.defaults()
	for _, s := range p.Stages {
		c.from(s)
	}
	c.links()
	for _, s := range p.Stages {
		c.stage, c.words = s, nil
		for i, step := range s.Steps {
			if step.Instruction.Cmd == nil || !compiled(step.Instruction.Name) {
				continue
			}
			c.step, c.env, c.breaks = step, step.Env, s.Reached
			switch {
			case step.Trigger != nil:
				if step.Trigger.Instruction.Cmd == nil {
					continue
				}
				c.step, c.env, c.breaks = step.Trigger, s.End.Env, Triggered(p, s)
				c.dispatch(s.End.Env)
			case i+1 < len(s.Steps):
				c.dispatch(s.Steps[i+1].Env)
			default:
				c.dispatch(s.End.Env)
			}
		}
	}
	order.By(c.found, func(a, b Refusal) int { return a.Span.Start - b.Span.Start })
	return c.found
}

// compiled reports whether BuildKit can still reject an instruction once it has parsed.
func compiled(name string) bool {
	switch name {
	case "CMD", "ENTRYPOINT", "SHELL", "MAINTAINER", "HEALTHCHECK":
		return false
	}
	return true
}

// expander is that of the variables in the stage at hand, or of those of FROM. Most stages need none.
func (c *compiler) expander() *plan.Expander {
	switch {
	case c.stage == nil:
		return &c.globals
	case c.words == nil:
		c.words = c.expanderOf(c.stage)
	}
	return c.words
}

func (c *compiler) expanderOf(s *plan.Stage) *plan.Expander {
	root, inherits := s, false
	var triggers []string
	for _, stage := range s.Lineage() {
		root = stage
		if inherits {
			triggers = append(triggers, set(stage)...)
		}
		inherits = true
	}
	if c.stages[root] != nil && len(triggers) == 0 {
		return c.stages[root]
	}
	x := &plan.Expander{Unset: func(name string) bool {
		return name != "PATH" && unset(root.Base, name) && !slices.Contains(triggers, name) // BuildKit always sets PATH
	}}
	if len(triggers) == 0 {
		if c.stages == nil {
			c.stages = map[*plan.Stage]*plan.Expander{}
		}
		c.stages[root] = x
	}
	return x
}

// set are the variables that the triggers stored in s set in a stage that is built from it.
func set(s *plan.Stage) []string {
	var names []string
	for _, step := range s.Steps {
		if step.Trigger == nil {
			continue
		}
		for _, pair := range step.Trigger.Instruction.Pairs {
			names = append(names, pair.Key.Value)
		}
	}
	return names
}

// unset reports whether the image is known not to set a variable.
func unset(base *plan.Image, name string) bool {
	switch {
	case base == nil:
		return false
	case base.Scratch:
		return true
	case !base.External():
		return false
	}
	sets, known := image.Of(*base.Ref).Sets(name)
	return known && !sets
}

// refuse adds a refusal of the step at hand.
//
//go:noinline
func (c *compiler) refuse(kind Kind, at parser.Span, message, help string) {
	if c.step != nil && c.step.OnBuild && (kind == Expose || kind == CopyFrom) {
		kind = Argument // the rules about ports and stages do not look at triggers
	}
	c.found = append(c.found, Refusal{
		Kind: kind, Span: at, Message: message, Help: help, Step: c.step, Breaks: c.breaks,
		Filled: kind == Expansion && strings.HasPrefix(message, "`"+templateOption),
	})
}

// dispatch repeats dockerfile2llb.dispatch. after is the environment after the step.
func (c *compiler) dispatch(after *plan.Env) {
	in := c.step.Instruction
	switch cmd := in.Cmd.(type) {
	case *instructions.EnvCommand, *instructions.LabelCommand:
		for _, pair := range in.Pairs {
			c.check(pair.Key)
			c.check(pair.Value)
		}
	case *instructions.ArgCommand:
		if c.step.OnBuild {
			for _, pair := range in.Pairs {
				c.check(pair.Value)
			}
			return
		}
		c.argDefaults(after)
	case *instructions.WorkdirCommand, *instructions.UserCommand:
		for _, w := range in.Args {
			c.check(w)
		}
	case *instructions.VolumeCommand:
		for _, w := range in.Args {
			// dispatchVolume
			if !strings.ContainsAny(w.Value, "$\"'\\`") {
				continue
			}
			if value, ok := c.expand(w); ok && strings.TrimSpace(value) == "" {
				c.refuse(Argument, w.Full(), "the volume's path is empty", "")
			}
		}
	case *instructions.StopSignalCommand:
		for _, w := range in.Args {
			if value, ok := c.expand(w); ok {
				c.stopSignal(w, value)
			}
		}
	case *instructions.ExposeCommand:
		for _, w := range in.Args {
			c.expose(w)
		}
	case *instructions.AddCommand:
		c.copy(cmd.SourcesAndDest, cmd.Link)
	case *instructions.CopyCommand:
		c.copy(cmd.SourcesAndDest, cmd.Link)
	case *instructions.RunCommand:
		c.run(cmd)
	}
}

// argDefaults checks the defaults of an ARG. BuildKit expands one only if the build passes no value.
func (c *compiler) argDefaults(after *plan.Env) {
	if !slices.ContainsFunc(c.step.Instruction.Pairs, func(p parser.Pair) bool { return !sound(p.Value.Value) }) {
		return
	}
	for v, env := range after.Defaults(c.step) {
		c.env = env
		c.check(v.Pair.Value)
	}
}

// defaults checks the ARGs above the first FROM (buildMetaArgs).
func (c *compiler) defaults() {
	globals := c.plan.Globals
	for i, step := range globals {
		if step.Instruction.Cmd == nil || step.Instruction.Name != "ARG" {
			continue
		}
		after := c.plan.Env
		if i+1 < len(globals) {
			after = globals[i+1].Env
		}
		c.step, c.env = nil, step.Env
		if !slices.ContainsFunc(step.Instruction.Pairs, func(p parser.Pair) bool { return !sound(p.Value.Value) }) {
			continue
		}
		for v, env := range after.Defaults(step) {
			c.env = env
			c.check(v.Pair.Value)
		}
	}
	c.epoch()
}
