package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// PlatformArgDefault reports a default of a build argument that BuildKit sets from the platform, such as TARGETARCH: the
// default replaces the platform's value. It ignores a default that passes the value on, and an argument that the build sets.
var PlatformArgDefault = &lint.Rule{
	Name: "platform-arg-default", Summary: "the default of an ARG such as `TARGETARCH` overrides the target platform",
	Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, step := range p.Plan.Globals {
			if step.Instruction.Name == "ARG" {
				platformDefaults(p, step)
			}
		}
		for _, s := range p.Plan.Stages {
			for _, step := range s.Steps {
				if step.Instruction.Name == "ARG" {
					platformDefaults(p, step)
				}
			}
		}
	}),
}

// platformDefaults reports the defaults of step, an ARG.
func platformDefaults(p *lint.Pass, step *plan.Step) {
	for _, pair := range step.Instruction.Pairs {
		name := pair.Key.Value
		if !pair.HasValue || !plan.Predefined(name) || p.Plan.Given(name) || keeps(step.Env, pair) {
			continue
		}
		f := p.Report(pair.Value.Full(), "the default of `%s` overrides the target platform", name).
			Because("BuildKit only sets `%s` if the ARG has no default, so `--platform` has no effect on it", name).
			Advise("write `ARG %s` without a default", name)
		switch {
		case strings.HasPrefix(name, "BUILD"):
			f.Message = "the default of `" + name + "` overrides the build platform"
			f.Because("BuildKit only sets `%s` if the ARG has no default, so the value is wrong on machines with another platform", name)
			if name == "BUILDPLATFORM" && !strings.Contains(pair.Value.Value, "$") {
				f.Advise("write `ARG %s` without a default, and `--platform=${%s:-%s}` if older builders matter", name, name, pair.Value.Value)
			}
			if shipped(p, f, pair) {
				return
			}
		case name == "TARGETSTAGE":
			f.Message = "the default of `TARGETSTAGE` overrides the name of the target"
			f.Because("BuildKit only sets `TARGETSTAGE` if the ARG has no default, so `--target` has no effect on it")
		case name == "TARGETOS" && pair.Value.Value == "linux":
			f.Doubting("the image may only be for Linux")
		}
		if pair.Value.String == "" {
			f.Span = pair.Key.Full()
		}
		if span := (parser.Span{Start: pair.Key.Full().End, End: pair.Span.End}); pair.Key.Whole() && pair.Value.Whole() && !explained(p, step.Instruction) {
			f.Offer(lint.Unsafe, "remove the default of `"+name+"`", lint.Delete(span))
		}
	}
}

// explained reports whether a comment directly above in says why there is a default. Without the default it would be wrong.
func explained(p *lint.Pass, in *parser.Instruction) bool {
	comment := string(p.File.Bytes[p.File.Above(in):in.Span.Start])
	return strings.Contains(strings.ToLower(comment), "default")
}

// shipped says in f, about the default of a BUILD argument, what to change where the final image is built for the platform that the
// argument names: that platform is the wrong one with and without the default. It is false if no such stage ships.
func shipped(p *lint.Pass, f *lint.Finding, pair parser.Pair) bool {
	name := pair.Key.Value
	for _, s := range p.Plan.Stages {
		if s.Base == nil || s.Platform.Value == "" {
			continue
		}
		if set, missing := p.Plan.Env.Uses(s.Platform.Value); !slices.Contains(set, name) && !slices.Contains(missing, name) {
			continue
		}
		if s.Shipped {
			f.Message = "the default of `" + name + "` decides the platform of the final image"
			f.Relate(s.Platform.Full(), "the final image is built from this stage").
				Because("the final image is for `%s`, whatever `--platform` the build uses", pair.Value.String).
				Advise("remove this ARG, and the `--platform` of the stage that the final image is built from")
			return true
		}
		if s.Reached && s.Base.Ref != nil && image.Of(*s.Base.Ref).MakesModules() {
			stage := "that stage"
			if s.Name != "" {
				stage = "stage `" + s.Name + "`"
			}
			f.Relate(s.Platform.Full(), "this stage uses the default").
				Doubting("without the default, modules compiled in %s may be for the build machine's platform instead of the final image's", stage)
		}
	}
	return false
}

// keeps reports whether the default of pair is made of the value that BuildKit has set, as in `ARG TARGETARCH=${TARGETARCH:-amd64}`
// where TARGETARCH is already in scope.
func keeps(env *plan.Env, pair parser.Pair) bool {
	set, _ := env.Uses(pair.Value.Value)
	return slices.Contains(set, pair.Key.Value)
}
