package cache

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// DeclaredProxyArg reports an ARG in a stage that declares one of the proxy variables, which BuildKit passes to each RUN anyway. It
// ignores one with a default, and one that another instruction than RUN uses, for which the ARG is needed.
var DeclaredProxyArg = &lint.Rule{
	Name: "declared-proxy-arg", Category: lint.Cache,
	Summary:  "an ARG for a proxy makes the proxy part of the cache key",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		for _, step := range s.Steps {
			if step.Instruction.Name != "ARG" || !slices.ContainsFunc(s.Steps[step.Index:], costs) {
				continue
			}
			for _, pair := range step.Instruction.Pairs {
				name := pair.Key.Value
				if !proxy(name) || pair.HasValue && strings.Trim(pair.Value.Value, `"'`) != "" || expanded(p.Plan, name) {
					continue
				}
				f := p.Report(pair.Span, "`ARG %s` makes the proxy part of the cache key", name).
					Because("a different proxy makes each RUN below the ARG run again, and `docker history` shows the proxy, including any password").
					Advise("remove the ARG; `--build-arg %s=…` works without it", name)
				if len(step.Instruction.Pairs) == 1 && step.Instruction.Text.Whole() {
					f.Offer(lint.Unsafe, "remove `ARG "+name+"`", lint.Delete(lines(p.File, step.Instruction)))
				}
			}
		}
	}),
}

// proxy reports whether BuildKit passes the build argument called name to each RUN (proxyEnvFromBuildArgs).
func proxy(name string) bool {
	const suffix = "_proxy"
	if n := len(name) - len(suffix); n < 0 || !strings.EqualFold(name[n:], suffix) {
		return false
	}
	switch strings.ToLower(name) {
	case "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy":
		return true
	}
	return false
}

// costs reports whether step is a RUN.
func costs(step *plan.Step) bool { return step.Instruction.Name == "RUN" }

// expanded reports whether an instruction other than RUN may use the variable called name.
func expanded(p *plan.Plan, name string) bool {
	uses := func(step *plan.Step) bool {
		text := step.Instruction.Text.String
		return !costs(step) && (strings.Contains(text, "$"+name) || strings.Contains(text, "${"+name))
	}
	return slices.ContainsFunc(p.Stages, func(s *plan.Stage) bool { return slices.ContainsFunc(s.Steps, uses) })
}

// lines are the lines of in, with the line ending of the last one.
func lines(f *parser.File, in *parser.Instruction) parser.Span {
	span := parser.Span{Start: f.Lines.Span(f.Lines.Line(in.Span.Start)).Start, End: in.Span.End}
	if i := strings.IndexByte(string(f.Bytes[span.End:]), '\n'); i >= 0 {
		span.End += i + 1
	}
	return span
}
