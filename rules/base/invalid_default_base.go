package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// InvalidDefaultBase reports a FROM that names no valid image when the build passes no arguments: an ARG without a default, or
// a text that no reference may have. An ARG that must be passed is often meant so, and therefore doubtful. Variables that
// nothing declares belong to undeclared-arg-in-from.
var InvalidDefaultBase = &lint.Rule{
	Name: "invalid-default-base", Summary: "FROM names no valid image without build arguments", Category: lint.Base,
	Aliases:  []string{"InvalidDefaultArgInFrom"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s.Base == nil {
			return
		}
		word := s.From.Args[0]
		if len(p.Plan.Env.Undefined(word)) > 0 {
			return
		}
		value := p.Plan.Env.Expand(word.Value)
		required := unset(p.Plan.Env, word.Value, 0)
		if !value.Known && len(required) == 0 {
			return // the platform decides
		}
		if _, err := plan.ParseRef(value.Text); err == nil {
			return
		}
		f := p.Report(s.Base.Origin, "`%s` is no valid image reference", value.Text).
			Because("`docker build` without `--build-arg` stops here").
			Advise("write a reference such as `debian:13.1`").
			Alias("InvalidDefaultArgInFrom")
		lower := strings.ToLower(value.Text)
		if slices.ContainsFunc(p.Plan.Stages[:s.Index], func(other *plan.Stage) bool { return other.Name != "" && other.Name == lower }) {
			f.Advise("write the stage's name in lower case: `%s`", lower)
		}
		if value.Text == "" {
			f.Message = "the base image is empty"
		}
		if len(required) > 0 {
			f.Span = s.Base.Span
			f.Message = "the base image has no default"
			f.Advise("give `ARG %s` a default", required[0]).Doubting("each build may pass `%s`", required[0])
		}
		if s.Base.Named {
			f.Doubting("a named build context stands in for it")
		}
	}),
}

// unset are the ARGs without a value that word hangs on, also through the defaults of other ARGs.
func unset(scope *plan.Env, word string, depth int) []string {
	const enough = 8
	set, missing := scope.Uses(word)
	missing = slices.DeleteFunc(missing, func(name string) bool { return scope.Lookup(name) == nil })
	if depth >= enough {
		return missing
	}
	for _, name := range set {
		if v := scope.Lookup(name); v.Pair.HasValue {
			missing = append(missing, unset(scope, v.Pair.Value.Value, depth+1)...)
		}
	}
	return missing
}
