package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// RedundantTargetPlatform reports `FROM --platform=$TARGETPLATFORM`, in any spelling that comes to the same value.
var RedundantTargetPlatform = &lint.Rule{
	Name: "redundant-target-platform", Summary: "FROM asks for the platform that it has anyway", Category: lint.Base,
	Aliases:  []string{"RedundantTargetPlatform", "DL3065"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Safe,
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
		safety := lint.Safe
		if v := p.Plan.Env.Lookup(name); v.Step() != nil && v.Pair.HasValue {
			f.Doubting("`ARG %s` sets another platform", name)
			return
		}
		if declared(p.Plan.Globals, name) {
			safety = lint.Unsafe // `--build-arg` may set it
		}
		if flag.Whole() && !strings.Contains(s.Platform.Value, "-") {
			f.Offer(safety, "remove the flag", lint.Edit{Span: withBlanks(p.File, flag.Full())})
		}
	}),
}

// declared reports whether steps have an ARG of the name.
func declared(steps []*plan.Step, name string) bool {
	return slices.ContainsFunc(steps, func(s *plan.Step) bool {
		return s.Instruction.Name == "ARG" && slices.ContainsFunc(s.Instruction.Pairs, func(a parser.Pair) bool { return a.Key.Value == name })
	})
}

// withBlanks is s with the blanks behind it.
func withBlanks(f *parser.File, s parser.Span) parser.Span {
	for s.End < len(f.Bytes) && (f.Bytes[s.End] == ' ' || f.Bytes[s.End] == '\t') {
		s.End++
	}
	return s
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
