package packages

import (
	"slices"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// AptListsKept reports a RUN that fetches apt's package lists and leaves them in its layer. Confidence is low in a
// stage that does not ship, where a script that the RUN calls may remove them, and where apt-update-alone has the same
// fix.
var AptListsKept = &lint.Rule{
	Name: "apt-lists-kept", Summary: "apt's package lists stay in a layer", Category: lint.Packages,
	Aliases:  []string{"DL3009"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		var update *shell.Call
		for _, call := range s.Calls() {
			if isApt(call) && call.Action == shell.Refresh {
				update = call // the last one
			}
		}
		if update == nil {
			return
		}
		theirs := parity.AptLists(p.Plan, s, update, lists)
		why, sure := unlisted(p, update.Command)
		if sure && (!theirs || s.Step.Discards(lists) && s.Step.Discards("/var/cache/apt")) {
			return
		}
		if sure {
			why = parity.Regardless(why)
		}
		removal := asRoot(update.Command, "rm -rf "+lists+"/*")
		f := p.Report(update.Verb.Span, "apt's package lists stay in this layer").
			Because("only a later `apt` command would read them").
			Advise("end the `RUN` with `%s`", removal).
			Doubting(why)
		switch {
		case sure:
			f.Message, f.Note = "apt's package lists are removed in a way that hadolint does not see", ""
			f.Advise("if you also use hadolint, end the `RUN` with `%s`", removal)
			if s.Step.Discards(lists) {
				f.Message = "hadolint does not see that a mount keeps apt's package lists out of the layer"
				f.Advise("%s", parity.Ignore("DL3009"))
			}
		case why != "" && why != unshipped(p, s.Step.Stage):
			f.Message = "apt's package lists may stay in this layer"
		}
		if theirs {
			f.Alias("DL3009")
		}
		if user, opaque := installsFrom(p, s.Step); user != nil {
			f.Note = ""
			f.Advise("run `%s update` in each `RUN` that installs packages, and end each with `%s`", update.Manager, removal).
				Relate(user.Command.Span, "this step installs from them")
			if opaque {
				f.Related[len(f.Related)-1].Message = "this step may install from them"
			}
			if alone(s) {
				f.Advise("update and install in the same `RUN`, and end it with `%s`", removal)
				if why == "" {
					f.Doubting("a later `RUN` needs the lists as long as it does not fetch them itself")
				}
			}
			return
		}
		if name := scripted.Of(p)[s.Step.Stage]; why == "" && name != "" {
			f.Doubting("`%s` in another step may leave package lists in the image as well", name)
			return
		}
		if why == "" {
			removedLater(p, s, f)
			endWith(p, f, update.Command, removal)
			p.Repeat(f, s.Step.Stage)
		}
	}),
}

// unlisted says what keeps the lists that update fetches out of the layer, "" if nothing does; sure is false if it only
// may.
func unlisted(p *lint.Pass, update *shell.Command) (why string, sure bool) {
	step := update.Script.Step
	rest := after(update)
	switch {
	case slices.ContainsFunc(rest, removesLists):
		return "the same `RUN` removes the lists", true
	case step.Discards(lists):
		return "a mount keeps the lists out of the layer", true
	case cleaner(rest) != "":
		return "`" + cleaner(rest) + "` may remove the lists", false
	}
	return unshipped(p, step.Stage), false
}

// removesLists reports whether c removes apt's package lists.
func removesLists(c *shell.Command) bool {
	return c.Deletes(lists) || runs(c, ecosystem.Apt) && (c.Has("dist-clean") || c.Has("distclean"))
}

// removals are the first command after each step of a stage that removes apt's package lists.
var removals = lint.NewFact(func(p *lint.Pass) map[*plan.Step]*shell.Command {
	out := map[*plan.Step]*shell.Command{}
	for _, stage := range p.Plan.Stages {
		var next *shell.Command
		for _, step := range slices.Backward(stage.Steps) {
			out[step] = next
			if s := p.Script(step); s != nil {
				if i := slices.IndexFunc(s.Commands, removesLists); i >= 0 {
					next = s.Commands[i]
				}
			}
		}
	}
	return out
})

// scripted is, for a stage, a script that one of its steps calls and that may call apt; "" for none. What one RUN removes is then in
// the layer of another.
var scripted = lint.NewFact(func(p *lint.Pass) map[*plan.Stage]string {
	out := map[*plan.Stage]string{}
	for _, stage := range p.Plan.Stages {
		if stage.Base != nil && stage.Base.Stage != nil {
			out[stage] = out[stage.Base.Stage]
		}
		for _, sc := range p.Scripts(stage) {
			for _, c := range sc.Commands {
				if out[stage] == "" {
					out[stage] = install.Of(p).Unread(c, "apt")
				}
			}
		}
	}
	return out
})

// removedLater points f at a removal in a later layer, which comes too late.
func removedLater(p *lint.Pass, s *shell.Script, f *lint.Finding) {
	if c := removals.Of(p)[s.Step.Stage.Steps[s.Step.Index]]; c != nil {
		f.Relate(c.Span, "removed here, but in a later layer, so the image does not get smaller")
	}
}
