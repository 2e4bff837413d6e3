package files

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// CopySeveralToFile reports COPY or ADD of several sources to a destination that does not end in a slash. `.` and what ends in
// `/.` mean a folder to BuildKit, and a variable may end in a slash.
var CopySeveralToFile = &lint.Rule{
	Name: "copy-several-to-file", Summary: "several sources go to a destination without a slash at its end", Category: lint.Files,
	Aliases:  []string{"DL3021", "DS-0011"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		t := s.Copy
		if t == nil || len(t.Sources) < 2 || strings.HasSuffix(t.Dest.Value, "/") || strings.HasSuffix(t.Dest.Value, `\`) {
			return
		}
		f := p.Report(t.Dest.Full(), "destination `%s` of several sources has no slash at its end", t.Dest.String).
			Because("builders other than BuildKit refuse it; and if one source is taken away later, the other becomes a file of this name").
			Advise("write `%s/`", t.Dest.Value)
		if !t.Add {
			f.Alias("DL3021", "DS-0011")
		}
		switch {
		case t.Dest.Value == "." || strings.HasSuffix(t.Dest.Value, "/.") || t.Dest.Value == "..":
			f.Doubting("`.` is a folder")
		case strings.HasSuffix(t.To.Text, "/"):
			f.Doubting("the variable ends in a slash")
		case !t.To.Known:
			f.Doubting("the variable may end in a slash")
		}
	}),
}
