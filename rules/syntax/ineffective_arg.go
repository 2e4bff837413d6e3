package syntax

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// IneffectiveArg reports an ARG of a stage that no instruction below it uses and no RUN follows, whose environment would
// have it, and an ARG above the first FROM whose name appears in no other instruction. It ignores those that BuildKit itself
// reads, and an ARG of a stage that others are built from. There is a doubt if a base image may use it in an ONBUILD.
var IneffectiveArg = &lint.Rule{
	Name: "ineffective-arg", Summary: "nothing uses a build argument", Category: lint.Syntax,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		left := maxArgs
		for i, step := range p.Plan.Globals {
			for _, pair := range argPairs(step, &left) {
				if !slices.ContainsFunc(p.Plan.Globals[i+1:], usedBy(pair)) && !inStages(p.Plan, pair) {
					f := reportIneffective(p, pair).
						Because("no FROM uses the argument, and no stage declares it again")
					if pair.HasValue && slices.ContainsFunc(p.Plan.Stages, tagged(pair.Value.Value)) {
						f.Advise("write `${%s}` instead of `%s` in `FROM`", pair.Key.Value, pair.Value.Value)
					}
					if slices.ContainsFunc(p.Plan.Stages, unknownBase) {
						f.Doubting("the base image may use the argument in an ONBUILD instruction")
					}
				}
			}
		}
		for _, s := range p.Plan.Stages {
			if !s.Reached || slices.ContainsFunc(p.Plan.Stages, func(o *plan.Stage) bool { return o.Base != nil && o.Base.Stage == s }) {
				continue
			}
			for _, step := range slices.Backward(s.Steps) {
				if name := step.Instruction.Name; name == "RUN" || name == "ONBUILD" {
					break
				}
				for _, pair := range argPairs(step, &left) {
					if !slices.ContainsFunc(s.Steps[step.Index+1:], usedBy(pair)) {
						f := reportIneffective(p, pair)
						f.Message = fmt.Sprintf("nothing in this stage uses the build argument `%s`", pair.Key.Value)
						if from := usedBelow(p.Plan, s, pair); from > 0 {
							f.Because("the `FROM` on line %d uses the `ARG` above the first `FROM`, not this one", from)
						}
					}
				}
			}
		}
	}),
}

// maxArgs is how many build arguments of a file are looked at, since each is compared with all instructions below it.
const maxArgs = 100

// argPairs are the arguments that step declares and BuildKit does not read itself, at most left of them.
func argPairs(step *plan.Step, left *int) (out []parser.Pair) {
	if step.Instruction.Name != "ARG" || strings.Contains(step.Instruction.Text.String, "#") { // trailing-comment reports the second
		return nil
	}
	for _, pair := range step.Instruction.Pairs {
		if *left--; *left >= 0 && !reserved(pair.Key.Value) {
			out = append(out, pair)
		}
	}
	return out
}

// tagged reports whether the tag of the base image of a stage begins with version.
func tagged(version string) func(*plan.Stage) bool {
	return func(s *plan.Stage) bool {
		if s.Base == nil || version == "" {
			return false
		}
		_, rest, ok := strings.Cut(s.Base.Word.String, ":"+version)
		return ok && (rest == "" || rest[0] == '-')
	}
}

func usedBy(pair parser.Pair) func(*plan.Step) bool {
	return func(s *plan.Step) bool { return names(s.Instruction, pair.Key.Value) }
}

// usedBelow is the line of the next FROM below s that uses an argument of the same name as pair, which is declared above the
// first FROM; 0 if there is none.
func usedBelow(p *plan.Plan, s *plan.Stage, pair parser.Pair) int {
	if p.Env.Lookup(pair.Key.Value) == nil {
		return 0
	}
	for _, below := range p.Stages[s.Index+1:] {
		if below.From != nil && names(below.From, pair.Key.Value) {
			return p.File.Lines.Line(below.From.Span.Start)
		}
	}
	return 0
}

func inStages(p *plan.Plan, pair parser.Pair) bool {
	return slices.ContainsFunc(p.Stages, func(s *plan.Stage) bool {
		return s.From != nil && names(s.From, pair.Key.Value) || slices.ContainsFunc(s.Steps, usedBy(pair))
	})
}

// names reports whether the text of in has name in it.
func names(in *parser.Instruction, name string) bool {
	return strings.Contains(in.Text.String, name) || slices.ContainsFunc(in.Heredocs, func(h parser.Heredoc) bool {
		return strings.Contains(h.Body.String, name)
	})
}

// reserved reports whether BuildKit, or a builder's client, reads the argument called name itself, or name is not one.
// Sources: https://docs.docker.com/reference/dockerfile/#predefined-args and the sections below it.
func reserved(name string) bool {
	upper := strings.ToUpper(name)
	return strings.HasPrefix(upper, "BUILDKIT_") || strings.HasSuffix(upper, "_PROXY") || upper == "SOURCE_DATE_EPOCH" ||
		plan.Predefined(name) || strings.Trim(upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != ""
}

func reportIneffective(p *lint.Pass, pair parser.Pair) *lint.Finding {
	return p.Report(pair.Key.Full(), "nothing in this file uses the build argument `%s`", pair.Key.Value).
		Because("no later instruction in the stage uses the argument, and it is not set in the container").
		Advise("remove the `ARG`")
}

// unknownBase reports whether the base image of s may have ONBUILD instructions. They run before those of s, so they only see arguments
// above the first FROM.
func unknownBase(s *plan.Stage) bool {
	i := s.Base
	return i == nil || i.Stage == nil && !i.Scratch && (!i.External() || !image.Of(*i.Ref).Known())
}
