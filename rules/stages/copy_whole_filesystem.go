package stages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// CopyWholeFilesystem reports `COPY --from=x / /` from a stage with an operating system to another one. To an empty
// stage it flattens an image, and images that consist of a few files are meant to be copied this way.
var CopyWholeFilesystem = &lint.Rule{
	Name: "copy-whole-filesystem", Summary: "`COPY --from=… / /` copies a whole file system", Category: lint.Stages,
	Aliases:  []string{"DL3067"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		t := s.Copy
		if t == nil || t.From == nil || t.To.Text != "/" || !t.To.Known {
			return
		}
		for _, src := range t.Sources {
			if src.Path.Text != "/" || !src.Path.Known {
				continue
			}
			f := p.Report(src.Word.Full(), "`COPY` of `%s` copies the whole file system of `%s`", src.Word.String, t.From.Value.Text).
				Because("the instruction does not show which files it copies, and they may overwrite files of the base image").
				Advise("copy only the files that the image needs")
			if parity.CopyWholeFilesystem(t, &src) {
				f.Alias("DL3067")
			}
			switch {
			case empty(s.Stage):
				f.Because("the copy may include files that the image does not need, such as package caches").
					Doubting("this stage starts from `scratch`, so the copy may be meant to flatten `%s` into one layer", t.From.Value.Text)
			case t.From.Stage != nil && empty(t.From.Stage):
				f.Doubting("`%s` starts from `scratch` and only contains what the build adds", t.From.Value.Text)
			case t.From.Stage == nil || len(t.From.Stage.Steps) == 0:
				f.Doubting("the image may be meant to be copied as a whole")
			}
		}
	}, "COPY", "ADD"),
}

// empty reports whether s starts from nothing.
func empty(s *plan.Stage) bool {
	scratch := false
	for _, s := range s.Lineage() {
		scratch = s.Base != nil && s.Base.Scratch
	}
	return scratch
}
