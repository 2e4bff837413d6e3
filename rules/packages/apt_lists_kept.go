package packages

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// AptListsKept reports a RUN that fetches apt's package lists and leaves them in its layer. It is doubtful in a stage that does
// not ship, where a script that the RUN calls may remove them, and where apt-update-alone has the same cure.
var AptListsKept = &lint.Rule{
	Name: "apt-lists-kept", Summary: "apt's package lists stay in a layer", Category: lint.Packages, Aliases: []string{"DL3009"},
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
		// hadolint takes any `rm -rf` for the removal, and counts the stages that others are built from.
		theirs := bare(update.Command) && reused(p, s.Step.Stage) &&
			!slices.ContainsFunc(s.Commands, func(c *shell.Command) bool {
				return c.Name == "rm" && bare(c) && (c.Has("-rf") || c.Deletes(lists))
			})
		why, sure := unlisted(update.Command)
		if sure && (!theirs || s.Step.Discards(lists) && s.Step.Discards("/var/cache/apt")) {
			return
		}
		f := p.Report(update.Verb.Span, "package lists of `%s update` stay in this layer", update.Manager).
			Because("nothing in the image reads them; on Debian 12 they are 20 MB").
			Advise("end the `RUN` with `&& rm -rf %s/*`, or mount a cache on `/var/lib/apt` and on `/var/cache/apt`", lists).
			Doubting(why)
		if theirs {
			f.Alias("DL3009")
		}
		if user := installsFrom(p, s.Step); user != nil {
			f.Because("on Debian 12 they are 20 MB").
				Advise("update and install in one `RUN`, and end it with `&& rm -rf %s/*`", lists).
				Relate(user.Command.Span, "installs from them")
			if why == "" && alone(s) {
				f.Doubting("a later `RUN` installs from them")
			}
			return
		}
		if why == "" {
			removedLater(p, s, f)
			endWith(p, f, update.Command, "rm -rf "+lists+"/*")
		}
	}),
}

// unlisted says what keeps the lists that update fetches out of the layer, "" if nothing does; sure is false if it only may.
func unlisted(update *shell.Command) (why string, sure bool) {
	step := update.Script.Step
	behind := after(update)
	switch {
	case slices.ContainsFunc(behind, removesLists):
		return "the same `RUN` removes them", true
	case step.Discards(lists):
		return "a mount keeps them out of the layer", true
	case cleaner(behind) != "":
		return "`" + cleaner(behind) + "` may remove them", false
	case !step.Stage.Shipped:
		return off, false
	}
	return "", false
}

// removesLists reports whether c removes apt's package lists.
func removesLists(c *shell.Command) bool {
	return c.Deletes(lists) || (c.Name == "apt-get" || c.Name == "apt") && (c.Has("dist-clean") || c.Has("distclean"))
}

// removedLater points f at a removal that comes in a layer of its own, too late.
func removedLater(p *lint.Pass, s *shell.Script, f *lint.Finding) {
	for _, step := range s.Step.Stage.Steps[s.Step.Index+1:] {
		later := p.Script(step)
		if later == nil {
			continue
		}
		if i := slices.IndexFunc(later.Commands, removesLists); i >= 0 {
			f.Relate(later.Commands[i].Span, "removed here, in a later layer: the image is no smaller for it")
			return
		}
	}
}
