package files

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// CopySeveralToFile reports COPY or ADD of several sources to a destination without a trailing slash. BuildKit treats
// `.` and anything that ends in `/.` as a directory, and the value of a variable may end in a slash.
var CopySeveralToFile = &lint.Rule{
	Name:     "copy-several-to-file",
	Summary:  "several sources are copied to a destination without a trailing slash",
	Category: lint.Files,
	Aliases:  []string{"DL3021", "DS-0011"},
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		t := s.Copy
		if t == nil || len(t.Sources) < 2 || strings.HasSuffix(t.Dest.Value, "/") || strings.HasSuffix(t.Dest.Value, `\`) {
			return
		}
		f := p.Report(t.Dest.Full(), "destination `%s` has several sources but no trailing slash", t.Dest.String).
			Because(
				"older builders reject this, and if only one source is left, it is copied to a file with this name",
			).
			Advise("write `%s/`", t.Dest.Value)
		if parity.Destination(t) {
			f.Alias("DL3021", "DS-0011")
		}
		switch {
		case t.Dest.Value == "." || strings.HasSuffix(t.Dest.Value, "/.") || t.Dest.Value == "..":
			f.Doubting(parity.Regardless("`.` is always a directory"))
		case strings.HasSuffix(t.To.Text, "/"):
			f.Doubting("the variable ends in a slash")
		case !t.To.Known:
			f.Doubting("the variable may end in a slash")
		}
	}),
}
