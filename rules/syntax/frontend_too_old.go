package syntax

import (
	"fmt"

	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// FrontendTooOld reports what the release of Docker's frontend that `# syntax=` names does not have yet. It only judges stable releases
// with a minor version, such as 1.4, since `1` is the newest and labs releases have some features earlier.
var FrontendTooOld = &lint.Rule{
	Name: "frontend-too-old", Category: lint.Syntax,
	Summary:  "`# syntax=` selects a frontend that lacks a feature the file uses",
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		needs := frontend.Needs(p)
		if builder, _ := p.Builder(); len(needs) == 0 || builder != lint.BuildKit {
			return // no other one reads the directive
		}
		syntax := p.Plan.Syntax
		tag := syntax.Ref.Tag
		span := syntax.Word.Full()
		for _, n := range needs {
			f := p.Report(n.Span, "%s needs `docker/dockerfile:1.%d`", n.Text, n.Minor).
				Because("the `# syntax` directive selects release %s, which lacks this feature", tag).
				Advise("write `# syntax=docker/dockerfile:1`, which selects the newest release").
				Relate(span, "the release is selected here")
			if n.Reached {
				f.Breaking(lint.BreaksFrontend)
			}
			if end := ":" + tag; syntax.Ref.Digest == "" && len(syntax.Word.String) > len(end) {
				at := parser.Span{Start: span.End - len(tag), End: span.End}
				f.Offer(lint.Unsafe, fmt.Sprintf("use release 1 instead of %s", tag), lint.Replace(at, "1"))
			}
		}
	}),
}
