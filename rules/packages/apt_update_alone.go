package packages

import (
	"slices"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// AptUpdateAlone reports a RUN that fetches apt's package lists for a later RUN to install from. A RUN that calls
// anything of unknown effect, such as a script, is left alone. Confidence is low if no later RUN of the file installs
// from the lists.
var AptUpdateAlone = &lint.Rule{
	Name: "apt-update-alone", Summary: "`apt-get update` and the install are in different `RUN` instructions",
	Category: lint.Packages,
	Aliases:  []string{"DS-0017", "CKV_DOCKER_5"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		if !alone(s) || s.Step.Discards(lists) {
			return
		}
		all := s.Calls()
		i := slices.IndexFunc(all, func(call *shell.Call) bool { return isApt(call) && call.Action == shell.Refresh })
		f := p.Report(all[i].Verb.Span, "`%s update` is in a separate `RUN`", all[i].Manager).
			Because("the layer is cached, so if the install step changes later, apt uses old lists, which may name versions that no longer exist").
			Advise("write `%s update && %[1]s install …` in a single `RUN`", all[i].Manager)
		if parity.LoneUpdate(all[i]) {
			f.Alias("DS-0017")
		}
		if user, opaque := installsFrom(p, s.Step); user != nil {
			label := "this step installs from the lists"
			if opaque {
				label = "this step may install from the lists"
			}
			f.Relate(user.Command.Span, "%s", label)
		} else {
			f.Because("the lists are cached with the layer, so a later install may request versions that no longer exist").
				Advise("remove `%s update`", all[i].Manager).
				Doubting("nothing in this file installs packages from the lists")
		}
	}),
}

// alone reports whether s fetches apt's lists and surely installs nothing.
func alone(s *shell.Script) bool {
	return slices.ContainsFunc(s.Calls(), func(call *shell.Call) bool {
		return isApt(call) &&
			call.Action == shell.Refresh
	}) &&
		!slices.ContainsFunc(s.Commands, func(c *shell.Command) bool { return !plain(c) })
}

// plain reports whether c surely installs nothing.
func plain(c *shell.Command) bool {
	if runs(c, ecosystem.Apt) {
		return c.Has("update") || c.Has("clean") || c.Has("autoclean") || c.Has("autoremove")
	}
	switch c.Name {
	case "", "rm", "echo", "printf", "cat", "sed", "set", "export", "mkdir", "true", ":", "sudo", "tee", "cp", "mv",
		"ln", "ls", "chmod", "env",
		"test", "[", "cd", "grep", "sleep", "exit", "find", "dpkg-reconfigure", "add-apt-repository", "apt-key", "gpg",
		"curl", "wget":
		return c.PipeTo == nil || plain(c.PipeTo)
	}
	return false
}

// installsFrom is the first installation after update that uses its lists: in the same stage or in one built FROM it,
// with no other update between them. opaque says that a downloaded script between them may fetch the lists again.
func installsFrom(p *lint.Pass, update *plan.Step) (user *shell.Call, opaque bool) {
	below := map[*plan.Stage]bool{update.Stage: true}
stages:
	for _, stage := range p.Plan.Stages[update.Stage.Index:] {
		if stage.Base != nil && below[stage.Base.Stage] {
			below[stage] = true
		}
		if !below[stage] {
			continue
		}
		steps := stage.Steps
		if stage == update.Stage {
			steps = steps[update.Index+1:]
		}
		for _, step := range steps {
			s := p.Script(step)
			if s == nil {
				continue
			}
			opaque = opaque || downloads(s)
			for _, call := range s.Calls() {
				switch {
				case !isApt(call):
				case call.Action == shell.Install:
					return call, opaque
				case call.Action == shell.Refresh && stage == update.Stage:
					return nil, false
				case call.Action == shell.Refresh:
					continue stages
				}
			}
		}
	}
	return nil, false
}

// downloads reports whether a shell in s reads what a command before it in a pipe prints.
func downloads(s *shell.Script) bool {
	return slices.ContainsFunc(s.Commands, func(c *shell.Command) bool {
		return c.PipeFrom != nil && (c.Name == "sh" || c.Name == "bash")
	})
}
