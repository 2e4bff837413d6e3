package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// RedundantTargetPlatform reports `FROM --platform=$TARGETPLATFORM`, in any spelling with the same value.
var RedundantTargetPlatform = &lint.Rule{
	Name: "redundant-target-platform", Summary: "`--platform` repeats the default", Category: lint.Base,
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
		if !plain(s.Platform.Value, name) {
			return
		}
		flag := s.From.Flag("platform")
		f := p.Report(flag.Full(), "`%s` is the default", flag.String).
			Because("without the flag, FROM uses the target platform anyway").
			Advise("remove the flag").
			Alias(parity.TargetPlatform(s.Platform.Value, name)...)
		safety := lint.Safe
		if v := p.Plan.Env.Lookup(name); v.Step() != nil && v.Pair.HasValue {
			f.Message = "`" + flag.String + "` is the default, unless `ARG " + name + "` changes it"
			f.Doubting("`ARG %s` has a default, which may be another platform", name)
			return
		}
		if declared(p.Plan.Globals, name) {
			safety = lint.Unsafe // `--build-arg` may set it
		}
		if flag.Whole() && !strings.Contains(s.Platform.Value, "-") {
			f.Offer(safety, "remove `"+flag.String+"`", lint.Delete(withBlanks(p.File, flag.Full())))
		}
	}),
}

// declared reports whether one of steps is an ARG of that name.
func declared(steps []*plan.Step, name string) bool {
	return slices.ContainsFunc(steps, func(s *plan.Step) bool {
		return s.Instruction.Name == "ARG" && slices.ContainsFunc(s.Instruction.Pairs,
			func(a parser.Pair) bool { return a.Key.Value == name })
	})
}

// withBlanks is s with the spaces after it.
func withBlanks(f *parser.File, s parser.Span) parser.Span {
	for s.End < len(f.Bytes) && (f.Bytes[s.End] == ' ' || f.Bytes[s.End] == '\t') {
		s.End++
	}
	return s
}

// plain reports whether a flag's value is only the variable: as it is, quoted, or with a default, which is never used
// because the variable is always set.
func plain(value, name string) bool {
	if slices.Contains([]string{"$" + name, "${" + name + "}", `"$` + name + `"`, `"${` + name + `}"`}, value) {
		return true
	}
	head := "${" + name
	if len(value) <= len(head)+2 || value[:len(head)] != head || value[len(value)-1] != '}' {
		return false
	}
	rest := value[len(head) : len(value)-1]
	return rest[0] == '-' || rest[:2] == ":-"
}
