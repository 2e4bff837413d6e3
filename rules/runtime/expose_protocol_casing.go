package runtime

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// ExposeProtocolCasing reports an upper-case protocol in EXPOSE, even one in the value of a variable.
var ExposeProtocolCasing = &lint.Rule{
	Name: "expose-protocol-casing", Summary: "the protocol in EXPOSE is not in lower case", Category: lint.Runtime,
	Aliases: []string{"ExposeProtoCasing"}, Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.Safe,
	Check: lint.OnInstruction("EXPOSE", func(p *lint.Pass, s *plan.Step, _ *instructions.ExposeCommand) {
		all, _ := container.Exposes(s)
		for _, e := range all {
			_, _, _, proto := e.Split()
			if lower := strings.ToLower(proto); proto != lower && validProtocol(proto) {
				f := p.Report(e.Span(proto), "protocol `%s` should be lower case", proto).
					Because("BuildKit prints a warning, and stores the protocol in lower case anyway").
					Advise("write `%s`", lower).Alias("ExposeProtoCasing")
				if f.Span.Len() == len(proto) && p.File.Text(f.Span) == proto {
					f.Offer(lint.Safe, "write `"+lower+"`", lint.Replace(f.Span, lower))
				}
			}
		}
	}),
}
