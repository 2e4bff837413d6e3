package parity

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Sees reports whether hadolint's rules for the family of call's manager look at call: it is called by its bare name,
// and by one that they know.
func Sees(call *shell.Call) bool {
	m := ecosystem.Of(call.Manager)
	return Bare(call.Command) && (m == nil || !slices.Contains(m.Hadolint.Unseen, call.Command.Words[0].Text))
}

// Ignore is the help of a finding that only hadolint's users have: a change would spoil what is right.
func Ignore(code string) string {
	return "if you also use hadolint, write `# hadolint ignore=" + code + "` above the step"
}

// AptPrompt reports whether hadolint prints DL3014 for a call of apt that prompts, and AptRecommends whether it prints
// DL3015 for one that installs recommended packages.
func AptPrompt(call *shell.Call) bool { return Sees(call) && call.Verb.Text == "install" }

// AptRecommends is explained at AptPrompt.
func AptRecommends(call *shell.Call) bool { return Sees(call) }

// AptLists reports whether hadolint prints DL3009 for an update in sc. Any `rm -rf` counts as the removal, and it looks
// at the stages that others are built from, by their literal names.
func AptLists(p *plan.Plan, sc *shell.Script, update *shell.Call, lists string) bool {
	s := sc.Step.Stage
	last := s.Index == len(p.Stages)-1 || slices.ContainsFunc(p.Stages, func(o *plan.Stage) bool {
		return o.Base != nil && o.Base.Stage == s && o.Base.Word.String == o.Base.Value.Text
	})
	return last && Bare(update.Command) && !slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
		return c.Name == "rm" && Bare(c) && (c.Has("-rf") || c.Deletes(lists))
	})
}

// LoneUpdate reports whether Trivy prints DS-0017 for an update in a RUN of its own.
func LoneUpdate(call *shell.Call) bool {
	m := ecosystem.Of(call.Manager)
	return m == nil || !m.Hadolint.TrivySkip
}

// Prompts reports whether hadolint has a rule on call, whose manager prompts.
func Prompts(call *shell.Call) bool {
	verbs := "install groupinstall localinstall"
	if m := ecosystem.Of(call.Manager); m != nil && m.Family == ecosystem.Zypper {
		verbs = "install in remove rm source-install si patch"
	}
	return ecosystem.Has(verbs, call.Verb.Text) && Sees(call)
}

// Leftover is how hadolint looks for the cache that a manager leaves in a layer.
type Leftover struct {
	Verbs string // that it looks at, `-` for none
	// Managers are those that empty the cache, if they are called by their own names.
	Managers func(*ecosystem.Manager) bool
	Mounts   []string // the parts of a mount's target that it knows
	Removal  bool     // any `rm -rf` satisfies it
	Used     bool     // it only looks at the last stage and at those that a FROM names
	Any      bool     // it knows every command of the manager
}

// Fills reports whether hadolint takes call, with verb or `-`, for one that fills the cache.
func (l *Leftover) Fills(call *shell.Call, verb string) bool {
	return ecosystem.Has(l.Verbs, verb) && (l.Any && Bare(call.Command) || Sees(call))
}

// Reported reports whether hadolint prints a finding for call, which fills the cache.
func (l *Leftover) Reported(p *plan.Plan, call *shell.Call) bool {
	sc := call.Command.Script
	for _, m := range sc.Step.Mounts {
		known := func(part string) bool { return strings.Contains(m.Target.Text, part) }
		if (m.Type == "cache" || m.Type == "tmpfs") && slices.ContainsFunc(l.Mounts, known) {
			return false
		}
	}
	s := sc.Step.Stage
	if l.Used && s != p.Stages[len(p.Stages)-1] && !slices.ContainsFunc(p.Stages,
		func(o *plan.Stage) bool { return o.Base != nil && o.Base.Stage == s }) {
		return false
	}
	for _, c := range sc.Commands {
		if c.Span.Start < call.Command.Span.Start || !Bare(c) {
			continue
		}
		m := ecosystem.Of(c.Name)
		if m != nil && m.Name == c.Name && l.Managers(m) && slices.ContainsFunc(c.Args(),
			func(w shell.Word) bool { return ecosystem.Has("clean cc", w.Text) }) ||
			l.Removal && c.Name == "rm" && c.Has("-r", "-R") && c.Has("-f") {
			return false
		}
	}
	return true
}
