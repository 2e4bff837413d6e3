package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// RelativeCopyDestination reports COPY or ADD to a relative path in a stage that sets no WORKDIR. Confidence is high
// for images that are known not to set one either, where the files end up in the root directory; other images may set
// one.
var RelativeCopyDestination = &lint.Rule{
	Name:     "relative-copy-destination",
	Summary:  "`COPY` or `ADD` to a relative path without a `WORKDIR`",
	Category: lint.Files,
	Aliases:  []string{"DL3045"},
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		t := s.Copy
		if t == nil || s.WorkdirStep != nil || absolute(t.Dest.Value) || t.To.Known && absolute(t.To.Text) {
			return
		}
		if strings.HasPrefix(strings.TrimLeft(t.Dest.Value, `"`), "$") {
			return
		}
		f := p.Report(t.Dest.Full(), "destination `%s` is relative and no `WORKDIR` is set", t.Dest.String).
			Because("the path is relative to the base image's working directory, which may change in that image's next release").
			Advise("use an absolute path, or set `WORKDIR` first")
		if parity.Destination(t) {
			f.Alias("DL3045")
		}
		perhaps := "destination `" + t.Dest.String + "` is relative, and the Dockerfile sets no `WORKDIR` for it"
		switch root := root(s.Stage); {
		case root == nil:
			f.Message = perhaps
			f.Doubting("the base image may set a `WORKDIR` that this path relies on")
		case root.Scratch:
			f.Because("the path is relative to `/`").Doubting("the working directory of `scratch` is always `/`")
		case image.Of(*root.Ref).Workdir() == "/":
			f.Because("the base image sets none either, so the path is relative to `/`")
			switch {
			case readLater(s):
				f.Doubting("a later step uses the path, so it is probably intended")
			case !s.Stage.Shipped:
				f.Doubting("the stage does not ship, so the path only matters during the build")
			}
		default:
			f.Message = perhaps
			f.Doubting("the base image `%s` may set a `WORKDIR` that this path relies on", root.Ref.Name())
		}
		p.Repeat(f, s.Stage)
	}, "COPY", "ADD"),
}

// readLater reports whether s copies one file that a RUN of its stage names afterwards.
func readLater(s *plan.Step) bool {
	if len(s.Copy.Sources) != 1 {
		return false
	}
	name := path.Base(s.Copy.Sources[0].Word.Value)
	return name != "." && name != "/" && !strings.Contains(name, "*") &&
		slices.ContainsFunc(s.Stage.Steps[s.Index+1:], func(later *plan.Step) bool {
			return later.Instruction.Name == "RUN" && strings.Contains(later.Instruction.Text.String, name)
		})
}

// absolute reports whether a destination is an absolute path, on Linux or on Windows.
func absolute(dest string) bool {
	dest = strings.Trim(dest, `"'`)
	return strings.HasPrefix(dest, "/") || strings.HasPrefix(dest, `\`) || len(dest) > 1 && dest[1] == ':'
}

// root is the image that s is built from in the end, or scratch; nil if it is unknown.
func root(s *plan.Stage) *plan.Image {
	for s.Base != nil && s.Base.Stage != nil {
		s = s.Base.Stage
	}
	if s.Base != nil && (s.Base.Scratch || s.Base.External()) {
		return s.Base
	}
	return nil
}
