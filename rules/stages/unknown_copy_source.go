package stages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/util/suggest"

	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// UnknownCopySource reports a `COPY --from` that does not refer to an earlier stage: a later stage, an index that no
// stage has, a variable, or a name with a typo. Any other name may be an image or a named build context, which makes
// the finding uncertain; with a tag or a digest there is none.
var UnknownCopySource = &lint.Rule{
	Name: "unknown-copy-source", Summary: "`COPY --from` does not refer to an earlier stage", Category: lint.Stages,
	Aliases:  []string{"DL3022"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil {
			return
		}
		from := s.Copy.From
		name := from.Value.Text
		_, err := strconv.Atoi(name)
		refusal := frontend.On(p, frontend.CopyFrom, s)
		switch {
		case strings.ContainsAny(name, "$") && refusal != nil:
			f := p.Report(from.Span, "`--from=%s` contains a variable", from.Word.String).
				Because("BuildKit does not expand variables in `--from`, and rejects the Dockerfile").
				Advise("add a stage `FROM %s AS …`, and copy from that stage", name).
				Alias("DL3022")
			if arg := local(p.Plan, s, name); arg != "" {
				f.Advise("declare `ARG %s=…` above the first `FROM`, add a stage `FROM %s AS …`, and copy from that stage", arg, name)
			}
			frontend.Claim(p, f, true)
		case from.Stage != nil && from.Stage.Index > s.Stage.Index:
			f := p.Report(from.Span, "stage `%s` is defined after this one", name).
				Relate(from.Stage.From.Head(), "the stage is defined here").
				Because("a stage has to be defined before the `COPY` that uses it, so the build fails").
				Advise("move the stage up")
			if parity.CopyFromBelow(from) {
				f.Alias("DL3022")
			}
			if refusal != nil && refusal.Breaks {
				f.Breaking(lint.BreaksFrontend)
			}
		case from.Stage != nil && (refusal == nil || from.Stage == s.Stage):
		case err == nil && from.Stage == nil && refusal != nil:
			p.Report(from.Span, "there is no stage with index %s", name).
				Because("stage indexes start at 0 and this file has %s, so BuildKit rejects the Dockerfile",
					stages(len(p.Plan.Stages))).
				Advise("use the stage's name").
				Alias("DL3022").
				Breaking(lint.BreaksFrontend)
		case refusal != nil:
			refusal.Report(p)
		case err == nil, strings.Contains(name, ":"):
		default:
			unnamed(p, s, from)
		}
	}, "COPY", "ADD"),
}

// local is a variable in name, of step, that no ARG above the first FROM declares, "" if there is none.
func local(p *plan.Plan, step *plan.Step, name string) string {
	set, missing := step.Env.Uses(name)
	for _, variable := range append(set, missing...) {
		if !slices.ContainsFunc(p.Globals, func(g *plan.Step) bool {
			return slices.ContainsFunc(g.Instruction.Pairs, func(pair parser.Pair) bool { return pair.Key.Value == variable })
		}) {
			return variable
		}
	}
	return ""
}

// unnamed reports a name without a tag that no stage has.
func unnamed(p *lint.Pass, s *plan.Step, from *plan.Image) {
	name := from.Value.Text
	f := p.Report(from.Span, "no stage is named `%s`", name).
		Because("BuildKit treats the name as an image").
		Advise("use the name of an earlier stage, or add a tag if an image is meant").
		Alias("DL3022")
	var names []string
	const many = 100 // measuring each of more names takes longer than it is worth
	for _, other := range p.Plan.Stages[:min(s.Stage.Index, many)] {
		if other.Name != "" {
			names = append(names, other.Name)
		}
	}
	near, ok := suggest.Search(strings.ToLower(name), names, true)
	switch {
	case from.Named:
		f.Because("BuildKit treats the name as a build context").Advise("").Doubting("the build has a context with this name")
	case strings.Contains(name, "/"):
		f.Advise("add a tag or a digest").Doubting("a name with a slash is probably meant as an image")
	case strings.Contains(name, ".") || from.Scratch || from.External() && image.Of(*from.Ref).Known():
		f.Doubting("the name may be meant as an image")
	case ok && len(name) > 4 && stem(name) != stem(near):
		i := slices.IndexFunc(p.Plan.Stages, func(x *plan.Stage) bool { return x.Name == near })
		f.Because("BuildKit treats the name as an image, which most likely does not exist").
			Advise("did you mean the stage `%s`?", near).
			Relate(p.Plan.Stages[i].NameWord.Full(), "this stage has a similar name")
	case !p.Plan.AllArgs(): // who describes a build with its arguments would name its contexts, too
		f.Because("BuildKit treats the name as an image unless the build has a context with this name").
			Doubting("the name may be meant as an image or a named build context")
	}
}

// stem is a name without the number at its end: build1 is not a typo for build2.
func stem(name string) string { return strings.TrimRight(strings.ToLower(name), "0123456789") }

// stages counts stages in words.
func stages(n int) string {
	if n == 1 {
		return "1 stage"
	}
	return strconv.Itoa(n) + " stages"
}
