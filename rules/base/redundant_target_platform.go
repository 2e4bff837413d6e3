package base

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// RedundantTargetPlatform reports `FROM --platform=$TARGETPLATFORM`, in any spelling that comes to the same value.
var RedundantTargetPlatform = &lint.Rule{
	Name: "redundant-target-platform", Summary: "FROM asks for the platform that it has anyway", Category: lint.Base,
	Aliases:  []string{"RedundantTargetPlatform", "DL3065"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		const name = "TARGETPLATFORM"
		if s.Platform.Value == "" {
			return
		}
		set, missing := p.Plan.Env.Uses(s.Platform.Value)
		if len(missing) > 0 || !slices.Equal(set, []string{name}) {
			return
		}
		exact := s.Platform.Value == "$"+name || s.Platform.Value == "${"+name+"}"
		if !exact && !plain(s.Platform.Value, name) {
			return
		}
		flag := s.From.Flag("platform")
		f := p.Report(flag.Full(), "`%s` is the default", flag.String).
			Because("each FROM starts from the target platform unless it says otherwise").
			Advise("remove the flag").
			Alias("RedundantTargetPlatform")
		if exact {
			f.Alias("DL3065")
		}
		if v := p.Plan.Env.Lookup(name); v.Step() != nil && v.Pair.HasValue {
			f.Doubting("`ARG %s` sets another platform", name)
		}
	}),
}

// plain reports whether a flag's value is the variable alone: quoted, or with a default that never counts, as it is always set.
func plain(value, name string) bool {
	if slices.Contains([]string{`"$` + name + `"`, `"${` + name + `}"`}, value) {
		return true
	}
	head := "${" + name
	if len(value) <= len(head)+2 || value[:len(head)] != head || value[len(value)-1] != '}' {
		return false
	}
	rest := value[len(head) : len(value)-1]
	return rest[0] == '-' || rest[:2] == ":-"
}
