package files

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// RelativeCopyDestination reports COPY or ADD to a relative path in a stage that sets no WORKDIR. It is sure of images that are
// known to have none, where the file lands in the root; others may set one.
var RelativeCopyDestination = &lint.Rule{
	Name: "relative-copy-destination", Summary: "COPY or ADD to a relative path without a WORKDIR", Category: lint.Files, Aliases: []string{"DL3045"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		t := s.Copy
		if t == nil || s.WorkdirStep != nil || absolute(t.Dest.Value) || t.To.Known && absolute(t.To.Text) {
			return
		}
		if strings.HasPrefix(strings.TrimLeft(t.Dest.Value, `"`), "$") {
			return
		}
		f := p.Report(t.Dest.Full(), "destination `%s` is relative and no WORKDIR is set", t.Dest.String).
			Because("the files land wherever the base image starts, which can change with its next release").
			Advise("write an absolute path, or set WORKDIR above")
		if !t.Add {
			f.Alias("DL3045")
		}
		switch root := root(s.Stage); {
		case root == nil:
			f.Doubting("the base image may set a WORKDIR to which this is meant")
		case root.Scratch:
			f.Because("the files land in `/`").Doubting("the empty image starts in `/`, whatever happens")
		case rootless(root):
			f.Because("the base image sets none either: the files land in `/`")
		default:
			f.Doubting("the base image `%s` may set a WORKDIR to which this is meant", root.Ref.Name())
		}
	}),
}

// absolute reports whether a destination is one, also for Windows.
func absolute(dest string) bool {
	dest = strings.Trim(dest, `"'`)
	return strings.HasPrefix(dest, "/") || strings.HasPrefix(dest, `\`) || len(dest) > 1 && dest[1] == ':'
}

// root is the image at the root of s or scratch, nil if it is unknown.
func root(s *plan.Stage) *plan.Image {
	for s.Base != nil && s.Base.Stage != nil {
		s = s.Base.Stage
	}
	if s.Base != nil && (s.Base.Scratch || s.Base.External()) {
		return s.Base
	}
	return nil
}

// rootless reports whether an image is known to set no WORKDIR.
func rootless(i *plan.Image) bool {
	switch i.Ref.Official() {
	case "alpine", "debian", "ubuntu", "busybox", "buildpack-deps", "node", "python", "ruby", "rust", "nginx", "eclipse-temurin":
		return true
	}
	return false
}
