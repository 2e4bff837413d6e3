package runtime

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// EmptyVariable reports an ENV of a stage that ships whose value is a build argument without a default that no FROM needs, if the
// builds that are known of the Dockerfile say their arguments and do not pass it. Otherwise it has a doubt.
var EmptyVariable = &lint.Rule{
	Name: "empty-variable", Category: lint.Runtime,
	Summary:  "`ENV` sets a variable to a build argument that no known build passes",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	AllBuilds: true,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		for _, pair := range s.Instruction.Pairs {
			name, ok := strings.CutPrefix(strings.Trim(pair.Value.String, `"'`), "$")
			if ok && strings.HasPrefix(name, "{") {
				name, ok = strings.CutSuffix(name[1:], "}")
			}
			if !ok || p.Plan.Given(name) || plan.Predefined(name) {
				continue
			}
			v := s.Env.Lookup(name)
			if v == nil || !v.Arg || v.Set || setLater(s, pair.Key.Value) {
				continue
			}
			if inFrom(p.Plan, s.Stage, name) {
				continue // without a value the build fails there
			}
			sets, known := sets(s, name)
			if sets {
				continue // an argument without a value leaves the variable of the base image
			}
			f := p.Report(pair.Key.Full(), "`ENV %s` may be empty, because `ARG %s` has no default", pair.Key.Value, name).
				Because("an empty variable counts as set, so a program may ignore its own default").
				Relate(v.Pair.Span, "the argument has no default").
				Advise("give `ARG %s` a default", name)
			switch {
			case p.Plan.AllArgs() && known:
				f.Message = "`ENV " + pair.Key.Value + "` is empty, because no build passes the argument `" + name + "`"
			case p.Plan.AllArgs():
				f.Doubting("the base image may set the variable")
			case known:
				f.Doubting("a build may pass the argument")
			default:
				f.Doubting("a build may pass the argument, or the base image may set the variable")
			}
		}
	}, "ENV"),
}

// inFrom reports whether the FROM of stage, or of one that it is built from, needs a value for name.
func inFrom(p *plan.Plan, stage *plan.Stage, name string) bool {
	for _, at := range stage.Lineage() {
		if at.Base == nil {
			continue
		}
		ref := at.From.Args[0].Value
		guarded := strings.Contains(ref, "{"+name+":") || strings.Contains(ref, "{"+name+"-")
		if _, missing := p.Env.Uses(ref); !guarded && slices.Contains(missing, name) {
			return true
		}
	}
	return false
}

// setLater reports whether a later ENV of the stage sets name again.
func setLater(s *plan.Step, name string) bool {
	for _, step := range s.Stage.Steps[s.Index+1:] {
		if step.Instruction.Name != "ENV" {
			continue
		}
		for _, pair := range step.Instruction.Pairs {
			if pair.Key.Value == name {
				return true
			}
		}
	}
	return false
}

// sets reports whether the image at the root of the stage of s sets the variable called name; known is false where that is not known.
func sets(s *plan.Step, name string) (sets, known bool) {
	base := s.Stage.Image()
	switch {
	case base == nil:
		return false, false
	case base.Ref == nil:
		return false, base.Value.Text == "scratch"
	}
	return image.Of(*base.Ref).Sets(name)
}
