// Package metadata has the rules on labels and on the style of instructions.
package metadata

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MaintainerInstruction reports MAINTAINER, which LABEL has replaced.
var MaintainerInstruction = &lint.Rule{
	Name: "maintainer-instruction", Summary: "`MAINTAINER` is deprecated in favour of a label", Category: lint.Metadata,
	Aliases: []string{"DL4000", "MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6"}, Severity: lint.Info, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Instruction.Name != "MAINTAINER" {
			return
		}
		p.Report(s.Instruction.Keyword.Full(), "`MAINTAINER` is deprecated").
			Alias("DL4000", "MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6").
			Because("it sets a field of the image that tools no longer show").
			Advise("write `LABEL org.opencontainers.image.authors=\"…\"`")
	}),
}
